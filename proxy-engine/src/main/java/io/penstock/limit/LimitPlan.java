package io.penstock.limit;

import io.penstock.config.Bandwidth;
import io.penstock.config.BandwidthConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.LimitKeyPart;
import io.penstock.config.OnFull;
import io.penstock.config.OnMissing;
import io.penstock.config.QuotaConfig;
import io.penstock.config.Rate;
import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A limit compiled for {@link RateTable} and {@link QuotaTable}: its emission interval and burst in table units, its quota,
 * and what its key is made of.
 *
 * <p>Immutable. The key hash begins with the limit's name and nothing else of the plan, so that a limit whose rate,
 * burst or quota is changed goes on with the state its keys had.
 */
@SharedByWorkers
public final class LimitPlan {
    /** The series of a limit whose requests nobody counts by its name. */
    public static final int NO_SERIES = -1;

    /** The longest time a bucket may need to fill, about 52 days; it leaves the table's clock room to wrap. */
    public static final Duration FILL_TIME_MAX = Duration.ofNanos(RateTable.AHEAD_UNITS_MAX >> RateTable.UNIT_SHIFT);

    private final String name;
    private final byte[] nameBytes;
    private final int seriesId;
    private final long nameHigh;
    private final long nameLow;
    private final long intervalUnits;
    private final long burstUnits;
    private final long burst;
    private final LimitKeyPart[] key;
    private final OnMissing onMissing;
    private final boolean allowsWhenFull;
    private final int concurrency;
    private final long requestBitsPerSecond;
    private final long responseBitsPerSecond;

    /** Null for a limit without one. */
    private final @Nullable QuotaPlan quota;

    /** Null where answers do not tell of it. */
    private final @Nullable LimitPolicy ratePolicy;

    /** Null where answers do not tell of it. */
    private final @Nullable LimitPolicy quotaPolicy;

    private LimitPlan(
            String name,
            int seriesId,
            long intervalUnits,
            long burst,
            Collection<LimitKeyPart> key,
            OnMissing onMissing,
            boolean allowsWhenFull,
            int concurrency,
            Optional<BandwidthConfig> bandwidth,
            @Nullable QuotaPlan quota,
            boolean hasHeaders) {
        this.name = name;
        this.nameBytes = name.getBytes(StandardCharsets.UTF_8);
        this.seriesId = seriesId;
        this.nameHigh = KeyHash.ofName(name);
        this.nameLow = KeyHash.ofName("limit/" + name);
        this.intervalUnits = intervalUnits;
        this.burst = burst;
        this.burstUnits = intervalUnits * burst;
        this.key = key.toArray(new LimitKeyPart[0]);
        this.onMissing = onMissing;
        this.allowsWhenFull = allowsWhenFull;
        this.concurrency = concurrency;
        this.requestBitsPerSecond = bandwidth
                .flatMap(BandwidthConfig::request)
                .map(Bandwidth::bitsPerSecond)
                .orElse(0L);
        this.responseBitsPerSecond = bandwidth
                .flatMap(BandwidthConfig::response)
                .map(Bandwidth::bitsPerSecond)
                .orElse(0L);
        this.quota = quota;
        this.ratePolicy =
                hasHeaders && hasRate() ? LimitPolicy.ofRate(name, burst, burstUnits >> RateTable.UNIT_SHIFT) : null;
        this.quotaPolicy = hasHeaders && quota != null
                ? LimitPolicy.ofQuota(hasRate() ? name + "." + quota.unit().text() : name, quota)
                : null;
    }

    /**
     * Compiles a limit from its configuration.
     *
     * @param seriesId whose counters its requests are counted by
     * @param windows finds the window of a quota
     * @throws IllegalArgumentException if the bucket would take longer than {@link #FILL_TIME_MAX} to fill
     */
    public static LimitPlan of(LimitConfig config, int seriesId, Function<QuotaConfig, QuotaWindow> windows) {
        return new LimitPlan(
                config.name(),
                seriesId,
                config.rate()
                        .map(rate -> interval(config.name(), rate, config.burstPermits()))
                        .orElse(0L),
                config.burstPermits(),
                config.keyParts(),
                config.onMissing(),
                config.onFull() == OnFull.ALLOW,
                config.concurrency().orElse(0),
                config.bandwidth(),
                config.quota()
                        .map(quota -> new QuotaPlan(quota.requests(), windows.apply(quota)))
                        .orElse(null),
                config.headers());
    }

    /**
     * Compiles a limit of a rate, with one bucket for everything, that answers do not tell of.
     *
     * @param permits how many pass in {@code per}, at least 1
     * @param per the time for {@code permits}, positive
     * @param burst the bucket's size, at least 1: from idle exactly so many pass at once
     * @param allowsWhenFull what happens to a key for which the table has no slot
     * @throws IllegalArgumentException if the bucket would take longer than {@link #FILL_TIME_MAX} to fill
     */
    public static LimitPlan of(String name, long permits, Duration per, long burst, boolean allowsWhenFull) {
        return new LimitPlan(
                name,
                NO_SERIES,
                interval(name, permits, per, burst),
                burst,
                List.of(),
                OnMissing.SHARE,
                allowsWhenFull,
                0,
                Optional.empty(),
                null,
                false);
    }

    private static long interval(String name, Rate rate, long burst) {
        return interval(name, rate.permits(), rate.per(), burst);
    }

    private static long interval(String name, long permits, Duration per, long burst) {
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
        return interval;
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

    /** The name in UTF-8, for records; not to be written to. */
    public byte[] nameBytes() {
        return nameBytes;
    }

    /** The dense id by which its requests are counted, or {@link #NO_SERIES}. */
    public int seriesId() {
        return seriesId;
    }

    /** Whether there is a rate. */
    public boolean hasRate() {
        return intervalUnits > 0;
    }

    /** How many pass at once from idle. */
    public long burst() {
        return burst;
    }

    /** The quota, null where there is none. */
    public @Nullable QuotaPlan quota() {
        return quota;
    }

    /** How answers tell of the rate, null where they do not. */
    public @Nullable LimitPolicy ratePolicy() {
        return ratePolicy;
    }

    /** How answers tell of the quota, null where they do not. */
    public @Nullable LimitPolicy quotaPolicy() {
        return quotaPolicy;
    }

    /** What makes the key, in the order in which it is hashed; not to be written to. */
    public LimitKeyPart[] key() {
        return key;
    }

    /** What becomes of a request that lacks a part of the key. */
    public OnMissing onMissing() {
        return onMissing;
    }

    /** Whether bodies are held to a bandwidth. */
    public boolean hasBandwidth() {
        return requestBitsPerSecond > 0 || responseBitsPerSecond > 0;
    }

    /** How fast bodies may pass in a direction, in bits; 0 for no bound. */
    public long bitsPerSecond(boolean isRequest) {
        return isRequest ? requestBitsPerSecond : responseBitsPerSecond;
    }

    /** How many requests may be under way at once; 0 for no bound. */
    public int concurrency() {
        return concurrency;
    }

    /** Whether a request passes when a table has no slot for its key. */
    public boolean allowsWhenFull() {
        return allowsWhenFull;
    }

    /**
     * How many permits are left of a bucket.
     *
     * @param usedUnits what {@link RateTable#take} gave
     */
    public long permitsLeft(long usedUnits) {
        return (burstUnits - usedUnits) / intervalUnits;
    }

    /**
     * How long until there is more than is left now: a permit, where none is; else all of the bucket. In nanoseconds.
     *
     * @param usedUnits what {@link RateTable#take} gave
     */
    public long resetNs(long usedUnits) {
        long untilPermit = usedUnits + intervalUnits - burstUnits;
        return (untilPermit > 0 ? untilPermit : usedUnits) >> RateTable.UNIT_SHIFT;
    }

    /** How long until all of a bucket is there again, in nanoseconds. */
    public long untilFullNs(long usedUnits) {
        return usedUnits >> RateTable.UNIT_SHIFT;
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
