package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.lang.foreign.Arena;

/**
 * Rate limits that all workers share: a fixed, off-heap table of GCRA cells changed by compare-and-set.
 *
 * <p>Any thread, lock-free, no allocation. Whoever made the table closes it, after the last worker has ended.
 */
@SharedByWorkers
public final class RateTable extends KeyCells {
    /*
     * GCRA (ITU-T I.371, annex A), virtual scheduling. A cell's payload is the theoretical arrival time TAT of a key's next request. With the
     * emission interval T and a bucket of B permits a request at `now` passes if max(TAT, now) + T - now <= B * T, and then
     * TAT becomes max(TAT, now) + T. A key whose TAT has passed is a full bucket, the same as a key never seen: that is what
     * makes eviction free of loss. TAT only grows while the cell is READY; the tag is stepped where it is cut back.
     *
     * Time is in quarter nanoseconds since the table was made, modulo 2^56 (208 days); nearer than half of that is compared
     * correctly, and sweep() empties idle cells long before they are older.
     */

    /** Result of {@link #tryAcquire} when one permit was taken. */
    public static final long TAKEN = 0;

    /** Result of {@link #tryAcquire} when the table has no slot for the key and the limit refuses then. */
    public static final long FULL = -1;

    /** Result of {@link #take} when the table has no slot for the key. */
    public static final long NO_SLOT = 0;

    /** Result of {@link #pace} when the table has no slot for the key. */
    public static final long NO_ROOM = -1;

    static final int UNIT_SHIFT = 2;
    static final long AHEAD_UNITS_MAX = 1L << 54;

    private static final int TAT_SPARE_BITS = Long.SIZE - PAYLOAD_BITS;

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

    private static final long MOVED = 0;

    /** How much time bytes that have passed can be owed at most: ten minutes. */
    private static final long PACE_AHEAD_MAX = 600_000_000_000L << UNIT_SHIFT;

    private static final long PACE_MOVED = -2;
    private static final long PACE_REQUEST_KEY = 0x70616365_72657175L;
    private static final long PACE_RESPONSE_KEY = 0x70616365_72657370L;

    private final long startNs;

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
        super(slots, memory);
        this.startNs = nowNs;
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
        long taken = take(plan, keyHigh, keyLow, nowNs);
        if (taken == NO_SLOT) {
            return plan.allowsWhenFull() ? TAKEN : FULL;
        }
        return taken > 0 ? TAKEN : -taken;
    }

    /**
     * Takes one permit of a limit for a key, and says how much of its bucket is in use then.
     *
     * <p>Any thread, lock-free, as {@link #tryAcquire}.
     *
     * @return if it was taken, how much of {@link LimitPlan#burstUnits} is in use, always positive; if not, the nanoseconds
     *     until a permit is due, negated; or {@link #NO_SLOT}, which is counted
     */
    public long take(LimitPlan plan, long keyHigh, long keyLow, long nowNs) {
        long now = ((nowNs - startNs) << UNIT_SHIFT) & PAYLOAD_MASK;
        int bucket = bucketOf(keyLow);
        int first = firstCellOf(keyLow);
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
        countFull();
        return NO_SLOT;
    }

    /**
     * How much of a key's bucket is in use, for {@link LimitPlan#permitsLeft}; changes nothing. Any thread.
     *
     * @return 0 for a full bucket
     */
    public long used(LimitPlan plan, long keyHigh, long keyLow, long nowNs) {
        long now = ((nowNs - startNs) << UNIT_SHIFT) & PAYLOAD_MASK;
        int bucket = bucketOf(keyLow);
        int cell = find(bucket, firstCellOf(keyLow), keyHigh >>> KEY_SHIFT);
        if (cell == 0) {
            return 0;
        }
        long state = cells.getLongAcquire(bucket + cell * CELL_BYTES + STATE_OFFSET);
        return Math.clamp(ahead(state, now), 0, plan.burstUnits());
    }

    /**
     * Charges bytes that have passed to the bandwidth of a limit for a key, and says how far the key has run ahead of it. Any
     * thread, lock-free.
     *
     * <p>The same virtual scheduling as for permits, but nothing is ever refused: TAT moves on by the time that the bytes take
     * at the limit's bandwidth, and whoever brought them waits until it is near enough again.
     *
     * @param bytes how many have passed; 0 looks and changes nothing
     * @return the nanoseconds that all bytes charged so far lie ahead of now, 0 if they do not; or {@link #NO_ROOM}
     */
    public long pace(LimitPlan plan, boolean isRequest, long keyHigh, long keyLow, int bytes, long nowNs) {
        long cost = bytes * ((8 * 1_000_000_000L) << UNIT_SHIFT) / plan.bitsPerSecond(isRequest);
        long now = ((nowNs - startNs) << UNIT_SHIFT) & PAYLOAD_MASK;
        int bucket = bucketOf(keyLow);
        int first = firstCellOf(keyLow);
        long fingerprint = (keyHigh ^ (isRequest ? PACE_REQUEST_KEY : PACE_RESPONSE_KEY)) >>> KEY_SHIFT;
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            int cell = find(bucket, first, fingerprint);
            if (cell != 0) {
                long aheadNs = owe(bucket + cell * CELL_BYTES, fingerprint, cost, now);
                if (aheadNs != PACE_MOVED) {
                    return aheadNs;
                }
            } else if (cost == 0) {
                return 0;
            } else if (!enter(bucket, first, fingerprint, now)) {
                break;
            }
        }
        countFull();
        return NO_ROOM;
    }

    private long owe(int at, long fingerprint, long cost, long now) {
        while (true) {
            long state = cells.getLongAcquire(at + STATE_OFFSET);
            if (!isReady(state) || cells.getLongOpaque(at) >>> KEY_SHIFT != fingerprint) {
                return PACE_MOVED;
            }
            long ahead = Math.max(0, ahead(state, now));
            if (cost == 0) {
                return ahead >> UNIT_SHIFT;
            }
            long next = Math.min(ahead + cost, PACE_AHEAD_MAX);
            // The tag in place of the promise that TAT only grows: at the bound it may stand still.
            if (cells.compareAndSetLong(at + STATE_OFFSET, state, stepTag(withPayload(state, now + next)))) {
                return next >> UNIT_SHIFT;
            }
        }
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
        return sweepCells(fromBucket, count, ((nowNs - startNs) << UNIT_SHIFT) & PAYLOAD_MASK);
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
                cells.compareAndSetLong(at + STATE_OFFSET, state, stepTag(withPayload(state, now + plan.burstUnits())));
                continue;
            }
            long next = ahead + plan.intervalUnits();
            if (next > plan.burstUnits()) {
                return -(((next - plan.burstUnits() - 1) >> UNIT_SHIFT) + 1);
            }
            if (cells.compareAndSetLong(at + STATE_OFFSET, state, withPayload(state, now + next))) {
                return next;
            }
        }
    }

    @Override
    boolean isIdle(long state, long now) {
        return ahead(state, now) <= -IDLE_UNITS_MIN;
    }

    // A TAT that means a full bucket: the one the cell has, unless it is so old that it would seem to lie ahead.
    @Override
    long idleState(long state, long now) {
        long ahead = ahead(state, now);
        return ahead <= 0 && ahead > -AHEAD_UNITS_MAX ? state : now - AHEAD_UNITS_MAX;
    }

    private static long ahead(long state, long now) {
        return ((state - now) << TAT_SPARE_BITS) >> TAT_SPARE_BITS;
    }
}
