package io.penstock.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the known field of a name with one look into a table and one comparison.
 *
 * <p>The key of a name is its length and its first and last eight octets, folded to lower case (they overlap in names
 * of up to 16). A multiplier, searched for when the class is loaded, scatters the keys of the known names over the table
 * without a collision; a name whose slot holds another is no known one. The keys leave the middle of names longer than
 * 16 open, so these are compared in whole.
 */
final class FieldNames {
    private static final int SLOT_BITS = 10;
    private static final int WORD = Long.BYTES;

    private static final byte[][] NAMES = names();
    private static final long[] FIRST = new long[NAMES.length];
    private static final long[] LAST = new long[NAMES.length];
    private static final byte[] SLOTS = new byte[1 << SLOT_BITS];
    private static final long MULTIPLIER = multiplier();

    private FieldNames() {}

    /** The id of a name's field, 0 if it is not known. The name is a token, {@link ByteBuilder#SLACK} bytes follow it. */
    static int idOf(byte[] bytes, int offset, int length) {
        long first = first(bytes, offset, length);
        long last = last(bytes, offset, length);
        int id = SLOTS[slot(first, last, length, MULTIPLIER)];
        boolean isThat = FIRST[id] == first && LAST[id] == last && NAMES[id].length - ByteBuilder.SLACK == length;
        return isThat && (length <= 2 * WORD || middleEquals(bytes, offset, length, NAMES[id])) ? id : 0;
    }

    private static long first(byte[] bytes, int offset, int length) {
        long word = Octets.foldedLong(bytes, offset);
        return length >= WORD ? word : length == 0 ? 0 : word << ((WORD - length) * 8);
    }

    private static long last(byte[] bytes, int offset, int length) {
        return length <= WORD ? 0 : Octets.foldedLong(bytes, offset + length - WORD);
    }

    private static int slot(long first, long last, int length, long multiplier) {
        return (int) (((first + Long.rotateLeft(last, 29) + length) * multiplier) >>> (64 - SLOT_BITS));
    }

    private static boolean middleEquals(byte[] bytes, int offset, int length, byte[] name) {
        for (int at = WORD; at < length - WORD; at += WORD) {
            int from = Math.min(at, length - WORD);
            if (Octets.foldedLong(bytes, offset + from) != Octets.getLong(name, from)) {
                return false;
            }
        }
        return true;
    }

    private static byte[][] names() {
        return Arrays.stream(KnownField.values())
                .map(field -> field.lowerName().getBytes(StandardCharsets.US_ASCII))
                .map(name -> Arrays.copyOf(name, name.length + ByteBuilder.SLACK))
                .toArray(byte[][]::new);
    }

    private static long multiplier() {
        for (int id = 0; id < NAMES.length; id++) {
            int length = NAMES[id].length - ByteBuilder.SLACK;
            FIRST[id] = first(NAMES[id], 0, length);
            LAST[id] = last(NAMES[id], 0, length);
        }
        long candidate = 0x9e3779b97f4a7c15L;
        while (!fillSlots(candidate)) {
            candidate += 0x3c6ef372fe94f82aL;
        }
        return candidate;
    }

    private static boolean fillSlots(long multiplier) {
        Arrays.fill(SLOTS, (byte) 0);
        for (int id = 1; id < NAMES.length; id++) {
            int slot = slot(FIRST[id], LAST[id], NAMES[id].length - ByteBuilder.SLACK, multiplier);
            if (SLOTS[slot] != 0) {
                return false;
            }
            SLOTS[slot] = (byte) id;
        }
        return true;
    }
}
