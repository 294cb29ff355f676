package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a redirect may lead, and where no request may make it lead. */
final class RedirectRulesTest {
    private static final PathMatch PATH = PathMatch.template("/shops/{shop}");

    private static List<String> problems(RedirectConfig redirect, RouteMatch match) {
        ProxyConfig config = ProxyConfig.initial()
                .with(RouteConfig.named("r").matches(match).redirect(redirect).build());
        return ConfigValidator.validate(ProxyConfig.initial(), config).stream()
                .map(problem -> problem.pointer() + " " + problem.code())
                .toList();
    }

    private static RedirectConfig toHost(String host) {
        return new RedirectConfig(302, Optional.empty(), Optional.of(host), Optional.empty(), Optional.empty(), true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{path.shop}.shop.example", "a-{header.X-Region}.eu.shop.example", "{consumer}.shop.example"})
    void aHostMayBeginWithWhatTheRequestSays(String host) {
        assertThat(problems(toHost(host), RouteMatch.of(PATH))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{query.to}",
                "{header.X-To}",
                "shop.{query.to}",
                "{path.shop}.example",
                "{path.shop}shop.example",
                "{path.shop}.",
                "{host}",
                "{listener}"
            })
    void noRequestDecidesOnWhoseHostItEnds(String host) {
        assertThat(problems(toHost(host), RouteMatch.of(PATH))).contains("/redirect/host bad-value");
    }

    @Test
    void theHostThatWasAskedForIsOneOfTheRoutesOwn() {
        assertThat(problems(toHost("www.{host}"), RouteMatch.of("shop.example", PATH)))
                .isEmpty();
        assertThat(problems(toHost("www.{host}"), RouteMatch.of(PATH))).containsExactly("/redirect/host bad-value");
    }

    @ParameterizedTest
    @CsvSource({
        "{path.shp}.shop.example, unknown-reference",
        "{nothing}.shop.example, unknown-reference",
        "{path.shop}/.shop.example, bad-value",
        "{path.shop}@a.shop.example, bad-value",
        "{path.shop}.shop.example:80, bad-value"
    })
    void aHostIsAHost(String host, String code) {
        assertThat(problems(toHost(host), RouteMatch.of(PATH))).contains("/redirect/host " + code);
    }

    @Test
    void pathAndQueryTakeWhatRewritesTake() {
        QueryEdits query = new QueryEdits(Map.of(), List.of(), Map.of("a", "{path.nope}"), Map.of());

        assertThat(problems(
                        new RedirectConfig(
                                302,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(PathEdit.to("/{header.X-Shop}/{shop}/{nope}")),
                                true,
                                query),
                        RouteMatch.of(PATH)))
                .containsExactlyInAnyOrder(
                        "/redirect/path/set unknown-reference", "/redirect/query/set/a unknown-reference");
    }
}
