package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import io.penstock.mark.WorkerConfined;

/**
 * The octets of one block of fields, read from front to back: numbers and strings as RFC 7541 section 5 writes them, for HTTP/3
 * too (RFC 9204 section 4.1). The sizes of all its fields together are held to a bound.
 */
@WorkerConfined
public final class FieldOctets {
    private static final int INTEGER_MAX = 1 << 24;

    private byte[] octets = {};
    private int at;
    private int end;
    private int listBytes;
    private int listBytesMax;
    private boolean isTooLarge;

    /** None yet. */
    public FieldOctets() {}

    /**
     * Begins with a block.
     *
     * @param bytesMax bound of the sizes of all fields, each with {@link DynamicTable#ENTRY_OVERHEAD} more
     */
    public void begin(byte[] source, int offset, int length, int bytesMax) {
        octets = source;
        at = offset;
        end = offset + length;
        listBytes = 0;
        listBytesMax = bytesMax;
        isTooLarge = false;
    }

    /** Whether something is left. */
    public boolean hasMore() {
        return at < end;
    }

    /** The octet that comes next, with its sign; it stays. There is one. */
    public int peek() {
        return octets[at];
    }

    /** A number whose first bits are the last so many of the next octet, which is there; -1 if it is not whole or absurd. */
    public int integer(int prefixBits) {
        int mask = (1 << prefixBits) - 1;
        int value = octets[at++] & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            if (at == end) {
                return -1;
            }
            int octet = octets[at++];
            value += (octet & 0x7f) << shift;
            if (value > INTEGER_MAX) {
                return -1;
            }
            if (octet >= 0) {
                return value;
            }
        }
        return -1;
    }

    /**
     * Appends the octets of a string.
     *
     * @param prefixBits bits of its length in the next octet, behind the bit that tells of Huffman's code
     * @return how many they are; -1 if it is not whole
     */
    public int string(int prefixBits, ByteBuilder into) {
        if (at == end) {
            return -1;
        }
        boolean isHuffman = (octets[at] >> prefixBits & 1) != 0;
        int length = integer(prefixBits);
        if (length < 0 || length > end - at) {
            return -1;
        }
        int from = at;
        at += length;
        if (isHuffman) {
            return Huffman.decode(octets, from, length, into);
        }
        into.append(octets, from, length);
        return length;
    }

    /** Counts a field. @return whether all so far are within the bound */
    public boolean isWithin(int nameLength, int valueLength) {
        listBytes += nameLength + valueLength + DynamicTable.ENTRY_OVERHEAD;
        isTooLarge |= listBytes > listBytesMax;
        return !isTooLarge;
    }

    /** Whether the fields so far are beyond the bound. */
    public boolean isTooLarge() {
        return isTooLarge;
    }

    /** Whether they are beyond so many times the bound. */
    boolean isBeyond(int times) {
        return listBytes > times * (long) listBytesMax;
    }

    /** Appends a number whose first bits are the last so many of an octet that begins with {@code pattern}. */
    public static void append(int pattern, int prefixBits, int value, ByteBuilder into) {
        int mask = (1 << prefixBits) - 1;
        if (value < mask) {
            into.append((byte) (pattern | value));
            return;
        }
        into.append((byte) (pattern | mask));
        int rest = value - mask;
        while (rest >= 0x80) {
            into.append((byte) (rest | 0x80));
            rest >>>= 7;
        }
        into.append((byte) rest);
    }
}
