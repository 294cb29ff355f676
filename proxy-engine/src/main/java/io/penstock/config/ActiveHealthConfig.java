package io.penstock.config;

import java.util.Optional;

/** What each target is asked; one of these. */
public record ActiveHealthConfig(
        @Doc("A request that the target has to answer.") Optional<HttpCheckConfig> http,
        @Doc("A connection that the target has to take.") Optional<TcpCheckConfig> tcp) {
    public ActiveHealthConfig {
        new ValueChecks()
                .require(
                        http.isPresent() != tcp.isPresent(),
                        "http",
                        "wanted exactly one of \"http\" and \"tcp\", found " + (http.isPresent() ? "both" : "none")
                                + "; write http: {path: /healthz}, or tcp: {} where the target speaks no HTTP")
                .end();
    }

    /** How often and how patiently, whatever is asked. */
    public CheckPace pace() {
        return http.map(check ->
                        new CheckPace(check.interval(), check.timeout(), check.healthyAfter(), check.unhealthyAfter()))
                .or(() -> tcp.map(check ->
                        new CheckPace(check.interval(), check.timeout(), check.healthyAfter(), check.unhealthyAfter())))
                .orElseThrow();
    }
}
