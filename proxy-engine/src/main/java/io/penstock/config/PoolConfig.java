package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** The connections to an upstream. */
public record PoolConfig(
        @Doc("Connections open at once, exact over all workers.") @Default("1024")
        int max,

        @Doc("Requests that wait for a connection at once.") @Default("1024")
        int pending,

        @Doc("How long each of them waits.") @Default("1s") Duration pendingTimeout,

        @Doc("How long an unused connection is kept.") @Default("60s")
        Duration idleTimeout,

        @Doc("How old a connection may grow.") Optional<Duration> maxAge,
        @Doc("How many requests a connection may carry.") Optional<Integer> requestsMax) {
    /** What holds when nothing is written. */
    public static final PoolConfig DEFAULTS = RecordDefaults.of(PoolConfig.class);

    public PoolConfig {
        new ValueChecks()
                .between("max", max, 1, 1_000_000)
                .between("pending", pending, 0, 1_000_000)
                .timeout("pendingTimeout", pendingTimeout)
                .timeout("idleTimeout", idleTimeout)
                .timeout("maxAge", maxAge.orElse(Duration.ofSeconds(1)))
                .between("requestsMax", requestsMax.orElse(1), 1, 1_000_000_000)
                .end();
    }
}
