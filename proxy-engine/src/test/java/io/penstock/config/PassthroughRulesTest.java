package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What may be written about connections that are passed on, and about PROXY headers and upgrades. */
final class PassthroughRulesTest {
    private static final ProxyConfig VALID = ProxyConfig.initial()
            .with(ListenerConfig.named("web", ListenAddress.parse("0.0.0.0:80")).build())
            .with(ListenerConfig.named("db", ListenAddress.parse("0.0.0.0:5432"))
                    .protocol(Protocol.TCP)
                    .build())
            .with(ListenerConfig.named("tls", ListenAddress.parse("0.0.0.0:443"))
                    .protocol(Protocol.TLS)
                    .build())
            .with(UpstreamConfig.named("u")
                    .targets(TargetConfig.of("10.0.0.1:80"))
                    .build())
            .with(ServiceConfig.named("s", "u").build());

    private static RouteConfig.Builder passing(String... snis) {
        return RouteConfig.named("r")
                .listeners("tls")
                .matches(RouteMatch.ofNames(List.of(snis)))
                .upstream("u");
    }

    private static List<String> problems(Resource resource) {
        return ConfigValidator.validate(VALID, VALID.with(resource)).stream()
                .map(problem -> problem.pointer() + " " + problem.code())
                .toList();
    }

    @Test
    void takesRoutesToUpstreamsByServerName() {
        assertThat(problems(passing("shop.example", "*.shop.example").build())).isEmpty();
        assertThat(problems(passing().listeners("db").build())).isEmpty();
    }

    @Test
    void tellsHowEveryConnectionIsMatched() {
        RouteConfig unmatched =
                RouteConfig.named("r").listeners("db").upstream("u").build();

        assertThat(ConfigValidator.validate(VALID, VALID.with(unmatched)).toString())
                .contains("matches: [{}]");
    }

    @Test
    void wantsListenersOfTheirOwn() {
        assertThat(problems(passing().listeners().build())).containsExactly("/listeners required");
        assertThat(problems(passing().listeners("web").build())).containsExactly("/listeners/0 bad-value");
        assertThat(problems(RouteConfig.named("r")
                        .listeners("db")
                        .matches(RouteMatch.DEFAULTS)
                        .service("s")
                        .build()))
                .containsExactly("/listeners/0 bad-value");
    }

    @Test
    void refusesWhatOnlyRequestsCanSay() {
        assertThat(problems(passing()
                        .matches(RouteMatch.of(PathMatch.prefix("/a")))
                        .auth(new AnonymousAuthConfig())
                        .timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(1))))
                        .build()))
                .containsExactlyInAnyOrder("/matches/0 bad-value", "/auth bad-value", "/timeouts bad-value");
        assertThat(problems(passing("Shop.example").build())).containsExactly("/matches/0/snis/0 not-canonical");
    }

    @Test
    void refusesServerNamesOfRequests() {
        assertThat(problems(RouteConfig.named("r")
                        .matches(RouteMatch.ofNames(List.of("shop.example")))
                        .service("s")
                        .build()))
                .containsExactly("/matches/0/snis bad-value");
    }

    @Test
    void wantsToKnowWhomToBelieve() {
        ListenerConfig.Builder behind = ListenerConfig.named("behind", ListenAddress.parse("0.0.0.0:81"))
                .proxyProtocol(ProxyProtocolMode.OPTIONAL);

        assertThat(problems(behind.build())).containsExactly("/clientAddress/trusted required");
        assertThat(problems(
                        behind.address(ListenAddress.parse("unix:/run/gw.sock")).build()))
                .isEmpty();
    }

    @Test
    void refusesToTellOfOneClientWhereManyShareAConnection() {
        assertThat(problems(UpstreamConfig.named("shared")
                        .protocol(UpstreamProtocol.HTTP2)
                        .proxyProtocol(ProxyVersion.V2)
                        .build()))
                .contains("/proxyProtocol bad-value");
    }

    @Test
    void refusesUpgradesThatNobodyCouldCheck() {
        assertThat(problems(RouteConfig.named("r")
                        .matches(RouteMatch.DEFAULTS)
                        .service("s")
                        .upgrades("websocket", "h2c", "WebSocket", "tls/1.2", "a b", "websocket")
                        .build()))
                .containsExactlyInAnyOrder(
                        "/upgrades/1 bad-value",
                        "/upgrades/2 not-canonical",
                        "/upgrades/3 bad-value",
                        "/upgrades/4 bad-value",
                        "/upgrades/5 duplicate");
    }
}
