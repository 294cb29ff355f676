package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BitUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Rate limits by key, exact over all workers: a fixed, off-heap table of GCRA cells changed by compare-and-set.
 *
 * <p>Any thread, lock-free, no allocation. Whoever made the table closes it, after the last worker has ended.
 */
@SharedByWorkers
public final class RateTable implements AutoCloseable {
    /*
     * GCRA (ITU-T I.371, annex A), virtual scheduling. A cell holds the theoretical arrival time TAT of a key's next request. With the
     * emission interval T and a bucket of B permits a request at `now` passes if max(TAT, now) + T - now <= B * T, and then
     * TAT becomes max(TAT, now) + T. A key whose TAT has passed is a full bucket, the same as a key never seen: that is what
     * makes eviction free of loss.
     *
     * Layout. A key belongs to one bucket of 256 bytes: 16 cells of two words, the first of them the bucket's header.
     *   cell    key   = fingerprint(60) version(4)            state = stage(2) tag(6) TAT(56)
     *   header  order = fingerprint(60) cell(4) while a key is being entered, else unique(60) 0(4)
     * With the bucket's number the table tells keys apart by 60 bits plus log2(buckets).
     * A cell is EMPTY or READY. Its `state` never takes the same value twice in the time a thread can sleep: TAT only grows while
     * the cell is READY, and the tag is stepped whenever it becomes EMPTY or READY or TAT is cut back.
     *
     * Taking. Find the fingerprint, read `state`, read `key` again, compare-and-set `state`. If the cell was given to another key
     * after `state` was read, the tag differs and the compare-and-set fails; if before, the second look at `key` tells.
     *
     * Entering a key. (1) If the header holds an order, carry it out. (2) Look for the key once more. (3) Pick the first EMPTY cell
     * in probe order, or turn the first idle one EMPTY. (4) Put the order (fingerprint, cell) in the header by compare-and-set
     * from the value read before (2), so no other key was entered meanwhile and two workers cannot enter the same key twice.
     * (5) Carry it out: write the fingerprint, make the cell READY, free the header, each by compare-and-set, so that any
     * thread that meets the order can do it for one that sleeps. An EMPTY cell leaves that stage only by an order.
     *
     * Time is in quarter nanoseconds since the table was made, modulo 2^56 (208 days); nearer than half of that is compared
     * correctly, and sweep() empties idle cells long before they are older.
     */

    /** Result of {@link #tryAcquire} when one permit was taken. */
    public static final long TAKEN = 0;

    /** Result of {@link #tryAcquire} when the table has no slot for the key and the limit refuses then. */
    public static final long FULL = -1;

    /** Slots of a bucket; a key is looked for in these and nowhere else. */
    public static final int BUCKET_SLOTS = 15;

    static final int UNIT_SHIFT = 2;
    static final long AHEAD_UNITS_MAX = 1L << 54;

    private static final int BUCKET_BYTES = 256;
    private static final int CELL_BYTES = 16;
    private static final int STATE_OFFSET = 8;
    private static final int BUCKETS_MAX = 1 << 22;
    private static final int CACHE_LINE_BYTES = 64;

    private static final int TAT_BITS = 56;
    private static final long TAT_MASK = (1L << TAT_BITS) - 1;
    private static final int TAT_SPARE_BITS = Long.SIZE - TAT_BITS;
    private static final long TAG_STEP = 1L << TAT_BITS;
    private static final long TAG_MASK = 0x3fL << TAT_BITS;
    private static final long STAGE_MASK = 3L << 62;
    private static final long READY = 1L << 62;

    private static final int KEY_SHIFT = 4;
    private static final long LOW_MASK = 15;

    /**
     * How far a key may run ahead of its limit before it is taken for a leftover of a slower limit and cut back: about 4 s.
     * Clocks of two workers differ by a turn of their loops; cutting back for that would give permits away.
     */
    private static final long SKEW_UNITS_MAX = 1L << 34;

    /**
     * How long a key must have been idle before its slot is given away: 67 ms. A worker whose clock is older by less than this
     * cannot find a full bucket again where, by its clock, the bucket is not full yet.
     */
    private static final long IDLE_UNITS_MIN = 1L << 28;

    /** A bucket in which so many others keep getting ahead of us counts as full. */
    private static final int ATTEMPTS_MAX = 256;

    private static final long MOVED = -2;

    private final Arena memory;
    private final AtomicBuffer cells;
    private final int bucketMask;
    private final long startNs;
    // On the heap, so that a late reader of metrics finds it after the table was closed. Rarely written.
    private final AtomicLong fullCount = new AtomicLong();

    /**
     * A table with room for at least {@code slots} keys that are not idle. It works best at most a third full: with 15
     * slots to a bucket, one key in ten thousand then finds its bucket full.
     *
     * @param slots rounded up to whole buckets and a power of two of them; 17 bytes each, at most 62 million
     * @param nowNs reading of the workers' clock, in nanoseconds
     */
    public RateTable(int slots, long nowNs) {
        this(slots, nowNs, Arena.ofShared());
    }

    /** A table in memory of the caller's; closed by the table if it can be. */
    RateTable(int slots, long nowNs, Arena memory) {
        if (slots < 1 || slots > BUCKETS_MAX * BUCKET_SLOTS) {
            throw new IllegalArgumentException(
                    "a rate table has 1 to " + BUCKETS_MAX * BUCKET_SLOTS + " slots, not " + slots);
        }
        int buckets = BitUtil.findNextPositivePowerOfTwo((slots + BUCKET_SLOTS - 1) / BUCKET_SLOTS);
        this.memory = memory;
        this.cells = new UnsafeBuffer(
                memory.allocate((long) buckets * BUCKET_BYTES, CACHE_LINE_BYTES).address(), buckets * BUCKET_BYTES);
        this.bucketMask = buckets - 1;
        this.startNs = nowNs;
    }

    /** How many keys fit, at most. */
    public int slots() {
        return (bucketMask + 1) * BUCKET_SLOTS;
    }

    /** Size of the table in native memory, in bytes. */
    public long bytes() {
        return cells.capacity();
    }

    /** How often a key found no slot, since the start. */
    public long fullCount() {
        return fullCount.get();
    }

    /**
     * Takes one permit of a limit for a key, or says how long to wait.
     *
     * <p>Any thread, lock-free: one compare-and-set when uncontended. Never blocks, never allocates.
     *
     * @param keyHigh {@link KeyHash#high} of the key
     * @param keyLow {@link KeyHash#low} of the key
     * @param nowNs reading of the worker's clock, in nanoseconds
     * @return {@link #TAKEN}; or the nanoseconds until a permit is due, always positive; or {@link #FULL}
     */
    public long tryAcquire(LimitPlan plan, long keyHigh, long keyLow, long nowNs) {
        long now = ((nowNs - startNs) << UNIT_SHIFT) & TAT_MASK;
        int bucket = ((int) keyLow & bucketMask) * BUCKET_BYTES;
        int first = 1 + (int) (((keyLow >>> 32) * BUCKET_SLOTS) >>> 32);
        long fingerprint = keyHigh >>> KEY_SHIFT;

        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int cell = find(bucket, first, fingerprint);
            if (cell != 0) {
                long result = charge(plan, bucket + cell * CELL_BYTES, fingerprint, now);
                if (result != MOVED) {
                    return result;
                }
            } else if (!enter(bucket, first, fingerprint, now)) {
                break;
            }
        }
        fullCount.incrementAndGet();
        return plan.allowsWhenFull() ? TAKEN : FULL;
    }

    /**
     * Empties the slots of idle keys in a part of the table. Needed now and then, since a slot that nobody touches for months
     * would be misread; any thread, beside the workers.
     *
     * @param fromBucket first bucket, in {@code [0, buckets())}
     * @param count how many buckets, wrapping at the end of the table
     * @return how many keys that are not idle were seen
     */
    public int sweep(int fromBucket, int count, long nowNs) {
        long now = ((nowNs - startNs) << UNIT_SHIFT) & TAT_MASK;
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

    /** How many buckets there are, a power of two. */
    public int buckets() {
        return bucketMask + 1;
    }

    @Override
    public void close() {
        memory.close();
    }

    private int find(int bucket, int first, long fingerprint) {
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

    private long charge(LimitPlan plan, int at, long fingerprint, long now) {
        while (true) {
            long state = cells.getLongAcquire(at + STATE_OFFSET);
            if (!isReady(state) || cells.getLongOpaque(at) >>> KEY_SHIFT != fingerprint) {
                return MOVED;
            }
            long ahead = Math.max(0, ahead(state, now));
            if (ahead > plan.burstUnits() + SKEW_UNITS_MAX) {
                // The limit was made faster or smaller: its keys go on from an empty bucket instead of waiting out the
                // old one.
                cells.compareAndSetLong(at + STATE_OFFSET, state, stepTag(withTat(state, now + plan.burstUnits())));
                continue;
            }
            long next = ahead + plan.intervalUnits();
            if (next > plan.burstUnits()) {
                return ((next - plan.burstUnits() - 1) >> UNIT_SHIFT) + 1;
            }
            if (cells.compareAndSetLong(at + STATE_OFFSET, state, withTat(state, now + next))) {
                return TAKEN;
            }
        }
    }

    /** One step towards having the key in the bucket; false if there is no slot for it. */
    private boolean enter(int bucket, int first, long fingerprint, long now) {
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
        return ahead(state, now) <= -IDLE_UNITS_MIN && cells.compareAndSetLong(at, state, stepTag(state) & ~STAGE_MASK);
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
            cells.compareAndSetLong(at + STATE_OFFSET, state, stepTag(withTat(state, idleTat(state, now))) | READY);
        }
        long unique = (cells.getLongVolatile(at + STATE_OFFSET) ^ (long) cell << 57) * 0x9e3779b97f4a7c15L;
        cells.compareAndSetLong(bucket, order, unique & ~LOW_MASK);
    }

    /** A TAT that means a full bucket: the one the cell has, unless it is so old that it would seem to lie ahead. */
    private static long idleTat(long state, long now) {
        long ahead = ahead(state, now);
        return ahead <= 0 && ahead > -AHEAD_UNITS_MAX ? state : now - AHEAD_UNITS_MAX;
    }

    private static long ahead(long state, long now) {
        return ((state - now) << TAT_SPARE_BITS) >> TAT_SPARE_BITS;
    }

    private static long withTat(long state, long tat) {
        return (state & ~TAT_MASK) | (tat & TAT_MASK);
    }

    private static long stepTag(long state) {
        return (state & ~TAG_MASK) | ((state + TAG_STEP) & TAG_MASK);
    }

    private static boolean isReady(long state) {
        return (state & STAGE_MASK) == READY;
    }

    private static boolean isOrder(long header) {
        return (header & LOW_MASK) != 0;
    }

    private static int next(int cell) {
        return cell == BUCKET_SLOTS ? 1 : cell + 1;
    }
}
