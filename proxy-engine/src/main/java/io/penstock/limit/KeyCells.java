package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BitUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A fixed, off-heap table of cells found by key, changed by compare-and-set: how a key gets its cell, and how an idle one is
 * given away. What a cell's payload means, and when it is idle, each table says.
 *
 * <p>Any thread, lock-free, no allocation. Whoever made the table closes it, after the last worker has ended.
 */
@SharedByWorkers
abstract sealed class KeyCells implements AutoCloseable permits RateTable, QuotaTable {
    /*
     * Layout. A key belongs to one bucket of 256 bytes: 16 cells of two words, the first of them the bucket's header.
     *   cell    key   = fingerprint(60) version(4)            state = stage(2) tag(6) payload(56)
     *   header  order = fingerprint(60) cell(4) while a key is being entered, else unique(60) 0(4)
     * With the bucket's number the table tells keys apart by 60 bits plus log2(buckets).
     * A cell is EMPTY or READY. Its `state` never takes the same value twice in the time a thread can sleep: a payload never
     * comes back while the cell is READY, unless the tag is stepped; and it is stepped whenever the cell becomes EMPTY or READY.
     *
     * Charging. Find the fingerprint, read `state`, read `key` again, compare-and-set `state`. If the cell was given to another key
     * after `state` was read, the tag differs and the compare-and-set fails; if before, the second look at `key` tells.
     *
     * Entering a key. (1) If the header holds an order, carry it out. (2) Look for the key once more. (3) Pick the first EMPTY cell
     * in probe order, or turn the first idle one EMPTY. (4) Put the order (fingerprint, cell) in the header by compare-and-set
     * from the value read before (2), so no other key was entered meanwhile and two workers cannot enter the same key twice.
     * (5) Carry it out: write the fingerprint, make the cell READY, free the header, each by compare-and-set, so that any
     * thread that meets the order can do it for one that sleeps. An EMPTY cell leaves that stage only by an order.
     */

    /** Slots of a bucket; a key is looked for in these and nowhere else. */
    public static final int BUCKET_SLOTS = 15;

    static final int BUCKET_BYTES = 256;
    static final int CELL_BYTES = 16;
    static final int STATE_OFFSET = 8;
    static final int PAYLOAD_BITS = 56;
    static final long PAYLOAD_MASK = (1L << PAYLOAD_BITS) - 1;
    static final int KEY_SHIFT = 4;

    private static final int BUCKETS_MAX = 1 << 22;
    private static final int CACHE_LINE_BYTES = 64;
    private static final long TAG_STEP = 1L << PAYLOAD_BITS;
    private static final long TAG_MASK = 0x3fL << PAYLOAD_BITS;
    private static final long STAGE_MASK = 3L << 62;
    private static final long READY = 1L << 62;
    private static final long LOW_MASK = 15;

    /** A bucket in which so many others keep getting ahead of us counts as full. */
    static final int ATTEMPTS_MAX = 256;

    final AtomicBuffer cells;
    final int bucketMask;
    private final Arena memory;
    // On the heap, so that a late reader of metrics finds it after the table was closed. Rarely written.
    private final AtomicLong fullCount = new AtomicLong();

    KeyCells(int slots, Arena memory) {
        if (slots < 1 || slots > BUCKETS_MAX * BUCKET_SLOTS) {
            throw new IllegalArgumentException(
                    "a table of keys has 1 to " + BUCKETS_MAX * BUCKET_SLOTS + " slots, not " + slots);
        }
        int buckets = BitUtil.findNextPositivePowerOfTwo((slots + BUCKET_SLOTS - 1) / BUCKET_SLOTS);
        this.memory = memory;
        this.cells = new UnsafeBuffer(
                memory.allocate((long) buckets * BUCKET_BYTES, CACHE_LINE_BYTES).address(), buckets * BUCKET_BYTES);
        this.bucketMask = buckets - 1;
    }

    /** Whether a READY cell says no more than an absent one. */
    abstract boolean isIdle(long state, long now);

    /** The state, but for its tag, of a cell that is about to be READY and says no more than an absent one. */
    abstract long idleState(long state, long now);

    /** How many keys fit, at most. */
    public final int slots() {
        return (bucketMask + 1) * BUCKET_SLOTS;
    }

    /** Size of the table in native memory, in bytes. */
    public final long bytes() {
        return cells.capacity();
    }

    /** How many buckets there are, a power of two. */
    public final int buckets() {
        return bucketMask + 1;
    }

    /** How often a key found no slot, since the start. */
    public final long fullCount() {
        return fullCount.get();
    }

    final void countFull() {
        fullCount.incrementAndGet();
    }

    @Override
    public final void close() {
        memory.close();
    }

    // Empties idle cells; the number of those that are not idle.
    final int sweepCells(int fromBucket, int count, long now) {
        int active = 0;
        for (int i = 0; i < count; i++) {
            int bucket = ((fromBucket + i) & bucketMask) * BUCKET_BYTES;
            for (int cell = 1; cell <= BUCKET_SLOTS; cell++) {
                int at = bucket + cell * CELL_BYTES + STATE_OFFSET;
                long state = cells.getLongAcquire(at);
                if (isReady(state) && !tryEmpty(at, state, now)) {
                    active++;
                }
            }
        }
        return active;
    }

    final int bucketOf(long keyLow) {
        return ((int) keyLow & bucketMask) * BUCKET_BYTES;
    }

    static int firstCellOf(long keyLow) {
        return 1 + (int) (((keyLow >>> 32) * BUCKET_SLOTS) >>> 32);
    }

    // 0 where the key has no cell.
    final int find(int bucket, int first, long fingerprint) {
        int cell = first;
        for (int i = 0; i < BUCKET_SLOTS; i++) {
            int at = bucket + cell * CELL_BYTES;
            if (cells.getLongOpaque(at) >>> KEY_SHIFT == fingerprint
                    && isReady(cells.getLongOpaque(at + STATE_OFFSET))) {
                return cell;
            }
            cell = next(cell);
        }
        return 0;
    }

    /** One step towards having the key in the bucket; false if there is no slot for it. */
    final boolean enter(int bucket, int first, long fingerprint, long now) {
        long header = cells.getLongVolatile(bucket);
        if (isOrder(header)) {
            carryOut(bucket, header, now);
            return true;
        }
        if (find(bucket, first, fingerprint) != 0) {
            return true;
        }
        int cell = vacate(bucket, first, now);
        if (cell == 0) {
            // The bucket may have changed while we looked; full it is only if nothing was entered meanwhile.
            return cells.getLongVolatile(bucket) != header;
        }
        long order = fingerprint << KEY_SHIFT | cell;
        if (cells.compareAndSetLong(bucket, header, order)) {
            carryOut(bucket, order, now);
        }
        return true;
    }

    private int vacate(int bucket, int first, long now) {
        int cell = first;
        for (int i = 0; i < BUCKET_SLOTS; i++) {
            if (!isReady(cells.getLongAcquire(bucket + cell * CELL_BYTES + STATE_OFFSET))) {
                return cell;
            }
            cell = next(cell);
        }
        for (int i = 0; i < BUCKET_SLOTS; i++) {
            int at = bucket + cell * CELL_BYTES + STATE_OFFSET;
            long state = cells.getLongAcquire(at);
            if (!isReady(state) || tryEmpty(at, state, now)) {
                return cell;
            }
            cell = next(cell);
        }
        return 0;
    }

    private boolean tryEmpty(int at, long state, long now) {
        return isIdle(state, now) && cells.compareAndSetLong(at, state, stepTag(state) & ~STAGE_MASK);
    }

    private void carryOut(int bucket, long order, long now) {
        int cell = (int) (order & LOW_MASK);
        int at = bucket + cell * CELL_BYTES;
        long state = cells.getLongVolatile(at + STATE_OFFSET);
        long key = cells.getLongVolatile(at);
        if (cells.getLongVolatile(bucket) != order) {
            return;
        }
        if (!isReady(state)) {
            long fingerprint = order >>> KEY_SHIFT;
            if (key >>> KEY_SHIFT != fingerprint
                    && !cells.compareAndSetLong(at, key, fingerprint << KEY_SHIFT | ((key + 1) & LOW_MASK))) {
                return;
            }
            cells.compareAndSetLong(
                    at + STATE_OFFSET, state, stepTag(withPayload(state, idleState(state, now))) | READY);
        }
        long unique = (cells.getLongVolatile(at + STATE_OFFSET) ^ (long) cell << 57) * 0x9e3779b97f4a7c15L;
        cells.compareAndSetLong(bucket, order, unique & ~LOW_MASK);
    }

    static long withPayload(long state, long payload) {
        return (state & ~PAYLOAD_MASK) | (payload & PAYLOAD_MASK);
    }

    static long stepTag(long state) {
        return (state & ~TAG_MASK) | ((state + TAG_STEP) & TAG_MASK);
    }

    static boolean isReady(long state) {
        return (state & STAGE_MASK) == READY;
    }

    private static boolean isOrder(long header) {
        return (header & LOW_MASK) != 0;
    }

    private static int next(int cell) {
        return cell == BUCKET_SLOTS ? 1 : cell + 1;
    }
}
