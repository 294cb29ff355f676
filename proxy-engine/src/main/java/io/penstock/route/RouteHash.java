package io.penstock.route;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The 64-bit hashes of the table. They only find a place; bytes are compared before anything is decided, so a client gains
 * nothing by making paths collide. The configured side is trusted and displaces collisions (see {@link HashTrie}).
 *
 * <p>Eight bytes at a time, multiply and fold as in the wyhash and fxhash families.
 */
final class RouteHash {
    static final long SEGMENT_SEED = 0x243F6A8885A308D3L;
    static final long PATH_SEED = 0x13198A2E03707344L;

    /** Added to a key's hash when another key sits at its place. */
    static final long DISPLACEMENT = 0x9E3779B97F4A7C15L;

    private static final long MULTIPLIER = 0xD6E8FEB86659FD93L;

    private RouteHash() {}

    static long mix(long hash, long word) {
        long mixed = (hash ^ word) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }

    /** The host's hash; {@code tag} keeps exact hosts and wildcards apart. */
    static long ofHost(UnsafeBuffer bytes, int offset, int length, int tag) {
        long hash = SEGMENT_SEED + tag;
        int at = offset;
        int limit = offset + length;
        while (limit - at >= Long.BYTES) {
            hash = mix(hash, bytes.getLong(at, ByteOrder.LITTLE_ENDIAN));
            at += Long.BYTES;
        }
        return mix(hash, word(bytes, at, limit - at) | (long) length << 56);
    }

    /** The next {@code length} bytes, at most 7, as a little-endian number; never reads behind the buffer. */
    static long word(UnsafeBuffer bytes, int offset, int length) {
        if (length <= 0) {
            return 0;
        }
        if (offset + Long.BYTES <= bytes.capacity()) {
            return bytes.getLong(offset, ByteOrder.LITTLE_ENDIAN) & (-1L >>> (64 - 8 * length));
        }
        long word = 0;
        for (int i = 0; i < length; i++) {
            word |= (bytes.getByte(offset + i) & 0xffL) << (8 * i);
        }
        return word;
    }

    /** Whether two runs of {@code length} bytes are equal. */
    static boolean equal(UnsafeBuffer left, int leftOffset, UnsafeBuffer right, int rightOffset, int length) {
        int at = 0;
        while (length - at >= Long.BYTES) {
            if (left.getLong(leftOffset + at) != right.getLong(rightOffset + at)) {
                return false;
            }
            at += Long.BYTES;
        }
        if (at == length) {
            return true;
        }
        if (length >= Long.BYTES) {
            // The last eight bytes once more, overlapping: never a read behind the run.
            int last = length - Long.BYTES;
            return left.getLong(leftOffset + last) == right.getLong(rightOffset + last);
        }
        while (at < length) {
            if (left.getByte(leftOffset + at) != right.getByte(rightOffset + at)) {
                return false;
            }
            at++;
        }
        return true;
    }
}
