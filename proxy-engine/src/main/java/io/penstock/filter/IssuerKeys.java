package io.penstock.filter;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import io.penstock.spi.FilterRefusedException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The public keys of an issuer, and which signatures they may have made. The algorithm is one that the key allows, by its
 * {@code alg} or by its kind, and that the configuration does; a token chooses among these and nothing else. A key of
 * another use, a shared secret and an RSA key of less than 2048 bits are left out.
 */
final class IssuerKeys {
    /** What became of a signature. */
    enum Outcome {
        /** It is good. */
        GOOD,
        /** It is not. */
        BAD,
        /** No key fits the token; a set that is read again may have one. */
        NO_KEY
    }

    private static final int TRIES_MAX = 4;
    private static final int ED25519_SIGNATURE_BYTES = 64;
    // The ASN.1 that stands before the 32 bytes of an Ed25519 key (RFC 8410).
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final List<JWK> keys;
    private final Set<String> algorithms;

    private IssuerKeys(List<JWK> keys, Set<String> algorithms) {
        this.keys = keys;
        this.algorithms = algorithms;
    }

    /**
     * The keys of a JWK set that an issuer has sent.
     *
     * @throws ParseException if it is none, or has no key that may be used; the message says of each key why
     */
    static IssuerKeys parse(String jwks, Set<String> algorithms) throws ParseException {
        KeySetReading read = KeySetReading.of(jwks);
        if (read.keys().isEmpty()) {
            throw new ParseException(
                    read.leftOut().isEmpty()
                            ? "its list of keys is empty"
                            : "none of its keys can check a signature: " + read.leftOutText(),
                    0);
        }
        return new IssuerKeys(read.keys(), Set.copyOf(algorithms));
    }

    /**
     * The keys of a JWK set that stands in a configuration: what is no key there is a slip of the one who wrote it, and a set
     * that could let nobody in is too.
     *
     * @throws FilterRefusedException if a key is none, or no key may be used
     */
    static IssuerKeys given(String jwks, Set<String> algorithms) throws FilterRefusedException {
        KeySetReading read;
        try {
            read = KeySetReading.of(jwks);
        } catch (ParseException noSet) {
            throw new FilterRefusedException(
                    "/jwks",
                    "found no set of public keys: " + noSet.getMessage()
                            + "; wanted {keys: [...]} as RFC 7517 says. Take what the issuer publishes at its jwks_uri,"
                            + " or name that in jwksUrl");
        }
        if (read.hasFault() || read.keys().isEmpty()) {
            throw refused(read);
        }
        IssuerKeys keys = new IssuerKeys(read.keys(), Set.copyOf(algorithms));
        if (algorithms.stream().noneMatch(keys::isServed)) {
            throw new FilterRefusedException(
                    "/jwks/keys",
                    "found no key that signs by one of the algorithms "
                            + algorithms.stream().sorted().toList()
                            + ", wanted one at least. Add such a key, or name what the issuer signs by in algorithms");
        }
        return keys;
    }

    private static FilterRefusedException refused(KeySetReading read) {
        List<KeySetReading.LeftOut> leftOut = read.leftOut();
        String wayOut =
                ". Wanted a public key (RSA of 2048 bits or more, EC or Ed25519) for signatures: take what the issuer"
                        + " publishes at its jwks_uri";
        if (leftOut.isEmpty()) {
            return new FilterRefusedException("/jwks/keys", "found an empty list of keys" + wayOut);
        }
        int first = read.hasFault()
                ? leftOut.stream()
                        .filter(KeySetReading.LeftOut::isFault)
                        .findFirst()
                        .orElseThrow()
                        .index()
                : leftOut.getFirst().index();
        return new FilterRefusedException(
                "/jwks/keys/" + first,
                (read.keys().isEmpty()
                                ? "found no key that can check a signature: "
                                : "found keys that cannot be used: ")
                        + read.leftOutText()
                        + wayOut);
    }

    private boolean isServed(String algorithm) {
        return keys.stream().anyMatch(key -> allows(key, algorithm));
    }

    Outcome verify(JWSObject token) {
        JWSHeader header = token.getHeader();
        String wanted = header.getAlgorithm().getName();
        boolean hasKey = false;
        int tries = 0;
        for (JWK key : keys) {
            boolean isMeant = header.getKeyID() == null || header.getKeyID().equals(key.getKeyID());
            if (isMeant && algorithms.contains(wanted) && allows(key, wanted) && tries < TRIES_MAX) {
                hasKey = true;
                tries++;
                if (isSignedWith(key, token)) {
                    return Outcome.GOOD;
                }
            }
        }
        return hasKey ? Outcome.BAD : Outcome.NO_KEY;
    }

    private static boolean allows(JWK key, String algorithm) {
        if (key.getAlgorithm() != null) {
            return key.getAlgorithm().getName().equals(algorithm);
        }
        return switch (key) {
            case RSAKey rsa -> algorithm.startsWith("RS") || algorithm.startsWith("PS");
            case ECKey ec ->
                Curve.forJWSAlgorithm(JWSAlgorithm.parse(algorithm)) != null
                        && Curve.forJWSAlgorithm(JWSAlgorithm.parse(algorithm)).contains(ec.getCurve());
            case OctetKeyPair pair -> algorithm.equals("EdDSA");
            default -> false;
        };
    }

    private static boolean isSignedWith(JWK key, JWSObject token) {
        try {
            return switch (key) {
                case RSAKey rsa -> token.verify(new RSASSAVerifier(rsa));
                case ECKey ec -> token.verify(new ECDSAVerifier(ec));
                case OctetKeyPair pair -> isSignedWith(pair, token);
                default -> false;
            };
        } catch (JOSEException | GeneralSecurityException | RuntimeException unfit) {
            // A signature of another length, or a key that does not fit the algorithm after all.
            return false;
        }
    }

    // By the JDK: the library would need another library for it.
    private static boolean isSignedWith(OctetKeyPair pair, JWSObject token) throws GeneralSecurityException {
        byte[] raw = pair.getDecodedX();
        byte[] signature = token.getSignature().decode();
        if (signature.length != ED25519_SIGNATURE_BYTES || token.getHeader().getCriticalParams() != null) {
            return false;
        }
        byte[] encoded = new byte[ED25519_PREFIX.length + raw.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(raw, 0, encoded, ED25519_PREFIX.length, raw.length);
        PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update(token.getSigningInput());
        return verifier.verify(signature);
    }
}
