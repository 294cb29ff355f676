package io.penstock.filter;

import io.penstock.spi.Outbound;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Where an authenticator asks, out of an http URL of the configuration.
 *
 * @param host name or address literal
 * @param port 1 to 65535
 * @param target path and query
 */
record OwnTarget(String host, int port, String target) {
    private static final int HTTP_PORT = 80;

    static OwnTarget of(String url) {
        URI uri = URI.create(url);
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new OwnTarget(
                uri.getHost(),
                uri.getPort() < 0 ? HTTP_PORT : uri.getPort(),
                uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
    }

    /** A request there. The address is the operator's word, so that only backend grants bound it. */
    Outbound.Request request(
            String method, List<Map.Entry<String, String>> headers, byte[] body, Duration timeout, int answerBytesMax) {
        return new Outbound.Request(
                method, false, host, port, target, headers, body, timeout.toNanos(), answerBytesMax, address -> true);
    }
}
