package io.penstock.admin.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * SHA-256 over a sequence of fields, each with its length before it, so that no two sequences share their bytes.
 *
 * <p>One thread; one use.
 */
final class FramedDigest {

    /** Bytes of a digest. */
    static final int BYTES = 32;

    private final MessageDigest digest = sha256();

    FramedDigest add(byte[] field) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(field.length).flip());
        digest.update(field);
        return this;
    }

    FramedDigest add(String field) {
        return add(field.getBytes(StandardCharsets.UTF_8));
    }

    FramedDigest add(long field) {
        return add(ByteBuffer.allocate(Long.BYTES).putLong(field).array());
    }

    FramedDigest add(Optional<String> field) {
        // A length no array has stands for "absent": an empty text is something else.
        if (field.isEmpty()) {
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(-1).flip());
            return this;
        }
        return add(field.get());
    }

    byte[] finish() {
        return digest.digest();
    }

    String finishHex() {
        return HexFormat.of().formatHex(finish());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("Every Java platform must have SHA-256", missing);
        }
    }
}
