package io.penstock.limit;

import io.penstock.config.CalendarUnit;
import io.penstock.mark.SharedByWorkers;
import java.lang.foreign.Arena;

/**
 * Quotas that all workers share: a fixed, off-heap table of counts, each within one window of the calendar, changed by
 * compare-and-set. {@link QuotaFile} keeps what it holds.
 *
 * <p>Any thread, lock-free, no allocation. Whoever made the table closes it, after the last worker has ended.
 */
@SharedByWorkers
public final class QuotaTable extends KeyCells {
    /*
     * A cell's payload is unit(3) start(21) count(32): the unit of the window, its first minute since 1970 modulo 2^21 (four
     * years; nearer than half of that is compared correctly, and sweep() empties cells long before), and how many were taken in
     * it. A window that has passed is the same as a key never seen, so eviction is free of loss.
     *
     * Counts only grow and windows only advance while a cell is READY. Where a window goes back, since the clock was set back,
     * the tag is stepped. Workers cross a boundary within microseconds of each other: one whose clock is behind counts in the window
     * that another has begun.
     */

    /** Result of {@link #take} when the quota is used up. */
    public static final long EXHAUSTED = -1;

    /** Result of {@link #take} when the table has no slot for the key; it is counted. */
    public static final long NO_SLOT = 0;

    private static final int COUNT_BITS = 32;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final int START_BITS = 21;
    private static final long START_MASK = (1L << START_BITS) - 1;
    private static final int WINDOW_BITS = START_BITS + 3;
    private static final long WINDOW_MASK = (1L << WINDOW_BITS) - 1;
    private static final int SIGN_SHIFT = Long.SIZE - START_BITS;

    /** A window that begins later by more than this, in minutes, was counted by a clock that was wrong. */
    private static final long SKEW_MINUTES_MAX = 1;

    private static final long MOVED = -2;

    private static final long[] MINUTES_MAX = minutesMax();

    /** A table with room for at least {@code slots} keys; as {@link RateTable}, best at most a third full. */
    public QuotaTable(int slots) {
        this(slots, Arena.ofShared());
    }

    /** A table in memory of the caller's; closed by the table if it can be. */
    QuotaTable(int slots, Arena memory) {
        super(slots, memory);
    }

    // With an hour or two to spare for days on which clocks are put back.
    private static long[] minutesMax() {
        long[] minutes = new long[CalendarUnit.values().length];
        for (CalendarUnit unit : CalendarUnit.values()) {
            minutes[unit.index()] = switch (unit) {
                case MINUTE -> 2;
                case HOUR -> 180;
                case DAY -> 26 * 60;
                case WEEK -> 8 * 24 * 60;
                case MONTH -> 32 * 24 * 60;
            };
        }
        return minutes;
    }

    /**
     * Takes one request of a quota for a key.
     *
     * <p>Any thread, lock-free: one compare-and-set when uncontended. Never blocks, never allocates.
     *
     * @param keyHigh {@link KeyHash#high} of the key
     * @param keyLow {@link KeyHash#low} of the key
     * @param startMinute first minute of the present window, since 1970
     * @param nowMinute the present minute
     * @return how many are taken then, at least 1; or {@link #EXHAUSTED}, or {@link #NO_SLOT}
     */
    public long take(QuotaPlan plan, long keyHigh, long keyLow, long startMinute, long nowMinute) {
        int bucket = bucketOf(keyLow);
        int first = firstCellOf(keyLow);
        // The unit and the time zone are part of the key: other windows are other counts.
        long fingerprint = (keyHigh ^ plan.salt()) >>> KEY_SHIFT;
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int cell = find(bucket, first, fingerprint);
            if (cell != 0) {
                long result = charge(plan, bucket + cell * CELL_BYTES, fingerprint, startMinute, nowMinute);
                if (result != MOVED) {
                    return result;
                }
            } else if (!enter(bucket, first, fingerprint, nowMinute)) {
                break;
            }
        }
        countFull();
        return NO_SLOT;
    }

    /**
     * How many requests of a quota a key has taken in the present window; changes nothing. Any thread.
     *
     * @param startMinute first minute of the present window, since 1970
     */
    public long taken(QuotaPlan plan, long keyHigh, long keyLow, long startMinute) {
        int bucket = bucketOf(keyLow);
        int cell = find(bucket, firstCellOf(keyLow), (keyHigh ^ plan.salt()) >>> KEY_SHIFT);
        if (cell == 0) {
            return 0;
        }
        long window = ((long) plan.unit().index() << START_BITS) | (startMinute & START_MASK);
        long state = cells.getLongAcquire(bucket + cell * CELL_BYTES + STATE_OFFSET);
        return (state >>> COUNT_BITS & WINDOW_MASK) == window ? state & COUNT_MASK : 0;
    }

    private long charge(QuotaPlan plan, int at, long fingerprint, long startMinute, long nowMinute) {
        long window = ((long) plan.unit().index() << START_BITS) | (startMinute & START_MASK);
        while (true) {
            long state = cells.getLongAcquire(at + STATE_OFFSET);
            if (!isReady(state) || cells.getLongOpaque(at) >>> KEY_SHIFT != fingerprint) {
                return MOVED;
            }
            long found = state >>> COUNT_BITS & WINDOW_MASK;
            if (found == window || isBegunByAnother(found, window, nowMinute)) {
                long count = state & COUNT_MASK;
                if (count >= plan.requests()) {
                    return EXHAUSTED;
                }
                if (cells.compareAndSetLong(at + STATE_OFFSET, state, state + 1)) {
                    return count + 1;
                }
            } else {
                long begun = stepTag(withPayload(state, (window << COUNT_BITS) | 1));
                if (cells.compareAndSetLong(at + STATE_OFFSET, state, begun)) {
                    return 1;
                }
            }
        }
    }

    private static boolean isBegunByAnother(long found, long window, long nowMinute) {
        return found >>> START_BITS == window >>> START_BITS
                && minutesFrom(window, found) > 0
                && minutesFrom(nowMinute, found) <= SKEW_MINUTES_MAX;
    }

    /**
     * Empties the slots of keys whose windows have passed, in a part of the table; any thread, beside the workers.
     *
     * @param fromBucket first bucket, in {@code [0, buckets())}
     * @param count how many buckets, wrapping at the end of the table
     * @return how many keys with a count were seen
     */
    public int sweep(int fromBucket, int count, long nowMinute) {
        return sweepCells(fromBucket, count, nowMinute);
    }

    @Override
    boolean isIdle(long state, long now) {
        long found = state >>> COUNT_BITS & WINDOW_MASK;
        long age = minutesFrom(found, now);
        return age > minutesMax(found >>> START_BITS) || age < -2 * SKEW_MINUTES_MAX;
    }

    private static long minutesMax(long unit) {
        return unit < MINUTES_MAX.length ? MINUTES_MAX[(int) unit] : 0;
    }

    // The present minute with no count: idle soon, unless its key is charged, as it is about to be.
    @Override
    long idleState(long state, long now) {
        return (now & START_MASK) << COUNT_BITS;
    }

    private static long minutesFrom(long early, long late) {
        return ((late - early) << SIGN_SHIFT) >> SIGN_SHIFT;
    }

    // ---- for the file ----

    /** The key's word of a cell, or 0 if the cell holds nothing to keep; its state is in {@code states[index]} then. */
    long read(int bucket, int cell, long nowMinute, long[] states, int index) {
        int at = bucket * BUCKET_BYTES + cell * CELL_BYTES;
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            long state = cells.getLongAcquire(at + STATE_OFFSET);
            if (!isReady(state) || (state & COUNT_MASK) == 0 || isIdle(state, nowMinute)) {
                return 0;
            }
            long key = cells.getLongAcquire(at);
            if (cells.getLongVolatile(at + STATE_OFFSET) == state) {
                states[index] = state;
                return key;
            }
        }
        return 0;
    }

    /** Puts a cell back, before the first worker begins. @return whether it still counts */
    boolean restore(int bucket, int cell, long key, long state, long nowMinute) {
        if (!isReady(state) || isIdle(state, nowMinute)) {
            return false;
        }
        int at = bucket * BUCKET_BYTES + cell * CELL_BYTES;
        cells.putLong(at, key);
        cells.putLongRelease(at + STATE_OFFSET, state);
        return true;
    }
}
