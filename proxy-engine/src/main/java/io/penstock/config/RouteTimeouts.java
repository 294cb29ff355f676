package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** How long an exchange may take. */
public record RouteTimeouts(
        @Doc("From the request head until the last byte of the response; 0s lifts what an outer level set.")
        Optional<Duration> total) {
    /** What holds when nothing is written. */
    public static final RouteTimeouts DEFAULTS = RecordDefaults.of(RouteTimeouts.class);

    public RouteTimeouts {
        if (total.isPresent() && !total.get().isZero()) {
            new ValueChecks().timeout("total", total.get()).end();
        }
    }
}
