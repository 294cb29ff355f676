package io.penstock.config;

import java.util.Optional;

/** How much is asked of an upstream at once, and when nothing is. Exact over all workers. */
public record CircuitConfig(
        @Doc("Requests under way at once; more are refused. Absent for no bound but that of the pool.")
        Optional<Integer> requests,

        @Doc("Further tries under way at once, until their answers begin.")
        Optional<Integer> retries,

        @Doc("Learns how many requests may be under way from how long answers take.")
        Optional<AdaptiveConfig> adaptive,

        @Doc("Refuses requests for a while once too many tries have failed.")
        Optional<BreakerConfig> breaker) {
    /** What holds when nothing is written. */
    public static final CircuitConfig DEFAULTS = RecordDefaults.of(CircuitConfig.class);

    public CircuitConfig {
        new ValueChecks()
                .between("requests", requests.orElse(1), 1, 10_000_000)
                .between("retries", retries.orElse(1), 1, 1_000_000)
                .end();
    }
}
