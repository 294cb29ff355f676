package io.penstock.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** An answer made by the gateway itself. */
public record RespondConfig(
        @Doc("The status, 200 to 599.") @Default("200") int status,
        @Doc("The body, as UTF-8 text.") Optional<String> body,

        @Doc("The Content-Type of the body.") @Default("text/plain; charset=utf-8")
        String contentType,

        @Doc("Further header fields.") Map<String, String> headers,

        @Doc("How long a request waits for it, at most 30s.")
        Optional<Duration> delay,

        @Doc(
                "Whether body and fields hold placeholders such as `{path.id}`; values are escaped as the content type needs it.")
        @Default("false")
        boolean templates) {
    // Before the defaults, whose making checks it.
    private static final Duration DELAY_MAX = Duration.ofSeconds(30);

    /** What holds when nothing is written. */
    public static final RespondConfig DEFAULTS = RecordDefaults.of(RespondConfig.class);

    public RespondConfig {
        headers = HeaderEdits.inOrder(headers);
        new ValueChecks()
                .between("status", status, 200, 599)
                .require(body.orElse("").length() <= 1 << 20, "body", "found more than 1 Mi characters")
                .require(
                        delay.orElse(Duration.ZERO).compareTo(DELAY_MAX) <= 0,
                        "delay",
                        "found " + DurationText.format(delay.orElse(Duration.ZERO)) + ", wanted at most 30s")
                .end();
    }

    /** At once, and the same for everyone. */
    public RespondConfig(int status, Optional<String> body, String contentType, Map<String, String> headers) {
        this(status, body, contentType, headers, Optional.empty(), false);
    }
}
