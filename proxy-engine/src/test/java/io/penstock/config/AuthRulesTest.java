package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What lists of auth must keep. */
final class AuthRulesTest {
    private static final AuthConfig KEY = ApiKeyAuthConfig.inHeader("K");
    private static final AuthConfig OTHER = ApiKeyAuthConfig.inHeader("L");

    private static List<String> problems(AuthConfig... auth) {
        ProxyConfig config = ProxyConfig.initial()
                .with(RouteConfig.named("r")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .respond(RespondConfig.DEFAULTS)
                        .auth(auth)
                        .build());
        return ConfigValidator.validate(ProxyConfig.initial(), config).stream()
                .map(problem -> problem.pointer() + " " + problem.code())
                .toList();
    }

    @Test
    void anAllOfHoldsWaysToFindOutWhoCallsAndNothingElse() {
        assertThat(problems(AllOfAuthConfig.of(KEY, OTHER), new AnonymousAuthConfig()))
                .isEmpty();
        assertThat(problems(AllOfAuthConfig.of(KEY, new AnonymousAuthConfig())))
                .containsExactly("/auth/0/allOf/1 bad-value");
        assertThat(problems(AllOfAuthConfig.of(KEY, AllOfAuthConfig.of(KEY, OTHER))))
                .containsExactly("/auth/0/allOf/1 bad-value");
        assertThat(problems(AllOfAuthConfig.of(KEY, GroupsAuthConfig.of("gold"))))
                .contains("/auth/0/allOf/1 bad-value", "/auth/0/allOf/1/allow/0 unknown-reference");
        assertThat(problems(AllOfAuthConfig.of(KEY, KEY))).containsExactly("/auth/0/allOf/1 duplicate");
    }

    @Test
    void anAllOfNeedsTwoEntriesAtLeast() {
        assertThatThrownBy(() -> AllOfAuthConfig.of(KEY)).isInstanceOf(InvalidValueException.class);
    }

    @Test
    void whatIsDisabledOpensNothing() {
        AuthConfig off = new BasicAuthConfig("api", true, false);
        AuthConfig alsoOff = new BasicAuthConfig("b", true, false);

        assertThat(problems(off)).containsExactly("/auth bad-value");
        assertThat(problems(off, KEY)).isEmpty();
        assertThat(problems(off, new AnonymousAuthConfig())).isEmpty();
        assertThat(problems(AllOfAuthConfig.of(KEY, off))).containsExactly("/auth/0/allOf/1 bad-value");
        assertThat(problems(AllOfAuthConfig.of(off, alsoOff)))
                .containsExactly("/auth/0/allOf/0 bad-value", "/auth/0/allOf/1 bad-value");
    }
}
