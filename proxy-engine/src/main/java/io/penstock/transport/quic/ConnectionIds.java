package io.penstock.transport.quic;

import io.penstock.mark.SharedByWorkers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Connection ids (RFC 9000 section 5.1) that say whose connection it is, to us and to nobody else: a number that is unique among
 * packets of this machine's processes, hidden under a keyed hash (SipHash-2-4, Aumasson and Bernstein 2012) of the rest of the id.
 * Layout: 8 octets that never come twice, 4 of the number, 4 by which an id of ours is told from what a peer made up.
 *
 * <p>Forging one only leads a packet astray; what it holds is protected by the keys of its connection.
 */
@SharedByWorkers
public final class ConnectionIds {
    /** How long each of ours is. */
    public static final int BYTES = 16;

    private static final int LONG_HEADER = 0x80;

    private final long keyLow;
    private final long keyHigh;

    /** Ids under a key. */
    public ConnectionIds(long keyLow, long keyHigh) {
        this.keyLow = keyLow;
        this.keyHigh = keyHigh;
    }

    /** A new id for a number, of which {@code unique} has never been used with it. */
    public byte[] make(int number, long unique) {
        long nonce = hash(unique, number);
        long mask = hash(nonce, 0);
        byte[] id = new byte[BYTES];
        ByteBuffer.wrap(id)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(nonce)
                .putInt(number ^ (int) mask)
                .putInt(check(nonce, number));
        return id;
    }

    private int check(long nonce, int number) {
        return (int) hash(nonce, (1L << 32) | (number & 0xffffffffL));
    }

    /** What {@link #numberOf} says of an id that is none of ours. */
    public static final long FOREIGN = -1;

    /** The number in an id, from 0; {@link #FOREIGN} if it is none of ours. */
    public long numberOf(long nonce, int masked, int check) {
        int number = masked ^ (int) hash(nonce, 0);
        return check(nonce, number) == check ? number & 0xffffffffL : FOREIGN;
    }

    /**
     * Where in a packet the id of its receiver begins, or -1 where it has none of this length.
     *
     * @param first its first octet
     * @param sixth its sixth; of no meaning where it has fewer
     */
    public static int offsetIn(byte first, byte sixth, int length) {
        if ((first & LONG_HEADER) == 0) {
            return length > BYTES ? 1 : -1;
        }
        // RFC 8999 section 5.1: version, length of the id, id.
        return length > 6 + BYTES && sixth == BYTES ? 6 : -1;
    }

    // SipHash-2-4 of two words.
    private long hash(long first, long second) {
        long v0 = keyLow ^ 0x736f6d6570736575L;
        long v1 = keyHigh ^ 0x646f72616e646f6dL;
        long v2 = keyLow ^ 0x6c7967656e657261L;
        long v3 = keyHigh ^ 0x7465646279746573L;
        for (int round = 0; round < 10; round++) {
            // Two rounds for each of three words, of which the last is the length in octets, then four to end with.
            long word = round < 2 ? first : round < 4 ? second : round < 6 ? 16L << 56 : 0;
            if (round < 6 && (round & 1) == 0) {
                v3 ^= word;
            } else if (round == 6) {
                v2 ^= 0xff;
            }
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            if (round < 6 && (round & 1) == 1) {
                v0 ^= word;
            }
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
