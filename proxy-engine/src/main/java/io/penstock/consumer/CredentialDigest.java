package io.penstock.consumer;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Digests credentials under the gateway's key: HMAC-SHA256 (RFC 2104) of the kind's label and the bytes. Whoever does not
 * have the key cannot choose a digest, so that comparing digests tells nothing by its time. Confined to one thread;
 * allocates nothing.
 */
@WorkerConfined
public final class CredentialDigest {
    private static final int BLOCK_BYTES = 64;
    private static final int SUM_BYTES = 32;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private final MessageDigest sha256;
    private final byte[] inner = new byte[BLOCK_BYTES];
    private final byte[] outer = new byte[BLOCK_BYTES];
    private final byte[] sum = new byte[SUM_BYTES];
    private final ByteBuffer words = ByteBuffer.wrap(sum);

    /**
     * One that digests under a key.
     *
     * @param key at most 64 bytes; not kept
     */
    public CredentialDigest(byte[] key) {
        if (key.length == 0 || key.length > BLOCK_BYTES) {
            throw new IllegalArgumentException("found a key of " + key.length + " bytes, wanted 1 to " + BLOCK_BYTES);
        }
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
        Arrays.fill(inner, INNER);
        Arrays.fill(outer, OUTER);
        for (int i = 0; i < key.length; i++) {
            inner[i] ^= key[i];
            outer[i] ^= key[i];
        }
    }

    /** Digests bytes; the result is read by {@link #high} and {@link #low}, or {@link #sum}, until the next call. */
    public void digest(DigestKind kind, byte[] bytes, int offset, int length) {
        try {
            sha256.update(inner, 0, BLOCK_BYTES);
            sha256.update(kind.label(), 0, kind.label().length);
            sha256.update(bytes, offset, length);
            sha256.digest(sum, 0, SUM_BYTES);
            sha256.update(outer, 0, BLOCK_BYTES);
            sha256.update(sum, 0, SUM_BYTES);
            sha256.digest(sum, 0, SUM_BYTES);
        } catch (DigestException tooShort) {
            throw new IllegalStateException("SHA-256 gives 32 bytes", tooShort);
        }
    }

    /** The digest's first 64 bits. */
    public long high() {
        return words.getLong(0);
    }

    /** The digest's next 64 bits. */
    public long low() {
        return words.getLong(Long.BYTES);
    }

    /** All 32 bytes, in a copy. */
    public byte[] sum() {
        return sum.clone();
    }
}
