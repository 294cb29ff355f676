package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import io.penstock.mark.WorkerConfined;

/**
 * Reads header blocks, RFC 7541 section 6. One for each direction of a connection: every block changes it, so all must be
 * read, those of streams that nobody wants included.
 *
 * <p>A field is written as {@code name: value}, the form in which heads are passed on to HTTP/1. The sizes of all fields
 * together are held to a bound while they are decoded, so that a short block cannot become a huge head; a block beyond it
 * is still read to its end, for the table's sake, but not past four times the bound.
 */
@WorkerConfined
public final class HpackDecoder {
    /** The table that a peer may use: the protocol's default. */
    public static final int TABLE_BYTES = 4096;

    private static final int BOMB_FACTOR = 4;

    private final DynamicTable table = new DynamicTable(TABLE_BYTES);
    private final FieldOctets block = new FieldOctets();
    private boolean isBomb;

    /** Whether the last block was larger than its bound: then only the fields before were told. */
    public boolean isTooLarge() {
        return block.isTooLarge();
    }

    /** Whether the last block, which was refused, was far beyond its bound, rather than malformed. */
    public boolean isBomb() {
        return isBomb;
    }

    /**
     * Reads a whole block.
     *
     * @param into gets the octets of names and values
     * @param listBytesMax bound of the sizes of all fields, each with 32 more as RFC 9113 section 6.5.2 counts
     * @return whether it could be read; if not, the connection's compression is out of step and it must end
     */
    public boolean decode(byte[] source, int offset, int length, ByteBuilder into, int listBytesMax, HeaderSink sink) {
        block.begin(source, offset, length, listBytesMax);
        isBomb = false;
        boolean mayResize = true;
        while (block.hasMore()) {
            int first = block.peek();
            if ((first & 0xe0) == 0x20) {
                // RFC 7541 section 4.2: only at the beginning of a block.
                int size = block.integer(5);
                if (!mayResize || size < 0 || !table.resize(size)) {
                    return false;
                }
                continue;
            }
            mayResize = false;
            int mark = into.length();
            boolean isRead = (first & 0x80) != 0 ? indexed(into, sink) : literal((first & 0x40) != 0, into, sink);
            if (!isRead) {
                return false;
            }
            if (block.isTooLarge()) {
                into.length(mark);
                if (block.isBeyond(BOMB_FACTOR)) {
                    isBomb = true;
                    return false;
                }
            }
        }
        return true;
    }

    private boolean indexed(ByteBuilder into, HeaderSink sink) {
        int index = block.integer(7);
        if (index <= 0) {
            return false;
        }
        if (index <= StaticTable.COUNT) {
            byte[] name = StaticTable.name(index);
            byte[] value = StaticTable.value(index);
            if (block.isWithin(name.length, value.length)) {
                int nameOffset = into.length();
                into.append(name).append((byte) ':').append((byte) ' ').append(value);
                sink.header(nameOffset, name.length, nameOffset + name.length + 2, value.length);
            }
            return true;
        }
        int entry = index - StaticTable.COUNT;
        if (entry > table.count()) {
            return false;
        }
        int nameLength = table.nameLength(entry);
        int valueLength = table.valueLength(entry);
        if (block.isWithin(nameLength, valueLength)) {
            int nameOffset = into.length();
            int from = table.nameOffset(entry);
            into.append(table.bytes(), from, nameLength).append((byte) ':').append((byte) ' ');
            into.append(table.bytes(), from + nameLength, valueLength);
            sink.header(nameOffset, nameLength, nameOffset + nameLength + 2, valueLength);
        }
        return true;
    }

    private boolean literal(boolean isAdded, ByteBuilder into, HeaderSink sink) {
        int index = block.integer(isAdded ? 6 : 4);
        int nameOffset = into.length();
        int nameLength = index == 0 ? block.string(7, into) : name(index, into);
        if (nameLength < 0) {
            return false;
        }
        into.append((byte) ':').append((byte) ' ');
        int valueOffset = into.length();
        int valueLength = block.string(7, into);
        if (valueLength < 0) {
            return false;
        }
        if (isAdded) {
            table.add(into.array(), nameOffset, nameLength, valueOffset, valueLength);
        }
        if (block.isWithin(nameLength, valueLength)) {
            sink.header(nameOffset, nameLength, valueOffset, valueLength);
        }
        return true;
    }

    private int name(int index, ByteBuilder into) {
        if (index < 0) {
            return -1;
        }
        if (index <= StaticTable.COUNT) {
            byte[] name = StaticTable.name(index);
            into.append(name);
            return name.length;
        }
        int entry = index - StaticTable.COUNT;
        if (entry > table.count()) {
            return -1;
        }
        int length = table.nameLength(entry);
        into.append(table.bytes(), table.nameOffset(entry), length);
        return length;
    }
}
