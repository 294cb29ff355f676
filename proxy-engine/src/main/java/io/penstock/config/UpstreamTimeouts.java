package io.penstock.config;

import java.time.Duration;

/** How long the gateway waits for a target. */
public record UpstreamTimeouts(
        @Doc("For a connection.") @Default("2s") Duration connect,

        @Doc("From the end of the request until the first byte of the answer.") @Default("30s")
        Duration firstByte,

        @Doc("Between two reads of the answer's body.") @Default("60s")
        Duration idle) {
    /** What holds when nothing is written. */
    public static final UpstreamTimeouts DEFAULTS = RecordDefaults.of(UpstreamTimeouts.class);

    public UpstreamTimeouts {
        new ValueChecks()
                .timeout("connect", connect)
                .timeout("firstByte", firstByte)
                .timeout("idle", idle)
                .end();
    }
}
