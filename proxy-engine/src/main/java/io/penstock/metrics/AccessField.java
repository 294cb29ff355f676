package io.penstock.metrics;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A field of an access log line, by the name it has in JSON and in templates. */
enum AccessField {
    TIME("time"),
    REQUEST_ID("requestId", AccessText.REQUEST_ID),
    CLIENT_ADDRESS("clientAddress"),
    METHOD("method", AccessText.METHOD),
    HOST("host", AccessText.HOST),
    PATH("path", AccessText.PATH),
    QUERY("query", AccessText.QUERY),
    PROTOCOL("protocol", AccessText.PROTOCOL),
    TLS_VERSION("tlsVersion", AccessText.TLS_VERSION),
    SERVER_NAME("serverName", AccessText.SERVER_NAME),
    STATUS("status"),
    REASON("reason"),
    BYTES_IN("bytesIn"),
    BYTES_OUT("bytesOut"),
    DURATION_US("durationUs"),
    UPSTREAM_US("upstreamUs"),
    TRIES("tries"),
    LISTENER("listener", AccessText.LISTENER),
    ROUTE("route", AccessText.ROUTE),
    UPSTREAM("upstream", AccessText.UPSTREAM),
    ENDPOINT("endpoint", AccessText.ENDPOINT),
    CONSUMER("consumer", AccessText.CONSUMER),
    USER_AGENT("userAgent", AccessText.USER_AGENT),
    REFERER("referer", AccessText.REFERER),
    TRUNCATED("truncated"),
    /** As in NCSA's formats, {@code 10/Oct/2026:13:55:36 +0000}; not in JSON. */
    TIME_COMMON("timeCommon");

    private final String text;
    private final @Nullable AccessText source;

    AccessField(String text) {
        this.text = text;
        this.source = null;
    }

    AccessField(String text, AccessText source) {
        this.text = text;
        this.source = source;
    }

    String text() {
        return text;
    }

    /** The record's text that it shows; absent for numbers and the like. */
    @Nullable
    AccessText source() {
        return source;
    }

    static Optional<AccessField> named(String text) {
        return Arrays.stream(values()).filter(field -> field.text.equals(text)).findFirst();
    }
}
