package io.penstock.engine;

import java.time.Instant;
import java.util.Optional;

/**
 * How the circuit of one upstream stands, over all workers.
 *
 * @param breaker absent where the upstream has none
 * @param requests those under way; they are counted only where they are bounded
 * @param retries tries after the first that are under way
 * @param adaptive what is learned of how many may be under way; absent where nothing is
 */
public record CircuitStatus(
        Optional<BreakerStatus> breaker, InUse requests, InUse retries, Optional<AdaptiveStatus> adaptive) {
    /**
     * Where a breaker stands.
     *
     * @param state {@code closed}, {@code open} or {@code half-open}; an open one stays so until a request comes after its time
     * @param openUntil when the next trials pass, while it is open
     * @param tries counted in the window
     * @param failures those of them that failed
     */
    public record BreakerStatus(String state, Optional<Instant> openUntil, long tries, long failures) {}

    /**
     * How many are under way.
     *
     * @param max absent for no bound
     */
    public record InUse(long underWay, Optional<Long> max) {}

    /**
     * What is learned.
     *
     * @param limit so many may be under way now
     * @param baseMicros how long answers take where nothing waits; 0 while that is not known
     */
    public record AdaptiveStatus(long limit, int min, int max, long baseMicros) {}
}
