package io.penstock.admin.acme;

import io.penstock.config.PemText;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import org.bouncycastle.jcajce.provider.asymmetric.util.EC5Util;

/** Keys of accounts and of certificates: made here on the curve P-256, kept as the text of the private half. */
public final class AccountKey {
    private static final String CURVE = "secp256r1";
    private static final int LINE_CHARS = 64;

    private AccountKey() {}

    /** A new pair. */
    static KeyPair make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has P-256", missing);
        }
    }

    /** The text of a new key. */
    public static String makeText() {
        return text(make().getPrivate());
    }

    /** A key in PEM (PKCS #8). */
    static String text(PrivateKey key) {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    /** Bytes in PEM (RFC 7468). */
    static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(LINE_CHARS, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind
                + "-----\n";
    }

    /**
     * The pair whose private half is in a text; the public one is computed.
     *
     * @throws PemText.Unreadable if it is no key of a kind that authorities take
     */
    public static KeyPair read(String text) throws PemText.Unreadable {
        PrivateKey key = PemText.privateKey(text);
        try {
            return switch (key) {
                case ECPrivateKey curve -> new KeyPair(publicOf(curve), curve);
                case RSAPrivateCrtKey rsa -> new KeyPair(publicOf(rsa), rsa);
                default ->
                    throw new PemText.Unreadable(
                            "found a key for " + key.getAlgorithm() + ", wanted one for EC or RSA");
            };
        } catch (GeneralSecurityException odd) {
            throw new PemText.Unreadable("the key has no public half: " + odd.getMessage());
        }
    }

    private static PublicKey publicOf(ECPrivateKey key) throws GeneralSecurityException {
        org.bouncycastle.math.ec.ECPoint point =
                EC5Util.convertSpec(key.getParams()).getG().multiply(key.getS()).normalize();
        return KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(
                        new ECPoint(
                                point.getAffineXCoord().toBigInteger(),
                                point.getAffineYCoord().toBigInteger()),
                        key.getParams()));
    }

    private static PublicKey publicOf(RSAPrivateCrtKey key) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
    }
}
