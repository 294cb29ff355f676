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
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
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

    private static final int KEYS_MAX = 256;
    private static final int RSA_BITS_MIN = 2048;
    private static final int TRIES_MAX = 4;
    private static final int ED25519_BYTES = 32;
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
     * The keys of a JWK set.
     *
     * @throws ParseException if it is none, or has no key that may be used
     */
    static IssuerKeys parse(String jwks, Set<String> algorithms) throws ParseException {
        List<JWK> keys = new ArrayList<>();
        for (JWK key : JWKSet.parse(jwks).getKeys()) {
            if (isForSignatures(key) && keys.size() < KEYS_MAX) {
                keys.add(key.toPublicJWK());
            }
        }
        if (keys.isEmpty()) {
            throw new ParseException("the set has no public key for signatures", 0);
        }
        return new IssuerKeys(List.copyOf(keys), Set.copyOf(algorithms));
    }

    private static boolean isForSignatures(JWK key) {
        boolean isOfUse = key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE);
        boolean mayVerify =
                key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY);
        boolean isOfKind = switch (key) {
            case RSAKey rsa -> rsa.size() >= RSA_BITS_MIN;
            case ECKey ec -> true;
            case OctetKeyPair pair -> pair.getCurve().equals(Curve.Ed25519);
            default -> false;
        };
        return isOfUse && mayVerify && isOfKind;
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
        if (raw.length != ED25519_BYTES
                || signature.length != ED25519_SIGNATURE_BYTES
                || token.getHeader().getCriticalParams() != null) {
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
