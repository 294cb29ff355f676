package io.penstock.http2;

import io.penstock.mark.WorkerConfined;
import java.util.Arrays;

/**
 * The fields that a peer wants remembered, RFC 7541 section 2.3.2: the newest has index 1 here, and the oldest leave first.
 *
 * <p>Names and values lie one behind another in one array of at most twice the table's bound: new ones go to its end, and
 * what is alive moves to its beginning when the end is reached, so that an entry is always one run and a move is paid for by
 * the bytes that were added since the last one.
 */
@WorkerConfined
final class DynamicTable {
    /** What an entry counts besides its octets, RFC 7541 section 4.1. */
    static final int ENTRY_OVERHEAD = 32;

    private static final int INITIAL_BYTES = 512;
    private static final int INITIAL_ENTRIES = 16;

    private final int bytesMost;
    private int bytesMax;
    private int size;
    private byte[] bytes = {};
    private int begin;
    private int end;
    // A ring: offset, name length and value length of each entry.
    private int[] entries = {};
    private int oldest;
    private int count;

    /** @param bytesMost the bound that was announced; the peer may choose a lower one */
    DynamicTable(int bytesMost) {
        this.bytesMost = bytesMost;
        this.bytesMax = bytesMost;
    }

    int count() {
        return count;
    }

    byte[] bytes() {
        return bytes;
    }

    /** @param index 1 for the newest, to {@link #count()} */
    int nameOffset(int index) {
        return entries[slot(index)];
    }

    int nameLength(int index) {
        return entries[slot(index) + 1];
    }

    int valueLength(int index) {
        return entries[slot(index) + 2];
    }

    private int slot(int index) {
        return (oldest + count - index) % (entries.length / 3) * 3;
    }

    /** The peer chooses a bound. @return whether it may */
    boolean resize(int wanted) {
        if (wanted > bytesMost) {
            return false;
        }
        bytesMax = wanted;
        evict(0);
        return true;
    }

    /** Adds an entry, for which others leave; one that is larger than the table leaves it empty. */
    void add(byte[] source, int nameOffset, int nameLength, int valueOffset, int valueLength) {
        int added = nameLength + valueLength + ENTRY_OVERHEAD;
        evict(added);
        if (added > bytesMax) {
            return;
        }
        int octets = nameLength + valueLength;
        makeRoom(octets);
        System.arraycopy(source, nameOffset, bytes, end, nameLength);
        System.arraycopy(source, valueOffset, bytes, end + nameLength, valueLength);
        if (count * 3 == entries.length) {
            growEntries();
        }
        count++;
        int slot = slot(1);
        entries[slot] = end;
        entries[slot + 1] = nameLength;
        entries[slot + 2] = valueLength;
        end += octets;
        size += added;
    }

    private void evict(int added) {
        while (count > 0 && size + added > bytesMax) {
            int slot = slot(count);
            int octets = entries[slot + 1] + entries[slot + 2];
            begin = entries[slot] + octets;
            size -= octets + ENTRY_OVERHEAD;
            oldest = (oldest + 1) % (entries.length / 3);
            count--;
        }
        if (count == 0) {
            begin = 0;
            end = 0;
        }
    }

    private void makeRoom(int octets) {
        if (end + octets <= bytes.length) {
            return;
        }
        int alive = end - begin;
        byte[] target = bytes;
        if (alive + octets > bytes.length / 2) {
            target = new byte[Math.min(2 * bytesMost, Math.max(INITIAL_BYTES, 2 * (alive + octets)))];
        }
        System.arraycopy(bytes, begin, target, 0, alive);
        for (int index = 1; index <= count; index++) {
            entries[slot(index)] -= begin;
        }
        bytes = target;
        end = alive;
        begin = 0;
    }

    private void growEntries() {
        int[] grown = Arrays.copyOf(entries, Math.max(INITIAL_ENTRIES * 3, entries.length * 2));
        for (int i = 0; i < count; i++) {
            System.arraycopy(entries, (oldest + i) % Math.max(1, entries.length / 3) * 3, grown, i * 3, 3);
        }
        entries = grown;
        oldest = 0;
    }
}
