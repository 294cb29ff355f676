package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
}
