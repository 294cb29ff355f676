package io.penstock.http3;

import io.penstock.http.ByteBuilder;
import io.penstock.http2.HeaderSink;
import io.penstock.http2.Huffman;
import io.penstock.mark.WorkerConfined;

/**
 * Reads field sections, RFC 9204 section 4.5, of a peer that was told that we keep no table: each section stands by itself, so
 * that streams never wait for each other, and one reader serves all connections of a worker.
 *
 * <p>A field is written as {@code name: value}, as {@link io.penstock.http2.HpackDecoder} does, and its sizes are held to the same
 * kind of bound.
 */
@WorkerConfined
public final class QpackDecoder {
    /** RFC 9114 section 4.2.2: what each field counts besides its octets. */
    private static final int FIELD_OVERHEAD = 32;

    private static final int INTEGER_MAX = 1 << 24;

    private byte[] section = {};
    private int at;
    private int end;
    private int listBytes;
    private boolean isTooLarge;

    /** Whether the last section was larger than its bound: then only the fields before were told. */
    public boolean isTooLarge() {
        return isTooLarge;
    }

    /**
     * Reads a whole section.
     *
     * @param into gets the octets of names and values
     * @param listBytesMax bound of the sizes of all fields, each with 32 more
     * @return whether it could be read; if not, the connection must end
     */
    public boolean decode(byte[] source, int offset, int length, ByteBuilder into, int listBytesMax, HeaderSink sink) {
        section = source;
        at = offset;
        end = offset + length;
        listBytes = 0;
        isTooLarge = false;
        // Section 4.5.1: the count of entries it needs, which has to be none, and a base that is of no use then.
        if (at == end || integer(8) != 0 || at == end || integer(7) < 0) {
            return false;
        }
        while (at < end && !isTooLarge) {
            if (!field(into, listBytesMax, sink)) {
                return false;
            }
        }
        return true;
    }

    private boolean field(ByteBuilder into, int listBytesMax, HeaderSink sink) {
        int first = section[at];
        int nameOffset = into.length();
        int nameLength;
        if ((first & 0x80) != 0) {
            // An indexed field; without the next bit it would be one of a table that is not.
            return (first & 0x40) != 0 && indexed(integer(6), into, listBytesMax, sink);
        } else if ((first & 0x40) != 0) {
            int index = (first & 0x10) != 0 ? integer(4) : -1;
            if (index < 0 || index >= StaticFields.COUNT) {
                return false;
            }
            nameLength = StaticFields.name(index).length;
            into.append(StaticFields.name(index));
        } else if ((first & 0x20) != 0) {
            nameLength = string(3, into);
        } else {
            return false;
        }
        if (nameLength < 0) {
            return false;
        }
        into.append((byte) ':').append((byte) ' ');
        int valueOffset = into.length();
        int valueLength = at == end ? -1 : string(7, into);
        if (valueLength < 0) {
            return false;
        }
        if (isWithin(nameLength, valueLength, listBytesMax)) {
            sink.header(nameOffset, nameLength, valueOffset, valueLength);
        }
        return true;
    }

    private boolean indexed(int index, ByteBuilder into, int listBytesMax, HeaderSink sink) {
        if (index < 0 || index >= StaticFields.COUNT) {
            return false;
        }
        byte[] name = StaticFields.name(index);
        byte[] value = StaticFields.value(index);
        if (isWithin(name.length, value.length, listBytesMax)) {
            int nameOffset = into.length();
            into.append(name).append((byte) ':').append((byte) ' ').append(value);
            sink.header(nameOffset, name.length, nameOffset + name.length + 2, value.length);
        }
        return true;
    }

    private boolean isWithin(int nameLength, int valueLength, int listBytesMax) {
        listBytes += nameLength + valueLength + FIELD_OVERHEAD;
        isTooLarge |= listBytes > listBytesMax;
        return !isTooLarge;
    }

    // Appends the octets of a string whose length has so many bits in the present octet, behind the bit that tells of
    // Huffman's code; returns how many they are, or -1.
    private int string(int prefixBits, ByteBuilder into) {
        boolean isHuffman = ((section[at] >> prefixBits) & 1) != 0;
        int length = integer(prefixBits);
        if (length < 0 || length > end - at) {
            return -1;
        }
        int from = at;
        at += length;
        if (isHuffman) {
            return Huffman.decode(section, from, length, into);
        }
        into.append(section, from, length);
        return length;
    }

    // RFC 7541 section 5.1: a number whose first bits are the last of the present octet; -1 if it is not whole or
    // absurd.
    private int integer(int prefixBits) {
        int mask = (1 << prefixBits) - 1;
        int value = section[at++] & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            if (at == end) {
                return -1;
            }
            int octet = section[at++];
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
}
