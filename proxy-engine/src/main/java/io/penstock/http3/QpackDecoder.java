package io.penstock.http3;

import io.penstock.http.ByteBuilder;
import io.penstock.http2.FieldOctets;
import io.penstock.http2.HeaderSink;
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
    private final FieldOctets section = new FieldOctets();

    /** Whether the last section was larger than its bound: then only the fields before were told. */
    public boolean isTooLarge() {
        return section.isTooLarge();
    }

    /**
     * Reads a whole section.
     *
     * @param into gets the octets of names and values
     * @param listBytesMax bound of the sizes of all fields, each with 32 more
     * @return whether it could be read; if not, the connection must end
     */
    public boolean decode(byte[] source, int offset, int length, ByteBuilder into, int listBytesMax, HeaderSink sink) {
        section.begin(source, offset, length, listBytesMax);
        // Section 4.5.1: the count of entries it needs, which has to be none, and a base that is of no use then; below
        // none it may not be, however.
        if (!section.hasMore()
                || section.integer(8) != 0
                || !section.hasMore()
                || section.peek() < 0
                || section.integer(7) < 0) {
            return false;
        }
        while (section.hasMore() && !section.isTooLarge()) {
            if (!field(into, sink)) {
                return false;
            }
        }
        return true;
    }

    private boolean field(ByteBuilder into, HeaderSink sink) {
        int first = section.peek();
        int nameOffset = into.length();
        int nameLength;
        if ((first & 0x80) != 0) {
            // An indexed field; without the next bit it would be one of a table that is not.
            return (first & 0x40) != 0 && indexed(section.integer(6), into, sink);
        } else if ((first & 0x40) != 0) {
            int index = (first & 0x10) != 0 ? section.integer(4) : -1;
            if (index < 0 || index >= StaticFields.COUNT) {
                return false;
            }
            nameLength = StaticFields.name(index).length;
            into.append(StaticFields.name(index));
        } else if ((first & 0x20) != 0) {
            nameLength = section.string(3, into);
        } else {
            return false;
        }
        if (nameLength < 0) {
            return false;
        }
        into.append((byte) ':').append((byte) ' ');
        int valueOffset = into.length();
        int valueLength = section.string(7, into);
        if (valueLength < 0) {
            return false;
        }
        if (section.isWithin(nameLength, valueLength)) {
            sink.header(nameOffset, nameLength, valueOffset, valueLength);
        }
        return true;
    }

    private boolean indexed(int index, ByteBuilder into, HeaderSink sink) {
        if (index < 0 || index >= StaticFields.COUNT) {
            return false;
        }
        byte[] name = StaticFields.name(index);
        byte[] value = StaticFields.value(index);
        if (section.isWithin(name.length, value.length)) {
            int nameOffset = into.length();
            into.append(name).append((byte) ':').append((byte) ' ').append(value);
            sink.header(nameOffset, name.length, nameOffset + name.length + 2, value.length);
        }
        return true;
    }
}
