package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;

/**
 * Makes request ids: 26 characters that sort by time, in the form of a ULID. The first ten are the time in
 * milliseconds, the others 80 bits of chance, both in Crockford's base 32.
 *
 * <p>Ids name requests, they guard nothing: the generator (SplitMix64, Steele and others, 2014) is fast, not secret.
 */
@WorkerConfined
public final class RequestId {
    /** Length of an id. */
    public static final int BYTES = 26;

    /** Longest id that is kept from a trusted peer. */
    public static final int KEPT_BYTES_MAX = 128;

    private static final int TIME_CHARACTERS = 10;
    private static final int HALF_CHARACTERS = 8;
    private static final byte[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".getBytes(StandardCharsets.US_ASCII);

    private long state;

    /**
     * Makes a generator for one worker.
     *
     * @param seed chance, another for each worker and start
     */
    public RequestId(long seed) {
        state = seed;
    }

    /**
     * Writes a new id.
     *
     * @param epochMs milliseconds since the beginning of 1970
     * @param into takes {@link #BYTES} bytes at {@code offset}
     */
    public void next(long epochMs, byte[] into, int offset) {
        write(epochMs, TIME_CHARACTERS, into, offset);
        write(random(), HALF_CHARACTERS, into, offset + TIME_CHARACTERS);
        write(random(), HALF_CHARACTERS, into, offset + TIME_CHARACTERS + HALF_CHARACTERS);
    }

    /** Whether an id that a trusted peer sent may be kept: visible ASCII of a reasonable length. */
    public static boolean isKeepable(byte[] bytes, int offset, int length) {
        return length > 0
                && length <= KEPT_BYTES_MAX
                && Octets.indexOfInvisible(bytes, offset, offset + length) == offset + length;
    }

    private long random() {
        state += 0x9e3779b97f4a7c15L;
        long mixed = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    private static void write(long value, int characters, byte[] into, int offset) {
        long rest = value;
        for (int at = offset + characters - 1; at >= offset; at--) {
            into[at] = ALPHABET[(int) rest & 31];
            rest >>>= 5;
        }
    }
}
