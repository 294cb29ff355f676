package io.penstock.engine;

import io.penstock.exchange.limits.LimitKeyText;
import io.penstock.limit.KeyHash;
import io.penstock.limit.KeySweep;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.QuotaPlan;
import io.penstock.limit.QuotaWindow;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.SeriesReading;
import io.penstock.worker.SharedTables;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.NanoClock;

/** Reads how limits stand in the tables that workers share. Any thread but a worker; asks no worker and takes nothing. */
final class LimitReadings {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long MINUTE_SECONDS = 60;

    private final SharedTables tables;
    private final KeySweep rateSweep;
    private final KeySweep quotaSweep;
    private final InstantSource clock;
    private final NanoClock nanoClock;

    LimitReadings(
            SharedTables tables, KeySweep rateSweep, KeySweep quotaSweep, InstantSource clock, NanoClock nanoClock) {
        this.tables = tables;
        this.rateSweep = rateSweep;
        this.quotaSweep = quotaSweep;
        this.clock = clock;
        this.nanoClock = nanoClock;
    }

    /**
     * How a limit stands.
     *
     * @param key a value for each part of its key; empty for none, unless the limit has one bucket for all
     * @throws IllegalArgumentException if the values are not those of a key
     */
    LimitStatus read(LimitPlan plan, Optional<SeriesReading> counted, List<String> key) {
        Optional<LimitStatus.KeyStatus> status = Optional.empty();
        if (!key.isEmpty() || plan.key().length == 0) {
            KeyHash hash = new KeyHash(tables.keySeedHigh(), tables.keySeedLow());
            LimitKeyText.make(hash, plan, key);
            status = Optional.of(keyStatus(plan, hash));
        }
        return new LimitStatus(outcomes(counted), tables(), status);
    }

    private static LimitStatus.Outcomes outcomes(Optional<SeriesReading> counted) {
        return new LimitStatus.Outcomes(
                value(counted, SeriesCounter.LIMIT_TAKEN),
                value(counted, SeriesCounter.LIMIT_SKIPPED),
                value(counted, SeriesCounter.LIMIT_RATE_LIMITED),
                value(counted, SeriesCounter.LIMIT_QUOTA_EXHAUSTED),
                value(counted, SeriesCounter.LIMIT_CONCURRENCY_LIMITED),
                value(counted, SeriesCounter.LIMIT_TABLE_FULL),
                value(counted, SeriesCounter.LIMIT_KEY_MISSING),
                value(counted, SeriesCounter.LIMIT_PACED_BYTES),
                value(counted, SeriesCounter.LIMIT_PACED_MILLIS));
    }

    private static long value(Optional<SeriesReading> counted, SeriesCounter counter) {
        return counted.map(series -> series.value(counter)).orElse(0L);
    }

    private List<LimitStatus.TableStatus> tables() {
        return List.of(
                new LimitStatus.TableStatus(
                        "rates",
                        tables.rates().slots(),
                        Optional.of((long) rateSweep.activeKeys()),
                        tables.rates().fullCount()),
                new LimitStatus.TableStatus(
                        "quotas",
                        tables.quotas().slots(),
                        Optional.of((long) quotaSweep.activeKeys()),
                        tables.quotas().fullCount()),
                new LimitStatus.TableStatus(
                        "permits",
                        tables.keyedPermits().slots(),
                        Optional.empty(),
                        tables.keyedPermits().fullCount()));
    }

    private LimitStatus.KeyStatus keyStatus(LimitPlan plan, KeyHash key) {
        return new LimitStatus.KeyStatus(
                plan.hasRate() ? Optional.of(rate(plan, key)) : Optional.empty(),
                Optional.ofNullable(plan.quota()).map(quota -> quota(quota, key)),
                plan.concurrency() > 0
                        ? Optional.of(new CircuitStatus.InUse(
                                tables.keyedPermits().inUse(key.high(), key.low()),
                                Optional.of((long) plan.concurrency())))
                        : Optional.empty(),
                plan.hasBandwidth()
                        ? Optional.of(new LimitStatus.BandwidthStatus(ahead(plan, key, true), ahead(plan, key, false)))
                        : Optional.empty());
    }

    private LimitStatus.RateStatus rate(LimitPlan plan, KeyHash key) {
        long used = tables.rates().used(plan, key.high(), key.low(), nanoClock.nanoTime());
        return new LimitStatus.RateStatus(
                plan.burst(), plan.permitsLeft(used), plan.untilFullNs(used) / MILLISECOND_NS);
    }

    private LimitStatus.QuotaStatus quota(QuotaPlan quota, KeyHash key) {
        long nowMinute = Math.floorDiv(clock.instant().getEpochSecond(), MINUTE_SECONDS);
        long bounds = quota.window().bounds();
        return new LimitStatus.QuotaStatus(
                quota.requests(),
                tables.quotas().taken(quota, key.high(), key.low(), QuotaWindow.startMinute(bounds, nowMinute)),
                Instant.ofEpochSecond(QuotaWindow.endMinute(bounds, nowMinute) * MINUTE_SECONDS));
    }

    private Optional<Long> ahead(LimitPlan plan, KeyHash key, boolean isRequest) {
        if (plan.bitsPerSecond(isRequest) == 0) {
            return Optional.empty();
        }
        long aheadNs = tables.rates().pace(plan, isRequest, key.high(), key.low(), 0, nanoClock.nanoTime());
        return Optional.of(Math.max(0, aheadNs) / MILLISECOND_NS);
    }
}
