package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.penstock.config.AuthConfig;
import io.penstock.config.OidcAuthConfig;
import io.penstock.config.OidcCookieConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.SecretName;
import io.penstock.metrics.Counter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins at an issuer of our own, by browsers and by what attackers make of them. */
final class OidcLoginTest {
    @TempDir
    Path logs;

    private final Origins origins = new Origins();
    private final TestIssuer issuer = new TestIssuer(origins);
    private final Browser browser = new Browser();

    @AfterEach
    void nothingIsLeft() {
        browser.client.close();
        origins.close();
    }

    /** Keeps cookies as browsers do, and follows nothing by itself. The JDK's own jar writes them as nobody else does. */
    private static final class Browser {
        private final Map<String, String> cookies = new TreeMap<>();
        private final HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

        HttpResponse<String> get(ConfigRig rig, String path, String... headers) throws Exception {
            return send(HttpRequest.newBuilder(URI.create(base(rig) + path)).headers(headers));
        }

        private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
            if (!cookies.isEmpty()) {
                List<String> pairs = new ArrayList<>();
                cookies.forEach((name, value) -> pairs.add(name + "=" + value));
                request.header("Cookie", String.join("; ", pairs));
            }
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            for (String set : response.headers().allValues("Set-Cookie")) {
                String pair = set.substring(0, set.indexOf(';'));
                String name = pair.substring(0, pair.indexOf('='));
                if (set.contains("; Max-Age=0;")) {
                    cookies.remove(name);
                } else {
                    cookies.put(name, pair.substring(pair.indexOf('=') + 1));
                }
            }
            return response;
        }

        HttpResponse<String> page(ConfigRig rig, String path) throws Exception {
            return get(rig, path, "Accept", "text/html,application/xhtml+xml");
        }

        List<String> cookieNames() {
            return List.copyOf(cookies.keySet());
        }
    }

    private static String base(ConfigRig rig) {
        return "http:/"
                + rig.engine().readings().status().listeners().getFirst().address();
    }

    private OidcAuthConfig oidc(Map<String, Object> more, String secret, Optional<SecretName> previous) {
        Map<String, Object> members = new HashMap<>(Map.of(
                "issuer",
                issuer.address,
                "clientId",
                "gateway",
                "clientSecret",
                new SecretName("client"),
                "logoutPath",
                Optional.of("/logout"),
                "groupsClaim",
                Optional.of("groups"),
                "cookie",
                new OidcCookieConfig("penstock-login", new SecretName(secret), previous, Duration.ofHours(12))));
        members.putAll(more);
        return RecordDefaults.of(OidcAuthConfig.class, members);
    }

    private ProxyConfig serving(AuthConfig... auth) {
        return origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "app", exchange -> {
                    String told = exchange.getRequestHeaders().getFirst("X-Consumer-Subject") + " "
                            + exchange.getRequestHeaders().getFirst("Cookie");
                    Origins.answer(exchange, 200, told.getBytes(StandardCharsets.UTF_8));
                })
                .with(RouteConfig.named("app")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("app")
                        .auth(auth)
                        .build());
    }

    private static String location(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(302);
        return response.headers().firstValue("Location").orElseThrow();
    }

    private static String reason(HttpResponse<String> response) {
        return response.headers().firstValue("X-Penstock-Reason").orElse("");
    }

    private HttpResponse<String> logIn(ConfigRig rig, String path) throws Exception {
        String away = location(browser.page(rig, path));
        return browser.page(rig, "/oauth2/callback?" + issuer.authorize(away));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aPersonLogsInAndIsBackWhereSheWas(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));

            String away = location(browser.page(rig, "/shop?item=7"));
            assertThat(away).startsWith("https://login.example/authorize?response_type=code&client_id=gateway&");
            Map<String, String> asked = TestIssuer.parameters(away.substring(away.indexOf('?') + 1));
            assertThat(asked)
                    .containsEntry("redirect_uri", base(rig) + "/oauth2/callback")
                    .containsEntry("scope", "openid profile email")
                    .containsEntry("code_challenge_method", "S256");
            assertThat(asked.get("state")).hasSize(43);
            HttpResponse<String> back = browser.page(rig, "/oauth2/callback?" + issuer.authorize(away));

            assertThat(location(back)).isEqualTo("/shop?item=7");
            assertThat(back.headers().allValues("Set-Cookie"))
                    .allMatch(cookie -> cookie.contains("; HttpOnly; SameSite=Lax") && !cookie.contains("ann"));
            assertThat(browser.cookieNames()).containsExactly("penstock-login");
            for (int i = 0; i < 8; i++) {
                assertThat(browser.page(rig, "/shop?item=7").body()).isEqualTo("ann null");
            }
            assertThat(rig.engine().readings().metrics().value(Counter.LOGINS_DONE))
                    .isEqualTo(1);
            // Documents are read once by each worker that needs them.
            assertThat(issuer.asked("/keys")).isEqualTo(1);
            assertThat(issuer.asked("/.well-known/openid-configuration")).isBetween(1L, (long) workers);
        }
    }

    @Test
    void whatIsNoPageIsToldRatherThanSentAway() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));

            HttpResponse<String> response = browser.get(rig, "/api", "Accept", "application/json");

            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(reason(response)).isEqualTo("unauthenticated");
            assertThat(response.headers().firstValue("WWW-Authenticate")).contains("OpenID realm=\"api\"");
            assertThat(issuer.asked).isEmpty();
        }
    }

    @Test
    void answersThatBelongToNoAttemptOfThisBrowserAreRefused() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            String away = location(browser.page(rig, "/"));
            String answer = issuer.authorize(away);

            // Another browser: the attacker's own answer in the victim's hands.
            Browser other = new Browser();
            assertThat(reason(other.page(rig, "/oauth2/callback?" + answer))).isEqualTo("login-invalid");
            other.client.close();
            for (String forged : List.of(
                    "code=x",
                    "code=x&state=",
                    "code=x&state=" + "A".repeat(43),
                    answer + "&state=twice",
                    answer.substring(0, answer.length() - 1))) {
                assertThat(reason(browser.page(rig, "/oauth2/callback?" + forged)))
                        .isEqualTo("login-invalid");
            }
            assertThat(reason(browser.page(
                            rig, "/oauth2/callback?error=access_denied&" + answer.substring(answer.indexOf("state=")))))
                    .isEqualTo("login-refused");
            assertThat(reason(browser.page(rig, "/oauth2/callback?" + answer + "&iss=https://evil.example")))
                    .isEqualTo("login-invalid");
            assertThat(issuer.asked("/token")).isZero();

            assertThat(location(browser.page(rig, "/oauth2/callback?" + answer)))
                    .isEqualTo("/");
            // The same answer again: its attempt is over.
            assertThat(reason(browser.page(rig, "/oauth2/callback?" + answer))).isEqualTo("login-invalid");
        }
    }

    enum Fault {
        NONCE,
        ISSUER,
        AUDIENCE,
        TWO_AUDIENCES,
        PARTY,
        EXPIRED,
        EARLY,
        NO_SUBJECT,
        UNSIGNED,
        SHARED_SECRET,
        STRANGER,
        NONSENSE
    }

    private static String wicked(Fault fault, JWTClaimsSet good) throws Exception {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder(good);
        return switch (fault) {
            case NONCE -> TestIssuer.signed(claims.claim("nonce", "another").build(), TestIssuer.KEY);
            case ISSUER -> TestIssuer.signed(claims.issuer("http://127.0.0.1:1").build(), TestIssuer.KEY);
            case AUDIENCE -> TestIssuer.signed(claims.audience("other").build(), TestIssuer.KEY);
            case TWO_AUDIENCES ->
                TestIssuer.signed(claims.audience(List.of("gateway", "other")).build(), TestIssuer.KEY);
            case PARTY -> TestIssuer.signed(claims.claim("azp", "other").build(), TestIssuer.KEY);
            case EXPIRED ->
                TestIssuer.signed(
                        claims.expirationTime(Date.from(Instant.now().minusSeconds(60)))
                                .build(),
                        TestIssuer.KEY);
            case EARLY ->
                TestIssuer.signed(
                        claims.issueTime(Date.from(Instant.now().plusSeconds(600)))
                                .build(),
                        TestIssuer.KEY);
            case NO_SUBJECT -> TestIssuer.signed(claims.subject(null).build(), TestIssuer.KEY);
            case UNSIGNED -> new PlainJWT(good).serialize();
            case SHARED_SECRET -> {
                SignedJWT token = new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), good);
                token.sign(new MACSigner(TestIssuer.KEY.toRSAPublicKey().getEncoded()));
                yield token.serialize();
            }
            case STRANGER -> TestIssuer.signed(good, TestIssuer.key("k1"));
            case NONSENSE -> "a.b.c";
        };
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void anIdTokenThatIsNotGoodLogsNobodyIn(Fault fault) throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            issuer.signing = good -> wicked(fault, good);

            HttpResponse<String> response = logIn(rig, "/");

            assertThat(reason(response)).isEqualTo("login-unavailable");
            assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
            assertThat(rig.engine().readings().metrics().value(Counter.LOGINS_DONE))
                    .isZero();
            assertThat(browser.page(rig, "/").statusCode()).isEqualTo(302);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"//evil.example/x", "/%5Cevil.example", "/..//evil.example", "/a?next=//evil.example"})
    void theWayBackStaysInside(String path) throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            HttpResponse<String> first = browser.page(rig, path);
            if (first.statusCode() == 302) {
                String back = location(browser.page(rig, "/oauth2/callback?" + issuer.authorize(location(first))));

                assertThat(back).startsWith("/").doesNotStartWith("//").doesNotContain("\\");
            } else {
                assertThat(first.statusCode()).isEqualTo(400);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aLoginIsRefreshedOnceAndGoesOn(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            issuer.expiresIn = 30;
            logIn(rig, "/");
            issuer.expiresIn = 3600;

            // Due, since less than a minute is left; whoever comes second meanwhile goes on as it is.
            HttpResponse<String> refreshed = browser.page(rig, "/");
            assertThat(refreshed.body()).isEqualTo("ann null");
            assertThat(refreshed.headers().allValues("Set-Cookie")).hasSize(1);
            assertThat(browser.page(rig, "/").headers().allValues("Set-Cookie")).isEmpty();
            assertThat(issuer.refreshes.get()).isEqualTo(1);
            assertThat(rig.engine().readings().metrics().value(Counter.LOGINS_REFRESHED))
                    .isEqualTo(1);
        }
    }

    @Test
    void aLoginThatIsNotRefreshedLastsAsLongAsItWouldHave() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            issuer.expiresIn = 30;
            issuer.refreshStatus = 400;
            logIn(rig, "/");

            assertThat(browser.page(rig, "/").body()).isEqualTo("ann null");
            assertThat(browser.page(rig, "/").body()).isEqualTo("ann null");
            assertThat(issuer.refreshes.get()).isEqualTo(1);
        }
    }

    @Test
    void logoutEndsIt() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            logIn(rig, "/");

            assertThat(browser.page(rig, "/logout").body()).isEqualTo("You are logged out.\n");

            assertThat(browser.cookieNames()).isEmpty();
            assertThat(browser.page(rig, "/").statusCode()).isEqualTo(302);
        }
    }

    @Test
    void aStrangersPageEndsNoLogin() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            logIn(rig, "/");

            HttpResponse<String> asked =
                    browser.get(rig, "/logout", "Accept", "text/html", "Sec-Fetch-Site", "cross-site");
            assertThat(asked.statusCode()).isEqualTo(200);
            assertThat(asked.body()).contains("<form method=\"post\">");
            assertThat(asked.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("frame-ancestors 'none'");
            browser.get(rig, "/logout", "Accept", "text/html", "Origin", "https://evil.example");
            URI logout = URI.create(base(rig) + "/logout");
            browser.send(HttpRequest.newBuilder(logout)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .header("Origin", "https://evil.example"));
            assertThat(browser.page(rig, "/").body()).isEqualTo("ann null");

            browser.send(HttpRequest.newBuilder(logout)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .headers("Sec-Fetch-Site", "same-origin", "Origin", base(rig)));
            assertThat(browser.page(rig, "/").statusCode()).isEqualTo(302);
        }
    }

    @Test
    void anotherKeyIsIntroducedBesideTheOldOne() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            ProxyConfig config = serving(oidc(Map.of(), "old", Optional.empty()));
            rig.publish(config);
            logIn(rig, "/");
            RouteConfig route = config.routes().find("app").orElseThrow();

            rig.publish(config.with(route.toBuilder()
                    .auth(oidc(Map.of(), "new", Optional.of(new SecretName("old"))))
                    .build()));
            assertThat(browser.page(rig, "/").body()).isEqualTo("ann null");

            rig.publish(config.with(route.toBuilder()
                    .auth(oidc(Map.of(), "new", Optional.empty()))
                    .build()));
            assertThat(browser.page(rig, "/").statusCode()).isEqualTo(302);
        }
    }

    @Test
    void aCookieThatSomebodyHasTouchedIsNone() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            logIn(rig, "/");
            String good = browser.cookies.getOrDefault("penstock-login", "");

            for (String forged : List.of(
                    good.substring(0, good.length() - 1),
                    "2" + good.substring(1),
                    "9" + good.substring(1),
                    "1.",
                    "",
                    good.substring(0, 20) + (good.charAt(20) == 'A' ? 'B' : 'A') + good.substring(21))) {
                browser.cookies.clear();
                browser.cookies.put("penstock-login", forged);
                assertThat(browser.page(rig, "/").statusCode()).as(forged).isEqualTo(302);
            }
        }
    }

    @Test
    void aLongLoginIsSplitAndOneThatIsTooLongIsRefused() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(oidc(Map.of(), "cookies", Optional.empty())));
            issuer.groups = IntStream.range(0, 40)
                    .mapToObj(i -> "a-group-with-a-long-name-".repeat(5) + i)
                    .toList();
            assertThat(location(logIn(rig, "/"))).isEqualTo("/");
            assertThat(browser.cookieNames()).containsExactly("penstock-login", "penstock-login.1");
            assertThat(browser.page(rig, "/").body()).isEqualTo("ann null");
            browser.page(rig, "/logout");
            assertThat(browser.cookieNames()).isEmpty();

            issuer.groups = IntStream.range(0, 64)
                    .mapToObj(i -> "a-group-with-a-long-name-".repeat(18) + i)
                    .toList();
            HttpResponse<String> response = logIn(rig, "/");
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(reason(response)).isEqualTo("login-too-large");
        }
    }

    @Test
    void behindAProxyOfTlsTheCookieIsForTlsOnly() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(
                    oidc(Map.of("publicUrl", Optional.of("https://shop.example")), "cookies", Optional.empty())));

            HttpResponse<String> first = browser.page(rig, "/");

            assertThat(location(first)).contains("redirect_uri=https%3A%2F%2Fshop.example%2Foauth2%2Fcallback");
            assertThat(first.headers().firstValue("Set-Cookie").orElseThrow())
                    .startsWith("__Host-penstock-login.s")
                    .contains("; Path=/;")
                    .endsWith("; Secure");
        }
    }

    @Test
    void withoutItsIssuerNobodyLogsIn() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(serving(
                    oidc(Map.of("issuer", "http://127.0.0.1:" + ConfigRig.freePort()), "cookies", Optional.empty())));

            HttpResponse<String> response = browser.page(rig, "/");

            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(reason(response)).isEqualTo("login-unavailable");
        }
    }
}
