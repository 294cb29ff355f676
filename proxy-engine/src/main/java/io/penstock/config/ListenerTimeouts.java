package io.penstock.config;

import java.time.Duration;

/** How long a listener waits for its clients. */
public record ListenerTimeouts(
        @Doc("From accept until the first request head is complete.") @Default("10s")
        Duration firstRequest,

        @Doc("From the first byte of a later request head until it is complete.") @Default("10s")
        Duration head,

        @Doc("Between two reads of a request body.") @Default("10s")
        Duration bodyProgress,

        @Doc("Between two writes the client takes of a response.") @Default("10s")
        Duration writeProgress,

        @Doc("Between the end of a response and the next request.") @Default("60s")
        Duration keepAlive,

        @Doc("For the TLS handshake.") @Default("5s") Duration tlsHandshake) {
    /** What holds when nothing is written. */
    public static final ListenerTimeouts DEFAULTS = RecordDefaults.of(ListenerTimeouts.class);

    public ListenerTimeouts {
        new ValueChecks()
                .timeout("firstRequest", firstRequest)
                .timeout("head", head)
                .timeout("bodyProgress", bodyProgress)
                .timeout("writeProgress", writeProgress)
                .timeout("keepAlive", keepAlive)
                .timeout("tlsHandshake", tlsHandshake)
                .end();
    }
}
