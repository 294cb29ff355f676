package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What may be written into a limit, and what an operator hears of what may not. */
final class LimitRulesTest {
    private static List<ConfigProblem> problems(LimitConfig limit) {
        return ConfigValidator.validate(ProxyConfig.empty(), ProxyConfig.empty().with(limit));
    }

    private static LimitConfig.Builder limit() {
        return LimitConfig.named("l", Rate.parse("1/s"));
    }

    private static String said(String... key) {
        List<ConfigProblem> problems = problems(limit().key(key).build());
        assertThat(problems).hasSize(1);
        ConfigProblem problem = problems.getFirst();
        return problem.pointer() + " " + problem.detail() + " " + problem.hint().orElse("");
    }

    @Test
    void takesEveryKindOfKeyAndAllOfThemTogether() {
        assertThat(problems(limit().key().build())).isEmpty();
        assertThat(problems(limit().key(
                                "clientAddress",
                                "route",
                                "service",
                                "consumer",
                                "consumerGroup",
                                "header:X-Tenant",
                                "query:t",
                                "var:token-guard/tenant")
                        .build()))
                .isEmpty();
    }

    @Test
    void knowsWhichKeysTheRequestItselfSays() {
        assertThat(limit().key("clientAddress", "route", "service", "header:a", "query:b")
                        .build()
                        .isTakenBeforeAuth())
                .isTrue();
        assertThat(List.of("consumer", "consumerGroup", "var:a/b"))
                .allSatisfy(
                        part -> assertThat(limit().key("route", part).build().isTakenBeforeAuth())
                                .isFalse());
    }

    @Test
    void guessesWhatAMistypedPartWasMeantToBe() {
        assertThat(said("clientAdress")).startsWith("/key/0 ").endsWith("did you mean \"clientAddress\"?");
        assertThat(said("route", "headers:X-A")).startsWith("/key/1 ").endsWith("did you mean \"header:X-A\"?");
        assertThat(said("header")).endsWith("did you mean \"header:NAME\"?");
        assertThat(said("something")).endsWith("[] is one bucket for all");
    }

    @Test
    void saysHowTheNameOfAPartIsWritten() {
        assertThat(said("header:X A")).contains("letters, digits and hyphens").endsWith("\"header:X-Tenant\"");
        assertThat(said("header:")).contains("letters, digits and hyphens");
        assertThat(said("query:")).contains("wanted query: and the name of a parameter");
        assertThat(said("query:" + "a".repeat(257))).contains("1 to 256 characters");
        assertThat(said("var:tenant")).endsWith("\"var:token-guard/tenant\"");
    }

    @Test
    void refusesAPartThatIsNamedTwiceByAnyCase() {
        assertThat(said("header:X-A", "header:x-a")).startsWith("/key/1 \"header:x-a\" is named twice");
    }

    @Test
    void boundsTheParts() {
        assertThat(said(
                        "query:1", "query:2", "query:3", "query:4", "query:5", "query:6", "query:7", "query:8",
                        "route"))
                .startsWith("/key found 9 parts, wanted at most 8");
    }

    @Test
    void wantsARateOrAQuotaAndABurstOnlyForARate() {
        LimitConfig nothing = RecordDefaults.of(LimitConfig.class, Map.of("name", "l"));

        assertThat(problems(nothing)).extracting(ConfigProblem::pointer).containsExactly("/rate");
        assertThat(problems(nothing).getFirst().hint().orElse("")).contains("quota: {requests: 10000, window: day}");
        assertThat(problems(LimitConfig.named("l", QuotaConfig.of(1, CalendarUnit.DAY))
                        .burst(5)
                        .build()))
                .extracting(ConfigProblem::pointer)
                .containsExactly("/burst");
    }

    @Test
    void guessesWhichTimeZoneWasMeant() {
        LimitConfig berlin = LimitConfig.named("l", new QuotaConfig(1, CalendarUnit.DAY, "Europe/Berln"))
                .build();

        assertThat(problems(berlin)).singleElement().satisfies(problem -> {
            assertThat(problem.pointer()).isEqualTo("/quota/timeZone");
            assertThat(problem.hint()).contains("did you mean \"Europe/Berlin\"?");
        });
    }

    @Test
    void boundsTheRequestsOfAQuota() {
        assertThatThrownBy(() -> QuotaConfig.of(0, CalendarUnit.DAY)).hasMessageContaining("/requests");
        assertThatThrownBy(() -> QuotaConfig.of(4_000_000_001L, CalendarUnit.DAY))
                .hasMessageContaining("wanted 1 to 4000000000");
    }

    @Test
    void warnsWhereNobodyFindsOutWhoCalls() {
        RouteConfig.Builder route = RouteConfig.named("r")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .respond(RespondConfig.DEFAULTS)
                .limits("l");
        ProxyConfig config = ProxyConfig.empty().with(limit().key("consumer").build());

        assertThat(ConfigValidator.warnings(ProxyConfig.empty(), config.with(route.build())))
                .extracting(ConfigWarning::detail)
                .containsExactly(
                        "limit \"l\" of routes/r asks who calls, and without auth nobody on this route finds out");
        assertThat(ConfigValidator.warnings(
                        ProxyConfig.empty(),
                        config.with(route.auth(new AnonymousAuthConfig()).build())))
                .isEmpty();
    }
}
