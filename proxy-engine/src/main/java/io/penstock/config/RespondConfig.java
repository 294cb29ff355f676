package io.penstock.config;

import java.util.Map;
import java.util.Optional;

/** An answer made by the gateway itself. */
public record RespondConfig(
        @Doc("The status, 200 to 599.") @Default("200") int status,
        @Doc("The body, as UTF-8 text.") Optional<String> body,

        @Doc("The Content-Type of the body.") @Default("text/plain; charset=utf-8")
        String contentType,

        @Doc("Further header fields.") Map<String, String> headers) {
    /** What holds when nothing is written. */
    public static final RespondConfig DEFAULTS = RecordDefaults.of(RespondConfig.class);

    public RespondConfig {
        headers = HeaderEdits.inOrder(headers);
        new ValueChecks()
                .between("status", status, 200, 599)
                .require(body.orElse("").length() <= 1 << 20, "body", "found more than 1 Mi characters")
                .end();
    }
}
