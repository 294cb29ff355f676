package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is warned of around people and programs that prove who they are: paths of logins that lead nowhere, credentials that are over. */
final class LoginPathWarningsTest {
    private static OidcAuthConfig login() {
        return RecordDefaults.of(
                OidcAuthConfig.class,
                Map.of(
                        "issuer",
                        "https://id.example",
                        "clientId",
                        "gateway",
                        "clientSecret",
                        new SecretName("client"),
                        "logoutPath",
                        Optional.of("/shop/logout"),
                        "cookie",
                        RecordDefaults.of(OidcCookieConfig.class, Map.of("key", new SecretName("cookies")))));
    }

    private static RouteConfig route(String name, PathMatch path, AuthConfig... auth) {
        return RouteConfig.named(name)
                .matches(RouteMatch.of(path))
                .respond(RespondConfig.DEFAULTS)
                .auth(auth)
                .build();
    }

    private static List<String> warnings(Resource... resources) {
        return ConfigValidator.warnings(
                        ProxyConfig.initial(), ProxyConfig.initial().with(List.of(resources)))
                .stream()
                .map(warning -> warning.resource().name() + warning.pointer() + " " + warning.code() + " "
                        + warning.detail().substring(0, 12))
                .toList();
    }

    @Test
    void aCallbackThatNoRouteWithTheLoginTakesIsWarnedOf() {
        assertThat(warnings(route("shop", PathMatch.prefix("/shop"), login())))
                .containsExactly("shop/matches fits-nobody redirectPath");
        assertThat(warnings(
                        route("shop", PathMatch.prefix("/shop"), login()),
                        route("back", PathMatch.exact("/oauth2/callback"), new AnonymousAuthConfig())))
                .containsExactly("shop/matches fits-nobody redirectPath");
    }

    @Test
    void anotherRouteWithTheSameLoginMayTakeIt() {
        assertThat(warnings(
                        route("shop", PathMatch.prefix("/shop"), login()),
                        route("back", PathMatch.prefix("/oauth2"), login())))
                .isEmpty();
        assertThat(warnings(route("all", PathMatch.prefix("/"), login()))).isEmpty();
    }

    @Test
    void aPrefixEndsWithASegment() {
        assertThat(warnings(route("odd", PathMatch.prefix("/sho"), login()))).hasSize(2);
    }

    @Test
    void aCredentialThatIsOverIsWarnedOf() {
        Instant over = Instant.now().minus(Duration.ofDays(1));
        ConsumerConfig consumer = ConsumerConfig.named("acme")
                .credentials(
                        new ApiKeyCredentialConfig(
                                new SecretValue.Given("a key of more than 16 characters"),
                                Optional.of(over),
                                Optional.empty(),
                                true),
                        ApiKeyCredentialConfig.of("another key of more than 16 characters"))
                .build();

        assertThat(warnings(consumer)).containsExactly("acme/credentials/0/expires out-of-date the credenti");
    }
}
