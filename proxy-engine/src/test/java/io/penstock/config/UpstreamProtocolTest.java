package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What goes together with what targets speak. */
final class UpstreamProtocolTest {
    private static UpstreamConfig.Builder upstream(UpstreamProtocol protocol) {
        return UpstreamConfig.named("u").protocol(protocol);
    }

    private static UpstreamConfig.Builder secured(UpstreamProtocol protocol) {
        return upstream(protocol).tls(UpstreamTlsConfig.usual());
    }

    private static HealthConfig grpc() {
        return RecordDefaults.of(
                HealthConfig.class,
                Map.of("active", Optional.of(ActiveHealthConfig.of(RecordDefaults.of(GrpcCheckConfig.class)))));
    }

    private static List<String> problems(UpstreamConfig.Builder upstream) {
        return ConfigValidator.validate(
                        ProxyConfig.initial(), ProxyConfig.initial().with(upstream.build()))
                .stream()
                .map(problem -> problem.pointer() + " " + problem.code())
                .toList();
    }

    @Test
    void takesEachProtocolByTlsAndInClearText() {
        for (UpstreamProtocol protocol : UpstreamProtocol.values()) {
            assertThat(problems(upstream(protocol))).isEmpty();
            assertThat(problems(secured(protocol))).isEmpty();
        }
    }

    @Test
    void asksHealthServicesOfGrpcOnlyWhereHttp2MayBeSpoken() {
        assertThat(problems(upstream(UpstreamProtocol.HTTP2).health(grpc()))).isEmpty();
        assertThat(problems(secured(UpstreamProtocol.AUTO).health(grpc()))).isEmpty();
        assertThat(problems(upstream(UpstreamProtocol.HTTP1).health(grpc())))
                .containsExactly("/health/active/grpc bad-value");
        assertThat(problems(upstream(UpstreamProtocol.AUTO).health(grpc())))
                .containsExactly("/health/active/grpc bad-value");
    }

    @Test
    void tellsOfOneClientOnlyOnConnectionsThatNobodyShares() {
        assertThat(problems(upstream(UpstreamProtocol.AUTO).proxyProtocol(ProxyVersion.V2)))
                .isEmpty();
        assertThat(problems(secured(UpstreamProtocol.AUTO).proxyProtocol(ProxyVersion.V2)))
                .containsExactly("/proxyProtocol bad-value");
    }

    @Test
    void warnsOfGrpcWebWhereNoGrpcPasses() {
        ProxyConfig before = ProxyConfig.initial()
                .with(ServiceConfig.named("s", "u").build())
                .with(upstream(UpstreamProtocol.HTTP1)
                        .targets(TargetConfig.of("10.0.0.7:80"))
                        .build());
        RouteConfig route = RouteConfig.named("r")
                .matches(RouteMatch.DEFAULTS)
                .service("s")
                .grpcWeb(true)
                .build();

        assertThat(warnings(before, before.with(route))).containsExactly("/grpcWeb not-in-effect");
        ProxyConfig other = before.with(upstream(UpstreamProtocol.HTTP2)
                .targets(TargetConfig.of("10.0.0.7:80"))
                .build());
        assertThat(warnings(other, other.with(route))).isEmpty();
    }

    private static List<String> warnings(ProxyConfig before, ProxyConfig after) {
        return ConfigWarnings.of(ConfigDiff.of(before, after), after).stream()
                .map(warning -> warning.pointer() + " " + warning.code())
                .toList();
    }
}
