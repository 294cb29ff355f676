package io.penstock.config;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whether a chain of certificates and a key will do for a server, before anybody is shown them. */
public final class KeyPairCheck {
    private static final int RSA_BITS_MIN = 2048;
    private static final byte[] SAMPLE = {'p', 'e', 'n', 's', 't', 'o', 'c', 'k'};

    private KeyPairCheck() {}

    /** What stands against a chain at any time, in words; empty if nothing does. */
    public static Optional<String> fault(List<X509Certificate> chain) {
        for (int i = 0; i < chain.size(); i++) {
            X509Certificate certificate = chain.get(i);
            if (certificate.getPublicKey() instanceof RSAPublicKey rsa
                    && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
                return Optional.of("found an RSA key of " + rsa.getModulus().bitLength() + " bits in " + which(i)
                        + ", wanted " + RSA_BITS_MIN + " or more");
            }
            if (i > 0 && !isSignedBy(chain.get(i - 1), certificate)) {
                return Optional.of(
                        "certificate " + i + " (" + name(chain.get(i - 1)) + ") is not signed by certificate "
                                + (i + 1) + " (" + name(certificate)
                                + "), wanted the server's own first, then the one that signed it, and so on");
            }
        }
        return Optional.empty();
    }

    /** What of a chain is over at a time, in words; empty if nothing is. */
    public static Optional<String> expiry(List<X509Certificate> chain, Instant now) {
        for (int i = 0; i < chain.size(); i++) {
            Instant end = chain.get(i).getNotAfter().toInstant();
            if (end.isBefore(now)) {
                return Optional.of(which(i) + " (" + name(chain.get(i)) + ") expired at " + end);
            }
        }
        return Optional.empty();
    }

    private static String which(int index) {
        return index == 0 ? "the certificate" : "certificate " + (index + 1) + " of the chain";
    }

    private static String name(X509Certificate certificate) {
        return ValueText.shown(certificate.getSubjectX500Principal().getName());
    }

    private static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
        } catch (GeneralSecurityException not) {
            return false;
        }
    }

    /** Whether the key is the certificate's: what the one signs the other confirms. */
    public static boolean isKeyOf(PrivateKey key, X509Certificate certificate) {
        String kind = certificate.getPublicKey().getAlgorithm();
        String algorithm = switch (kind) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> kind;
        };
        if (!key.getAlgorithm().equals(kind) && !kind.startsWith("Ed")) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(SAMPLE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(SAMPLE);
            return signature.verify(signed);
        } catch (GeneralSecurityException not) {
            return false;
        }
    }
}
