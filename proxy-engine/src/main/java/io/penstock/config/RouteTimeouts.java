package io.penstock.config;

import java.time.Duration;
import java.util.Optional;

/** How long an exchange may take. */
public record RouteTimeouts(
        @Doc("From the request head until the last byte of the response; 0s lifts what an outer level set.")
        Optional<Duration> total,

        @Doc(
                "How long a tunnel, such as a WebSocket, may be silent both ways; the upstream's timeouts.idle if no level says it.")
        Optional<Duration> tunnelIdle,

        @Doc("How long a tunnel may last, however much it carries; 24h if no level says it.")
        Optional<Duration> tunnelLifetime) {
    /** What holds when nothing is written. */
    public static final RouteTimeouts DEFAULTS = RecordDefaults.of(RouteTimeouts.class);

    /** How long a tunnel lasts at most where nothing is written. */
    public static final Duration TUNNEL_LIFETIME = Duration.ofHours(24);

    public RouteTimeouts {
        ValueChecks checks = new ValueChecks();
        total.filter(bound -> !bound.isZero()).ifPresent(bound -> checks.timeout("total", bound));
        tunnelIdle.ifPresent(bound -> checks.timeout("tunnelIdle", bound));
        tunnelLifetime.ifPresent(bound -> checks.timeout("tunnelLifetime", bound));
        checks.end();
    }

    /** A bound of exchanges, with tunnels as ever. */
    public RouteTimeouts(Optional<Duration> total) {
        this(total, Optional.empty(), Optional.empty());
    }
}
