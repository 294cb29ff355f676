package io.penstock.config;

import java.util.Optional;

/** What each target is asked; one of these. */
public record ActiveHealthConfig(
        @Doc("A request that the target has to answer.") Optional<HttpCheckConfig> http,

        @Doc("A question to the target's health service of gRPC; for targets that speak HTTP/2.")
        Optional<GrpcCheckConfig> grpc,

        @Doc("A connection that the target has to take.") Optional<TcpCheckConfig> tcp) {
    public ActiveHealthConfig {
        int count = (http.isPresent() ? 1 : 0) + (grpc.isPresent() ? 1 : 0) + (tcp.isPresent() ? 1 : 0);
        new ValueChecks()
                .require(
                        count == 1,
                        "http",
                        "wanted exactly one of \"http\", \"grpc\" and \"tcp\", found " + (count == 0 ? "none" : count)
                                + "; write http: {path: /healthz}, grpc: {} for a health service of gRPC, or tcp: {} where the"
                                + " target speaks neither")
                .end();
    }

    public static ActiveHealthConfig of(HttpCheckConfig http) {
        return new ActiveHealthConfig(Optional.of(http), Optional.empty(), Optional.empty());
    }

    public static ActiveHealthConfig of(GrpcCheckConfig grpc) {
        return new ActiveHealthConfig(Optional.empty(), Optional.of(grpc), Optional.empty());
    }

    public static ActiveHealthConfig of(TcpCheckConfig tcp) {
        return new ActiveHealthConfig(Optional.empty(), Optional.empty(), Optional.of(tcp));
    }

    /** How often and how patiently, whatever is asked. */
    public CheckPace pace() {
        return http.map(check ->
                        new CheckPace(check.interval(), check.timeout(), check.healthyAfter(), check.unhealthyAfter()))
                .or(() -> grpc.map(check ->
                        new CheckPace(check.interval(), check.timeout(), check.healthyAfter(), check.unhealthyAfter())))
                .or(() -> tcp.map(check ->
                        new CheckPace(check.interval(), check.timeout(), check.healthyAfter(), check.unhealthyAfter())))
                .orElseThrow();
    }
}
