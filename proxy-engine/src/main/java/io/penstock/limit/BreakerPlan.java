package io.penstock.limit;

import io.penstock.config.BreakerConfig;
import io.penstock.mark.SharedByWorkers;

/**
 * A breaker compiled.
 *
 * @param failureBasisPoints the share of failures that opens it, in hundredths of a percent
 * @param bucketNs a part of the window, of which there are {@link Breaker#BUCKETS}
 * @param minRequests tries in the window below which it stays closed
 * @param openForNs how long nothing passes
 * @param trials how many tries have to succeed then, in a row
 */
@SharedByWorkers
public record BreakerPlan(int failureBasisPoints, long bucketNs, int minRequests, long openForNs, int trials) {
    /** Compiles what the operator wrote. */
    public static BreakerPlan of(BreakerConfig config) {
        return new BreakerPlan(
                config.failureRate().basisPoints(),
                Math.max(1, config.window().toNanos() / Breaker.BUCKETS),
                config.minRequests(),
                config.openFor().toNanos(),
                config.trials());
    }
}
