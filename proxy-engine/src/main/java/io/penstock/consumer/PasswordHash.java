package io.penstock.consumer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Checks passwords against their stored hashes, {@code pbkdf2-sha512:ROUNDS:SALT:HASH}. Takes a tenth of a second and more:
 * never on a worker.
 */
public final class PasswordHash {
    /** The hash of nobody's password, so that a name that nobody has costs as much as one that somebody has. */
    public static final byte[] NOBODY = ("pbkdf2-sha512:210000:bm9ib2R5IGF0IGFsbCE=:"
                    + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .getBytes(StandardCharsets.US_ASCII);

    private static final String SLOW = "pbkdf2-sha512";
    private static final String PLAIN = "plain:";

    private PasswordHash() {}

    /** Whether a password, in UTF-8, has the hash. */
    public static boolean matches(byte[] hash, byte[] password) {
        String text = new String(hash, StandardCharsets.UTF_8);
        if (text.startsWith(PLAIN)) {
            return MessageDigest.isEqual(text.substring(PLAIN.length()).getBytes(StandardCharsets.UTF_8), password);
        }
        String[] parts = text.split(":", -1);
        if (parts.length != 4 || !parts[0].equals(SLOW)) {
            throw new IllegalStateException("a stored password has a hash of an unknown kind");
        }
        try {
            CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(password));
            if (chars.isEmpty()) {
                return false;
            }
            char[] exact = new char[chars.remaining()];
            chars.get(exact);
            byte[] wanted = Base64.getDecoder().decode(parts[3]);
            PBEKeySpec spec = new PBEKeySpec(
                    exact, Base64.getDecoder().decode(parts[2]), Integer.parseInt(parts[1]), wanted.length * 8);
            byte[] found = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(spec)
                    .getEncoded();
            return MessageDigest.isEqual(wanted, found);
        } catch (CharacterCodingException noText) {
            return false;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java platform must have PBKDF2WithHmacSHA512", missing);
        }
    }
}
