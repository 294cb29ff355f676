package io.penstock.config;

import java.time.Duration;

/** A delay that is no real one. */
public record FaultDelay(
        @Doc("How long a request waits, at most 30s.") @Member("for")
        Duration time,

        @Doc("The part of the requests that wait.") @Default("100%")
        Share share) {
    private static final Duration MAX = Duration.ofSeconds(30);

    public FaultDelay {
        new ValueChecks()
                .require(
                        time.compareTo(Duration.ofMillis(1)) >= 0 && time.compareTo(MAX) <= 0,
                        "for",
                        "found " + DurationText.format(time) + ", wanted 1ms to " + DurationText.format(MAX))
                .end();
    }
}
