package io.penstock.consumer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * From digests to numbers: one immutable version, in direct memory, whose pages later versions share. Any thread reads.
 *
 * <p>Extendible hashing (Fagin and others, 1979). The digest's first bits choose a page by way of the directory, its last
 * bits the slot where a linear probe begins. A page that is full is split into two by one more bit, and the directory
 * doubled when it has no such bit, so that an edit copies the pages that it touches and the directory, however many digests
 * there are. Pages are at most three quarters full, hence a probe ends soon. Digests are keyed, so nobody can choose two
 * that share a page.
 *
 * <p>The first 128 bits of a digest are compared, all of them at once. Pages are never unmapped by hand: the collector does
 * it when no version refers to them.
 */
public final class CredentialIndex {
    /** There is no such digest. */
    public static final int NONE = -1;

    static final int SLOTS = 512;
    static final int FILL_MAX = SLOTS * 3 / 4;

    private static final int SLOT_BYTES = 24;
    private static final int PAGE_BYTES = SLOTS * SLOT_BYTES;
    private static final int LOW = 8;
    private static final int NUMBER = 16;
    private static final int DIRECTORY_BITS_MAX = 20;
    private static final CredentialIndex EMPTY = new CredentialIndex(new Page[] {new Page(0)}, 0, 0, 1);

    private final Page[] directory;
    private final int bits;
    private final int size;
    private final int pages;

    /** Slots of digest and number plus one; a number of 0 means that the slot is free. */
    private static final class Page {
        final UnsafeBuffer slots;
        final int bits;
        int used;
        /** The edit that may write to it; null once it has been published. */
        @Nullable
        Edit owner;

        Page(int bits) {
            this.slots = new UnsafeBuffer(ByteBuffer.allocateDirect(PAGE_BYTES).order(ByteOrder.nativeOrder()));
            this.bits = bits;
        }
    }

    private CredentialIndex(Page[] directory, int bits, int size, int pages) {
        this.directory = directory;
        this.bits = bits;
        this.size = size;
        this.pages = pages;
    }

    /** One without digests. */
    public static CredentialIndex empty() {
        return EMPTY;
    }

    /** How many digests there are. */
    public int size() {
        return size;
    }

    /** Direct memory of this version, in bytes. */
    public long bytes() {
        return (long) pages * PAGE_BYTES;
    }

    /** The number of a digest, or {@link #NONE}. */
    public int find(long high, long low) {
        UnsafeBuffer slots = directory[place(high, bits)].slots;
        int at = slotOf(slots, high, low);
        return slots.getInt(at + NUMBER) - 1;
    }

    // The unsigned shift by 64 would be none at all.
    private static int place(long high, int bits) {
        return bits == 0 ? 0 : (int) (high >>> (Long.SIZE - bits));
    }

    /** Where a digest is, or the free slot where it would be. A page is never full, so there is one. */
    private static int slotOf(UnsafeBuffer slots, long high, long low) {
        int slot = (int) low & (SLOTS - 1);
        while (true) {
            int at = slot * SLOT_BYTES;
            boolean isHere = ((slots.getLong(at) ^ high) | (slots.getLong(at + LOW) ^ low)) == 0;
            if (isHere || slots.getInt(at + NUMBER) == 0) {
                return at;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
    }

    /** Begins another version; this one stays as it is. */
    public Edit edit() {
        return new Edit(this);
    }

    /** A version in the making; used by one thread. */
    public static final class Edit {
        private Page[] directory;
        private int bits;
        private int size;
        private int pages;

        private Edit(CredentialIndex from) {
            directory = from.directory.clone();
            bits = from.bits;
            size = from.size;
            pages = from.pages;
        }

        /** The number of a digest in the making, or {@link #NONE}. */
        public int find(long high, long low) {
            UnsafeBuffer slots = directory[place(high, bits)].slots;
            return slots.getInt(slotOf(slots, high, low) + NUMBER) - 1;
        }

        /**
         * Puts a digest that is not there yet.
         *
         * @param number 0 or more
         * @return {@link #NONE}, or the number of the same digest, which stays
         */
        public int put(long high, long low, int number) {
            int present = find(high, low);
            if (present != NONE) {
                return present;
            }
            Page page = own(high);
            while (page.used >= FILL_MAX) {
                split(page, high);
                page = own(high);
            }
            insert(page, high, low, number + 1);
            size++;
            return NONE;
        }

        private static void insert(Page page, long high, long low, int stored) {
            int at = slotOf(page.slots, high, low);
            page.slots.putLong(at, high);
            page.slots.putLong(at + LOW, low);
            page.slots.putInt(at + NUMBER, stored);
            page.used++;
        }

        /** Takes a digest out, if it is there. */
        public void remove(long high, long low) {
            if (find(high, low) == NONE) {
                return;
            }
            Page page = own(high);
            UnsafeBuffer slots = page.slots;
            int hole = slotOf(slots, high, low) / SLOT_BYTES;
            // What stands behind the hole moves into it, unless its probe begins behind the hole.
            for (int next = (hole + 1) & (SLOTS - 1);
                    slots.getInt(next * SLOT_BYTES + NUMBER) != 0;
                    next = (next + 1) & (SLOTS - 1)) {
                int begin = (int) slots.getLong(next * SLOT_BYTES + LOW) & (SLOTS - 1);
                if (((next - begin) & (SLOTS - 1)) >= ((next - hole) & (SLOTS - 1))) {
                    slots.putBytes(hole * SLOT_BYTES, slots, next * SLOT_BYTES, SLOT_BYTES);
                    hole = next;
                }
            }
            slots.setMemory(hole * SLOT_BYTES, SLOT_BYTES, (byte) 0);
            page.used--;
            size--;
        }

        private Page own(long high) {
            Page page = directory[place(high, bits)];
            if (page.owner == this) {
                return page;
            }
            Page copy = new Page(page.bits);
            copy.slots.putBytes(0, page.slots, 0, PAGE_BYTES);
            copy.used = page.used;
            copy.owner = this;
            fill(high, page.bits, copy);
            return copy;
        }

        private void split(Page full, long high) {
            if (full.bits == bits) {
                twice();
            }
            Page zero = new Page(full.bits + 1);
            Page one = new Page(full.bits + 1);
            zero.owner = this;
            one.owner = this;
            long bit = 1L << (Long.SIZE - 1 - full.bits);
            fill(high & ~bit, zero.bits, zero);
            fill(high | bit, one.bits, one);
            pages++;
            for (int slot = 0; slot < SLOTS; slot++) {
                int at = slot * SLOT_BYTES;
                int stored = full.slots.getInt(at + NUMBER);
                if (stored != 0) {
                    long moved = full.slots.getLong(at);
                    insert((moved & bit) == 0 ? zero : one, moved, full.slots.getLong(at + LOW), stored);
                }
            }
        }

        private void twice() {
            if (bits == DIRECTORY_BITS_MAX) {
                throw new IllegalStateException("the index of credentials is full");
            }
            Page[] wider = new Page[directory.length * 2];
            for (int i = 0; i < wider.length; i++) {
                wider[i] = directory[i / 2];
            }
            directory = wider;
            bits++;
        }

        // All places whose first bits are those of the digest.
        private void fill(long high, int sharedBits, Page page) {
            int width = 1 << (bits - sharedBits);
            int first = place(high, sharedBits) * width;
            for (int i = first; i < first + width; i++) {
                directory[i] = page;
            }
        }

        /** The new version. The edit must not be used afterwards. */
        public CredentialIndex done() {
            for (Page page : directory) {
                if (page.owner == this) {
                    page.owner = null;
                }
            }
            return size == 0 ? EMPTY : new CredentialIndex(directory, bits, size, pages);
        }
    }
}
