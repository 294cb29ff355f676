package io.penstock.filter;

import io.penstock.config.UpstreamTlsConfig;
import io.penstock.spi.Outbound;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where an authenticator asks, out of a URL of the configuration or of what an issuer publishes.
 *
 * @param tls how TLS is spoken there; empty for clear text
 * @param host name or address literal
 * @param port 1 to 65535
 * @param target path and query
 */
record OwnTarget(Optional<UpstreamTlsConfig> tls, String host, int port, String target) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    /**
     * Out of a URL.
     *
     * @param tls how TLS is spoken if its scheme is https
     * @throws IllegalArgumentException if it is no URL that can be asked at
     */
    static OwnTarget of(String url, Optional<UpstreamTlsConfig> tls) {
        URI uri = URI.create(url);
        boolean isSecure = "https".equalsIgnoreCase(uri.getScheme());
        if (!(isSecure ? tls.isPresent() : "http".equalsIgnoreCase(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException("cannot be asked at " + url);
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new OwnTarget(
                isSecure ? tls : Optional.empty(),
                uri.getHost(),
                uri.getPort() < 0 ? (isSecure ? HTTPS_PORT : HTTP_PORT) : uri.getPort(),
                uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
    }

    /** A request there. The address is the operator's word, so that only backend grants bound it. */
    Outbound.Request request(
            String method, List<Map.Entry<String, String>> headers, byte[] body, Duration timeout, int answerBytesMax) {
        return new Outbound.Request(
                method, tls, host, port, target, headers, body, timeout.toNanos(), answerBytesMax, address -> true);
    }
}
