package io.penstock.exchange.limits;

import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.WorkerCounters;
import io.penstock.spi.FilterWorker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes permits of named limits for keys that filters choose. Such a key never meets one that is made of a request. */
@WorkerConfined
public final class FilterLimits {
    private static final long FILTER_KEY = 0x66696c7465720001L;

    private static final long ONCE_KEY = 0x6f6e636500000001L;

    private final LimitPermits permits;
    private final KeyHash hash;
    private final WorkerCounters counters;
    // One for each window that is in use, which the configuration bounds.
    private final Map<Long, LimitPlan> once = new HashMap<>();

    /** {@code hash} makes the keys of what is taken from {@code permits}. */
    public FilterLimits(LimitPermits permits, KeyHash hash, WorkerCounters counters) {
        this.permits = permits;
        this.hash = hash;
        this.counters = counters;
    }

    /** Takes a permit; the contract of {@link FilterWorker#tryAcquire}, where null stands for a limit that is not there. */
    public long tryAcquire(@Nullable LimitPlan plan, String key, long nowNs) {
        if (plan == null) {
            return FilterWorker.NO_SUCH_LIMIT;
        }
        hash.begin(plan).add(FILTER_KEY).add(key).finish();
        LimitOutcome outcome = permits.take(plan, hash, nowNs, null);
        counters.add(outcome.counter(), plan.seriesId(), 1);
        return switch (outcome) {
            case TAKEN -> 0;
            case TABLE_FULL -> FilterWorker.TABLE_FULL;
            case RATE_LIMITED, QUOTA_EXHAUSTED, CONCURRENCY_LIMITED, KEY_MISSING -> permits.waitNs();
        };
    }

    /** Takes a token once; the contract of {@link FilterWorker#takeOnce}. */
    public long takeOnce(String purpose, byte[] token, int length, long withinNs, long nowNs) {
        LimitPlan plan = once.computeIfAbsent(
                withinNs, ns -> LimitPlan.of("once within " + ns, 1, Duration.ofNanos(ns), 1, false));
        byte[] kind = purpose.getBytes(StandardCharsets.UTF_8);
        hash.begin(plan)
                .add(ONCE_KEY)
                .add(kind, 0, kind.length)
                .add(token, 0, length)
                .finish();
        return switch (permits.take(plan, hash, nowNs, null)) {
            case TAKEN -> 0;
            case TABLE_FULL -> FilterWorker.TABLE_FULL;
            case RATE_LIMITED, QUOTA_EXHAUSTED, CONCURRENCY_LIMITED, KEY_MISSING -> permits.waitNs();
        };
    }
}
