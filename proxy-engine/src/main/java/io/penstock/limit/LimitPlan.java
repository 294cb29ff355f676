package io.penstock.limit;

import io.penstock.config.LimitConfig;
import io.penstock.config.LimitKeyPart;
import io.penstock.config.OnFull;
import io.penstock.config.OnMissing;
import io.penstock.mark.SharedByWorkers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * A rate limit compiled for {@link RateTable}: its emission interval and burst in table units, and what its key is made of.
 *
 * <p>Immutable. The key hash begins with the limit's name and nothing else of the plan, so that a limit whose rate or
 * burst is changed goes on with the state its keys had.
 */
@SharedByWorkers
public final class LimitPlan {
    /** The longest time a bucket may need to fill, about 52 days; it leaves the table's clock room to wrap. */
    public static final Duration FILL_TIME_MAX = Duration.ofNanos(RateTable.AHEAD_UNITS_MAX >> RateTable.UNIT_SHIFT);

    private final String name;
    private final long nameHigh;
    private final long nameLow;
    private final long intervalUnits;
    private final long burstUnits;
    private final long burst;
    private final LimitKeyPart[] key;
    private final OnMissing onMissing;
    private final boolean allowsWhenFull;

    private LimitPlan(
            String name,
            long intervalUnits,
            long burst,
            Collection<LimitKeyPart> key,
            OnMissing onMissing,
            boolean allowsWhenFull) {
        this.name = name;
        this.nameHigh = KeyHash.ofName(name);
        this.nameLow = KeyHash.ofName("limit/" + name);
        this.intervalUnits = intervalUnits;
        this.burst = burst;
        this.burstUnits = intervalUnits * burst;
        this.key = key.toArray(new LimitKeyPart[0]);
        this.onMissing = onMissing;
        this.allowsWhenFull = allowsWhenFull;
    }

    /**
     * Compiles a limit from its configuration.
     *
     * @throws IllegalArgumentException if the bucket would take longer than {@link #FILL_TIME_MAX} to fill
     */
    public static LimitPlan of(LimitConfig config) {
        return of(
                config.name(),
                config.rate().permits(),
                config.rate().per(),
                config.burstPermits(),
                config.keyParts(),
                config.onMissing(),
                config.onFull() == OnFull.ALLOW);
    }

    /** Compiles a limit with one bucket for everything. */
    public static LimitPlan of(String name, long permits, Duration per, long burst, boolean allowsWhenFull) {
        return of(name, permits, per, burst, List.of(), OnMissing.SHARE, allowsWhenFull);
    }

    /**
     * Compiles a limit.
     *
     * @param permits how many pass in {@code per}, at least 1
     * @param per the time for {@code permits}, positive
     * @param burst the bucket's size, at least 1: from idle exactly so many pass at once
     * @param key what makes the key; empty for one bucket
     * @param onMissing what becomes of a request that lacks a part of the key
     * @param allowsWhenFull what happens to a key for which the table has no slot
     * @throws IllegalArgumentException if the bucket would take longer than {@link #FILL_TIME_MAX} to fill
     */
    public static LimitPlan of(
            String name,
            long permits,
            Duration per,
            long burst,
            Collection<LimitKeyPart> key,
            OnMissing onMissing,
            boolean allowsWhenFull) {
        if (permits < 1 || per.isZero() || per.isNegative() || burst < 1) {
            throw new IllegalArgumentException("limit \"" + name + "\": rate and burst must be positive, found "
                    + permits + " in " + per + ", burst " + burst);
        }
        if (per.compareTo(FILL_TIME_MAX) > 0) {
            throw tooSlow(name, permits, per, 1);
        }
        long perUnits = per.toNanos() << RateTable.UNIT_SHIFT;
        // Rounded down, never up: a client that keeps exactly to the rate is never refused. The table's unit of a
        // quarter nanosecond keeps the error below the drift of a quartz clock for every rate up to 10 000 a second.
        long interval = Math.max(1, perUnits / permits);
        if (burst > RateTable.AHEAD_UNITS_MAX / interval) {
            throw tooSlow(name, permits, per, burst);
        }
        return new LimitPlan(name, interval, burst, key, onMissing, allowsWhenFull);
    }

    private static IllegalArgumentException tooSlow(String name, long permits, Duration per, long burst) {
        return new IllegalArgumentException("limit \"" + name + "\": a bucket of " + burst + " at " + permits + " in "
                + per + " takes longer to fill than " + FILL_TIME_MAX.toDays()
                + " days; use a smaller burst or a faster rate");
    }

    /** The limit's name. */
    public String name() {
        return name;
    }

    /** How many pass at once from idle. */
    public long burst() {
        return burst;
    }

    /** What makes the key, in the order in which it is hashed; not to be written to. */
    public LimitKeyPart[] key() {
        return key;
    }

    /** What becomes of a request that lacks a part of the key. */
    public OnMissing onMissing() {
        return onMissing;
    }

    /** Whether a request passes when the table has no slot for its key. */
    public boolean allowsWhenFull() {
        return allowsWhenFull;
    }

    /** Time between two permits at the limit's rate, in table units. */
    long intervalUnits() {
        return intervalUnits;
    }

    /** Time an empty bucket needs to fill, in table units. */
    long burstUnits() {
        return burstUnits;
    }

    long nameHigh() {
        return nameHigh;
    }

    long nameLow() {
        return nameLow;
    }
}
