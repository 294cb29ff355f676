package io.penstock.exchange.facts;

import io.penstock.mark.WorkerConfined;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The time of day for records, from the loop's monotonic clock: the difference between the two is measured now and then
 * rather than for each request, which follows a clock that is set within a heartbeat and costs nothing in between.
 */
@WorkerConfined
public final class EpochClock {
    private final Clock clock;
    private long epochMinusMonotonicUs;

    /** A clock that first has to be {@linkplain #measure measured}. */
    public EpochClock(Clock clock) {
        this.clock = clock;
    }

    /**
     * Measures the difference anew.
     *
     * @param nowNs the loop's clock
     */
    public void measure(long nowNs) {
        Instant now = clock.instant();
        long epochUs = TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1000;
        epochMinusMonotonicUs = epochUs - nowNs / 1000;
    }

    /** Microseconds since 1970 at a reading of the loop's clock. */
    public long epochUs(long monotonicNs) {
        return monotonicNs / 1000 + epochMinusMonotonicUs;
    }
}
