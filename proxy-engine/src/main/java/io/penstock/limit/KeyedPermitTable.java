package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import io.penstock.metrics.MetricEntry;
import io.penstock.metrics.Sample;
import io.penstock.metrics.SampleSource;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.agrona.BitUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Permits in use by key, exact over all workers: exchanges at once of a limit's key, of an admission, waiting ones. Where the
 * resources are few and known beforehand, {@link PermitTable} has a cell of its own for each.
 *
 * <p>Any thread, lock-free, no allocation. Whoever made the table closes it, after the last worker has ended.
 */
@SharedByWorkers
public final class KeyedPermitTable implements AutoCloseable, SampleSource {
    /*
     * A key has a cell as long as permits of it are in use: a count of zero means the same as a key never seen, so that giving
     * such a cell to another key loses nothing, and no key outlives its last permit.
     *
     * Layout and the way a key is entered are those of RateTable, where they are explained:
     *   cell    key   = fingerprint(60) version(4)            state = stage(2) tag(30) count(32)
     *   header  order = fingerprint(60) cell(4) while a key is being entered, else unique(60) 0(4)
     * The tag is stepped whenever a cell becomes EMPTY or READY, so that a compare-and-set of a state read earlier fails once the
     * cell went to another key, whatever its count is now. A cell with permits in use never leaves its key: whoever holds
     * one gives it back by the cell's number, without looking for the key again.
     */

    /** Result of {@link #tryAcquire} when the key has as many permits in use as it may. */
    public static final int REFUSED = -1;

    /** Result of {@link #tryAcquire} when the table has no cell for the key. */
    public static final int FULL = -2;

    /** Cells of a bucket; a key is looked for in these and nowhere else. */
    static final int BUCKET_SLOTS = 15;

    private static final int BUCKET_BYTES = 256;
    private static final int CELL_BYTES = 16;
    private static final int STATE_OFFSET = 8;
    private static final int BUCKETS_MAX = 1 << 22;
    private static final int CACHE_LINE_BYTES = 64;

    private static final long COUNT_MASK = 0xffff_ffffL;
    private static final long TAG_STEP = 1L << 32;
    private static final long TAG_MASK = 0x3fff_ffffL << 32;
    private static final long STAGE_MASK = 3L << 62;
    private static final long READY = 1L << 62;

    private static final int KEY_SHIFT = 4;
    private static final long LOW_MASK = 15;

    /** A bucket in which so many others keep getting ahead of us counts as full. */
    private static final int ATTEMPTS_MAX = 256;

    private static final int MOVED = -3;

    private static final MetricEntry KEYS_MAX = MetricEntry.gauge(
            "penstock_permit_table_slots", "Keys with exchanges under way that the table of permits can hold.");
    private static final MetricEntry WITHOUT_CELL = MetricEntry.counter(
            "penstock_permit_table_full_total",
            "Times a key found no cell, and passed or was refused as its limit says.");

    private final Arena memory;
    private final AtomicBuffer cells;
    private final int bucketMask;
    // On the heap, so that a late reader of metrics finds it after the table was closed. Rarely written.
    private final AtomicLong fullCount = new AtomicLong();

    /**
     * A table with room for at least {@code slots} keys with permits in use. It works best at most a third full.
     *
     * @param slots rounded up to whole buckets and a power of two of them; 17 bytes each, at most 62 million
     */
    public KeyedPermitTable(int slots) {
        this(slots, Arena.ofShared());
    }

    /** A table in memory of the caller's; closed by the table if it can be. */
    KeyedPermitTable(int slots, Arena memory) {
        if (slots < 1 || slots > BUCKETS_MAX * BUCKET_SLOTS) {
            throw new IllegalArgumentException(
                    "a table of permits by key has 1 to " + BUCKETS_MAX * BUCKET_SLOTS + " slots, not " + slots);
        }
        int buckets = BitUtil.findNextPositivePowerOfTwo((slots + BUCKET_SLOTS - 1) / BUCKET_SLOTS);
        this.memory = memory;
        this.cells = new UnsafeBuffer(
                memory.allocate((long) buckets * BUCKET_BYTES, CACHE_LINE_BYTES).address(), buckets * BUCKET_BYTES);
        this.bucketMask = buckets - 1;
    }

    /** How many keys fit, at most. */
    public int slots() {
        return (bucketMask + 1) * BUCKET_SLOTS;
    }

    /** How often a key found no cell, since the start. */
    public long fullCount() {
        return fullCount.get();
    }

    /**
     * Takes one permit of a key, if fewer than {@code max} are in use. Any thread, lock-free: one compare-and-set when
     * uncontended.
     *
     * @param keyHigh {@link KeyHash#high} of the key
     * @param keyLow {@link KeyHash#low} of the key
     * @param max how many permits the key has, at most 2^31 - 1
     * @return the cell, not negative, by which {@link #release} gives the permit back; or {@link #REFUSED} or {@link #FULL}
     */
    public int tryAcquire(long keyHigh, long keyLow, long max) {
        if (max <= 0) {
            return REFUSED;
        }
        int bucket = bucketOf(keyLow);
        int first = firstOf(keyLow);
        long fingerprint = keyHigh >>> KEY_SHIFT;
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int cell = find(bucket, first, fingerprint);
            if (cell != 0) {
                int result = take(bucket + cell * CELL_BYTES, fingerprint, max);
                if (result != MOVED) {
                    return result;
                }
            } else if (!enter(bucket, first, fingerprint)) {
                break;
            }
        }
        fullCount.incrementAndGet();
        return FULL;
    }

    /**
     * Gives one permit back. Any thread, lock-free.
     *
     * @param cell of {@link #tryAcquire}
     */
    public void release(int cell) {
        long before = cells.getAndAddLong(cell * CELL_BYTES + STATE_OFFSET, -1);
        assert (before & COUNT_MASK) > 0 : "cell " + cell + " had no permit in use";
    }

    /** How many permits of a key are in use. Any thread. */
    public long inUse(long keyHigh, long keyLow) {
        int bucket = bucketOf(keyLow);
        int cell = find(bucket, firstOf(keyLow), keyHigh >>> KEY_SHIFT);
        return cell == 0 ? 0 : cells.getLongOpaque(bucket + cell * CELL_BYTES + STATE_OFFSET) & COUNT_MASK;
    }

    /** How many permits are in use of all keys. Any thread; looks at the whole table. */
    public long inUse() {
        long sum = 0;
        for (int at = 0; at < cells.capacity(); at += CELL_BYTES) {
            if (at % BUCKET_BYTES != 0) {
                sum += cells.getLongOpaque(at + STATE_OFFSET) & COUNT_MASK;
            }
        }
        return sum;
    }

    @Override
    public List<MetricEntry> entries() {
        return List.of(KEYS_MAX, WITHOUT_CELL);
    }

    @Override
    public void collect(Consumer<Sample> into) {
        into.accept(Sample.of(KEYS_MAX, slots()));
        into.accept(Sample.of(WITHOUT_CELL, fullCount()));
    }

    @Override
    public void close() {
        memory.close();
    }

    private int bucketOf(long keyLow) {
        return ((int) keyLow & bucketMask) * BUCKET_BYTES;
    }

    private static int firstOf(long keyLow) {
        return 1 + (int) (((keyLow >>> 32) * BUCKET_SLOTS) >>> 32);
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

    private int take(int at, long fingerprint, long max) {
        while (true) {
            long state = cells.getLongAcquire(at + STATE_OFFSET);
            if (!isReady(state) || cells.getLongOpaque(at) >>> KEY_SHIFT != fingerprint) {
                return MOVED;
            }
            if ((state & COUNT_MASK) >= max) {
                return REFUSED;
            }
            if (cells.compareAndSetLong(at + STATE_OFFSET, state, state + 1)) {
                return at / CELL_BYTES;
            }
        }
    }

    /** One step towards having the key in the bucket; false if there is no cell for it. */
    private boolean enter(int bucket, int first, long fingerprint) {
        long header = cells.getLongVolatile(bucket);
        if (isOrder(header)) {
            carryOut(bucket, header);
            return true;
        }
        if (find(bucket, first, fingerprint) != 0) {
            return true;
        }
        int cell = vacate(bucket, first);
        if (cell == 0) {
            // The bucket may have changed while we looked; full it is only if nothing was entered meanwhile.
            return cells.getLongVolatile(bucket) != header;
        }
        long order = fingerprint << KEY_SHIFT | cell;
        if (cells.compareAndSetLong(bucket, header, order)) {
            carryOut(bucket, order);
        }
        return true;
    }

    private int vacate(int bucket, int first) {
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
            if (!isReady(state)
                    || ((state & COUNT_MASK) == 0
                            && cells.compareAndSetLong(at, state, stepTag(state) & ~STAGE_MASK))) {
                return cell;
            }
            cell = next(cell);
        }
        return 0;
    }

    private void carryOut(int bucket, long order) {
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
            cells.compareAndSetLong(at + STATE_OFFSET, state, stepTag(state) | READY);
        }
        long unique = (cells.getLongVolatile(at + STATE_OFFSET) ^ (long) cell << 57) * 0x9e3779b97f4a7c15L;
        cells.compareAndSetLong(bucket, order, unique & ~LOW_MASK);
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
