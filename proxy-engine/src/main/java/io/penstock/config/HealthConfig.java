package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** How targets that fail are found and left out. */
public record HealthConfig(
        @Doc("Asks each target by itself, whether or not there are requests.")
        Optional<ActiveHealthConfig> active,

        @Doc("Judges each target by what becomes of requests, and ejects the bad ones for a time.")
        Optional<PassiveHealthConfig> passive,

        @Doc("Below this share of healthy targets all are used, the unhealthy ones too; 0% for never.") @Default("50%")
        Share panicBelow,

        @Doc("How long the weight of a target grows after it became healthy or was added, from a tenth to the whole.")
        Optional<Duration> slowStart) {
    /** What holds when nothing is written. */
    public static final HealthConfig DEFAULTS = RecordDefaults.of(HealthConfig.class);

    public HealthConfig {
        new ValueChecks()
                .between(
                        "slowStart",
                        slowStart.orElse(Duration.ofSeconds(1)),
                        Duration.ofMillis(100),
                        Duration.ofHours(1))
                .end();
    }

    /** Whether anything has to be known of each target. */
    public boolean isWatching() {
        return active.isPresent() || passive.isPresent() || slowStart.isPresent();
    }
}
