package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** How targets are judged by what becomes of requests, and how long the bad ones are left out. */
public record PassiveHealthConfig(
        @Doc(
                "Failures in a row, over all workers, that eject a target; 0 for none. A failure is a connection that could"
                        + " not be made or broke, an answer that did not come in time, or a status of 500 and above.")
        @Default("5")
        int consecutiveFailures,

        @Doc("Ejects a target by its share of good answers.")
        Optional<SuccessRateConfig> successRate,

        @Doc("Ejects a target that answers more slowly than the others.")
        Optional<LatencyConfig> latency,

        @Doc("How often success rate and latency are looked at.") @Default("10s")
        Duration interval,

        @Doc("How long a target is left out for the first time; the second time twice as long, and so on.")
        @Default("10s")
        Duration ejectFor,

        @Doc("How long it is left out at most.") @Default("5m")
        Duration ejectForMax,

        @Doc("How many of the targets may be ejected at once, rounded down.") @Default("50%")
        Share maxEjected) {
    private static final Duration LENGTH_MAX = Duration.ofDays(1);

    public PassiveHealthConfig {
        new ValueChecks()
                .between("consecutiveFailures", consecutiveFailures, 0, 10_000)
                .between("interval", interval, Duration.ofMillis(100), Duration.ofHours(1))
                .between("ejectFor", ejectFor, Duration.ofMillis(100), LENGTH_MAX)
                .between("ejectForMax", ejectForMax, ejectFor, LENGTH_MAX)
                .require(
                        consecutiveFailures > 0 || successRate.isPresent() || latency.isPresent(),
                        "consecutiveFailures",
                        "found 0, and neither successRate nor latency: nothing would ever be ejected; leave passive out")
                .end();
    }
}
