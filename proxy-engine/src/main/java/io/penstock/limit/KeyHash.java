package io.penstock.limit;

import io.penstock.mark.WorkerConfined;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * Hashes a limit's name and key values to 128 bits, without allocation.
 *
 * <p>SipHash-1-3 with a 128-bit result (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): keyed by a seed that
 * clients cannot know, so that nobody can make keys that meet in one bucket or share another client's limit. All workers
 * of a table must use the same seed. Each value is preceded by its length, so that no two lists of values collide by
 * their seams.
 *
 * <p>One hash at a time: {@link #begin}, {@code add} for each value, {@link #finish}, then {@link #high} and {@link #low}.
 */
@WorkerConfined
public final class KeyHash {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long seed0;
    private final long seed1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;
    private long words;
    private long high;
    private long low;

    /** A hash with its seed, which must be the same for all workers and unknown to clients. */
    public KeyHash(long seed0, long seed1) {
        this.seed0 = seed0;
        this.seed1 = seed1;
    }

    /** Hashes a name that an operator chose, for use with {@link #add(long)}; the same in every process. */
    public static long ofName(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        KeyHash hash = new KeyHash(0x70656e73746f636bL, 0x6b65792d6e616d65L);
        hash.reset();
        return hash.add(bytes, 0, bytes.length).finish().high();
    }

    /** Starts a key that belongs to no limit. */
    public KeyHash begin() {
        reset();
        return this;
    }

    /** Tells seeds apart, and says nothing else of them. */
    static long checkOf(long seed0, long seed1) {
        KeyHash hash = new KeyHash(seed0, seed1);
        hash.reset();
        return hash.add("the seed of what is kept").finish().high();
    }

    /** Starts a key of this limit. */
    public KeyHash begin(LimitPlan plan) {
        reset();
        word(plan.nameHigh());
        word(plan.nameLow());
        return this;
    }

    /** Adds a value. */
    public KeyHash add(long value) {
        word(value);
        return this;
    }

    /** Adds a value of any length. */
    public KeyHash add(byte[] source, int offset, int length) {
        word(length);
        int at = offset;
        int end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            word((long) LONGS.get(source, at));
        }
        if (at < end) {
            long tail = 0;
            for (int shift = 0; at < end; at++, shift += Byte.SIZE) {
                tail |= (source[at] & 0xffL) << shift;
            }
            word(tail);
        }
        return this;
    }

    /** Adds a value of any length. */
    public KeyHash add(DirectBuffer source, int offset, int length) {
        word(length);
        int at = offset;
        int end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            word(source.getLong(at, ByteOrder.LITTLE_ENDIAN));
        }
        if (at < end) {
            long tail = 0;
            for (int shift = 0; at < end; at++, shift += Byte.SIZE) {
                tail |= (source.getByte(at) & 0xffL) << shift;
            }
            word(tail);
        }
        return this;
    }

    /** Adds a text of any length, four of its characters at a time. */
    public KeyHash add(String text) {
        int end = text.length();
        word(end);
        long packed = 0;
        int shift = 0;
        for (int at = 0; at < end; at++) {
            packed |= (long) text.charAt(at) << shift;
            shift += Character.SIZE;
            if (shift == Long.SIZE) {
                word(packed);
                packed = 0;
                shift = 0;
            }
        }
        if (shift > 0) {
            word(packed);
        }
        return this;
    }

    /** Ends the key; {@link #high} and {@link #low} hold until the next {@link #begin}. */
    public KeyHash finish() {
        word(words << 56);
        v2 ^= 0xee;
        round();
        round();
        round();
        low = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
        round();
        round();
        round();
        high = v0 ^ v1 ^ v2 ^ v3;
        return this;
    }

    /** The first half of the finished hash. */
    public long high() {
        return high;
    }

    /** The second half of the finished hash. */
    public long low() {
        return low;
    }

    private void reset() {
        v0 = seed0 ^ 0x736f6d6570736575L;
        v1 = seed1 ^ 0x646f72616e646f6dL ^ 0xee;
        v2 = seed0 ^ 0x6c7967656e657261L;
        v3 = seed1 ^ 0x7465646279746573L;
        words = 0;
    }

    private void word(long word) {
        v3 ^= word;
        round();
        v0 ^= word;
        words++;
    }

    private void round() {
        long a = v0 + v1;
        long b = Long.rotateLeft(v1, 13) ^ a;
        a = Long.rotateLeft(a, 32);
        long c = v2 + v3;
        long d = Long.rotateLeft(v3, 16) ^ c;
        a += d;
        d = Long.rotateLeft(d, 21) ^ a;
        c += b;
        b = Long.rotateLeft(b, 17) ^ c;
        v0 = a;
        v1 = b;
        v2 = Long.rotateLeft(c, 32);
        v3 = d;
    }
}
