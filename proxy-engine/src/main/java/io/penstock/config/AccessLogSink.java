package io.penstock.config;

import java.util.Optional;

/** Where an access log goes. */
public record AccessLogSink(
        @Doc(
                "The file; a relative one stands in the data folder's log/. By default log/NAME.log. A device or a pipe, such as"
                        + " /dev/stdout, is never rotated.")
        Optional<String> file) {
    /** What holds when nothing is written. */
    public static final AccessLogSink DEFAULTS = RecordDefaults.of(AccessLogSink.class);
}
