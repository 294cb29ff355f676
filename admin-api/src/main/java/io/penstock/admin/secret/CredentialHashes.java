package io.penstock.admin.secret;

import io.penstock.config.SecretValue;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The two hashes of which credentials are stored, as {@link SecretValue.Hashed} writes them. An API key has too much chance
 * in it to be guessed, so that one keyed digest is enough and each request can afford it. A password has not: its hash is
 * slow and salted (PBKDF2-HMAC-SHA512 with 210 000 rounds, as OWASP advises), a tenth of a second of a core and more.
 */
final class CredentialHashes {
    private static final String KEYED = "hmac-sha256:";
    private static final String SLOW = "pbkdf2-sha512:";
    private static final int ROUNDS = 210_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    private CredentialHashes() {}

    /** The digest of an API key; equal keys have equal ones. */
    static String keyed(SecretKey digestKey, SecretValue.Given key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(digestKey);
            mac.update("apiKey\0".getBytes(StandardCharsets.US_ASCII));
            byte[] digest = mac.doFinal(key.text().getBytes(StandardCharsets.UTF_8));
            return KEYED + Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", missing);
        }
    }

    /** A hash of a password, with a salt of its own. */
    static String slow(SecretValue.Given password, SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder();
        return SLOW + ROUNDS + ":" + base64.encodeToString(salt) + ":"
                + base64.encodeToString(slow(password, salt, ROUNDS));
    }

    /** Whether a password has this hash. */
    static boolean isSlowOf(String hash, SecretValue.Given password) {
        String[] parts = hash.split(":", -1);
        if (!hash.startsWith(SLOW) || parts.length != 4) {
            return false;
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return MessageDigest.isEqual(
                base64.decode(parts[3]), slow(password, base64.decode(parts[2]), Integer.parseInt(parts[1])));
    }

    private static byte[] slow(SecretValue.Given password, byte[] salt, int rounds) {
        PBEKeySpec spec = new PBEKeySpec(password.text().toCharArray(), salt, rounds, HASH_BYTES * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java platform must have PBKDF2WithHmacSHA512", missing);
        } finally {
            spec.clearPassword();
        }
    }
}
