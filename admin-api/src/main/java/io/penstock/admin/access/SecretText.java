package io.penstock.admin.access;

import io.penstock.admin.store.TokenRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Secrets of tokens: made, hashed, compared. */
final class SecretText {

    /** Marks a secret as ours, so that scanners of repositories and logs find one that leaked. */
    static final String PREFIX = "pst_";

    static final String SETUP_PREFIX = "pst_setup_";

    private static final int RANDOM_BYTES = 32;
    private static final int ID_BYTES = 6;

    private SecretText() {}

    /** 256 bits of chance: too many to guess, hence a plain hash suffices and no slow one is needed. */
    static String make(String prefix, SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String makeId(SecureRandom random) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return "tok-" + HexFormat.of().formatHex(bytes);
    }

    /** SHA-256 in hex. */
    static String digest(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("Every Java platform must have SHA-256", missing);
        }
    }

    /** Compares in a time that does not depend on where the two differ. */
    static boolean matches(TokenRecord token, String digest) {
        return MessageDigest.isEqual(
                token.digest().getBytes(StandardCharsets.US_ASCII), digest.getBytes(StandardCharsets.US_ASCII));
    }
}
