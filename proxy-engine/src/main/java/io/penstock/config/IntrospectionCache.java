package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** What each worker remembers of tokens that it has asked about. */
public record IntrospectionCache(
        @Doc("How long a token that is active counts without asking again; never beyond its exp.") @Default("1m")
        Duration ttl,

        @Doc("How long a token that is not active is refused without asking again.") @Default("10s")
        Duration negativeTtl,

        @Doc("How many tokens of either kind each worker remembers; those not used for longest go first.")
        @Default("4096")
        int max,

        @Doc("How long beyond ttl an active token counts while the server does not answer, never beyond its exp; not"
                + " at all if absent.")
        Optional<Duration> stale) {
    private static final Duration TTL_MAX = Duration.ofDays(1);
    private static final int TOKENS_MAX = 1 << 20;

    public IntrospectionCache {
        new ValueChecks()
                .between("ttl", ttl, Duration.ZERO, TTL_MAX)
                .between("negativeTtl", negativeTtl, Duration.ZERO, TTL_MAX)
                .between("max", max, 1, TOKENS_MAX)
                .between("stale", stale.orElse(Duration.ZERO), Duration.ZERO, TTL_MAX)
                .end();
    }
}
