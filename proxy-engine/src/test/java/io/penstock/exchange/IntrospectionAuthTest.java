package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.IntrospectionAuthConfig;
import io.penstock.config.IntrospectionCache;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretName;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Counter;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that only their server understands: what it is asked, what is remembered of it, and what becomes of nonsense. */
final class IntrospectionAuthTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String ACTIVE =
            "{\"active\":true,\"sub\":\"ann\",\"client_id\":\"acme\",\"scope\":\"read write\"}";

    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static IntrospectionAuthConfig config(
            List<String> scopes, Optional<String> consumerClaim, Optional<Duration> stale) {
        return new IntrospectionAuthConfig(
                "http://127.0.0.1:9000/introspect",
                "gate way",
                new SecretName("s&t"),
                false,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                scopes,
                consumerClaim,
                Optional.of("scope"),
                new IntrospectionCache(Duration.ofMinutes(1), Duration.ofSeconds(10), 4, stale),
                Duration.ofSeconds(2),
                2,
                true,
                true);
    }

    private static IntrospectionAuthConfig plain() {
        return config(List.of(), Optional.empty(), Optional.empty());
    }

    private void serve(AuthConfig... auth) {
        worker.dns("127.0.0.1", "127.0.0.1");
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(ConsumerConfig.named("acme").build())
                .with(WorkerHarness.route().auth(auth).build()));
    }

    private FakeChannel get(String token) {
        return worker.client("GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
    }

    private static String json(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    private FakeChannel server() {
        FakeChannel server = worker.endpoint();
        assertThat(server.remoteAddress().getPort()).isEqualTo(9000);
        return server;
    }

    private String forwarded() {
        FakeChannel endpoint = worker.endpoint();
        assertThat(endpoint.remoteAddress().getPort()).isEqualTo(80);
        String sent = endpoint.sent();
        endpoint.deliver(OK);
        return sent;
    }

    @Test
    void asksTheServerAsTheStandardSaysAndTellsTheUpstreamWhoCalls() {
        serve(plain());
        FakeChannel client = get("t0k.en~x==");

        assertThat(server().sent())
                .startsWith("POST /introspect HTTP/1.1\r\nHost: 127.0.0.1:9000\r\n")
                .contains(
                        // gate+way:the+value+of+the+secret+that+is+called+s%26t
                        "Authorization: Basic Z2F0ZSt3YXk6dGhlK3ZhbHVlK29mK3RoZStzZWNyZXQrdGhhdCtpcytjYWxsZWQrcyUyNnQ=\r\n",
                        "Content-Type: application/x-www-form-urlencoded\r\n")
                .endsWith("\r\n\r\ntoken=t0k.en%7Ex%3D%3D&token_type_hint=access_token");
        server().deliver(json(ACTIVE));

        assertThat(forwarded())
                .contains("X-Consumer-Subject: ann\r\n", "X-Consumer-Groups: read,write\r\n")
                .doesNotContain("uthorization");
        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aMemberMayNameAConsumerThatHasToExist() {
        serve(config(List.of(), Optional.of("client_id"), Optional.empty()));
        get("token");
        server().deliver(json(ACTIVE));
        assertThat(forwarded()).contains("X-Consumer-Name: acme\r\n");

        worker.publish(worker.config().without(ResourceType.CONSUMERS, "acme"));
        assertThat(get("token").sent()).contains("X-Penstock-Reason: credential-invalid\r\n");
    }

    @Test
    void aTokenIsAskedAboutOnceHoweverManyBearIt() {
        serve(plain());
        FakeChannel first = get("token");
        FakeChannel second = get("token");
        FakeChannel gone = get("token");
        gone.fail(CloseCause.RESET);
        FakeChannel idp = server();
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(1);

        idp.deliver(json(ACTIVE));
        for (FakeChannel endpoint : List.copyOf(worker.loop().connects())) {
            if (endpoint.remoteAddress().getPort() == 80) {
                endpoint.open();
                endpoint.deliver(OK);
            }
        }

        assertThat(first.sent() + second.sent()).contains("HTTP/1.1 200 ").doesNotContain("401");
        get("token");
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(1);
        assertThat(worker.count(Counter.INTROSPECTIONS_REMEMBERED)).isEqualTo(1);
    }

    @Test
    void whatIsRememberedEndsWithItsTimeAndNeverOutlivesTheToken() {
        serve(plain());
        get("token");
        FakeChannel idp = server();
        idp.deliver(json("{\"active\":true,\"sub\":\"ann\",\"exp\":"
                + NOW.plusSeconds(30).getEpochSecond() + "}"));
        forwarded();

        worker.timePasses(Duration.ofSeconds(29));
        get("token");
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(1);
        forwarded();
        worker.timePasses(Duration.ofSeconds(2));
        FakeChannel client = get("token");
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(2);
        server().deliver(json("{\"active\":true,\"sub\":\"ann\",\"exp\":" + NOW.getEpochSecond() + "}"));

        assertThat(client.sent()).contains("X-Penstock-Reason: credential-expired\r\n");
    }

    @Test
    void aTokenThatIsNotActiveIsRefusedAndRememberedForAWhile() {
        serve(plain(), new AnonymousAuthConfig());
        FakeChannel client = get("token");
        FakeChannel idp = server();
        idp.deliver(json("{\"active\":false}"));

        assertThat(client.sent())
                .startsWith("HTTP/1.1 401 ")
                .contains(
                        "X-Penstock-Reason: credential-invalid\r\n",
                        "WWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"\r\n");
        assertThat(get("token").sent()).contains("credential-invalid");
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(1);
        worker.timePasses(Duration.ofSeconds(11));
        get("token");
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(2);
        idp.deliver(json(ACTIVE));
        forwarded();
    }

    @Test
    void inventedTokensDriveNoGoodOneOut() {
        serve(plain());
        get("good");
        FakeChannel idp = server();
        idp.deliver(json(ACTIVE));
        forwarded();
        for (int i = 0; i < 20; i++) {
            get("bad" + i);
            idp.deliver(json("{\"active\":false}"));
        }

        get("good");
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(21);
        forwarded();
    }

    @Test
    void aScopeThatIsMissingIsNamed() {
        serve(config(List.of("read", "pay"), Optional.empty(), Optional.empty()));
        FakeChannel client = get("token");
        server().deliver(json(ACTIVE));

        assertThat(client.sent())
                .startsWith("HTTP/1.1 403 ")
                .contains(
                        "X-Penstock-Reason: scope-required\r\n",
                        "WWW-Authenticate: Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"read pay\"\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 302 Away\r\nLocation: http://127.0.0.1:9000/\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"active\":\"true\"}",
                "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"active\":tru",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[[[[",
                "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n",
                "nonsense\r\n\r\n"
            })
    void withoutAnAnswerNobodyPassesAndItIsNotTheClientsFault(String answer) {
        serve(plain(), new AnonymousAuthConfig());
        FakeChannel client = get("token");

        server().deliver(answer);

        assertThat(client.sent())
                .startsWith("HTTP/1.1 503 ")
                .contains("X-Penstock-Reason: introspection-unavailable\r\n");
        assertThat(worker.count(Counter.INTROSPECTIONS_FAILED)).isEqualTo(1);
    }

    @Test
    void aServerThatIsSilentIsWaitedForNoLongerThanTheEntrySays() {
        serve(plain());
        FakeChannel client = get("token");
        server();

        worker.timePasses(Duration.ofSeconds(3));

        assertThat(client.sent()).contains("X-Penstock-Reason: introspection-unavailable\r\n");
    }

    @Test
    void whatWasGoodGoesOnForAWhileWithoutTheServerWhereTheEntrySaysSo() {
        serve(config(List.of(), Optional.empty(), Optional.of(Duration.ofMinutes(5))));
        get("token");
        server().deliver(json(ACTIVE));
        forwarded();
        worker.timePasses(Duration.ofSeconds(61));

        get("token");
        server().deliver("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
        assertThat(worker.count(Counter.INTROSPECTIONS_STALE)).isEqualTo(1);
        forwarded();
        // Nobody waits for it again at once.
        get("token");
        assertThat(worker.count(Counter.INTROSPECTIONS)).isEqualTo(2);
        forwarded();

        worker.timePasses(Duration.ofMinutes(6));
        FakeChannel client = get("token");
        worker.endpoint().fail(CloseCause.RESET);
        worker.timePasses(Duration.ofSeconds(3));
        assertThat(client.sent()).contains("introspection-unavailable");
    }

    @Test
    void onlySoManyAreAskedAboutAtOnce() {
        serve(plain());
        get("one");
        get("two");

        assertThat(get("three").sent()).startsWith("HTTP/1.1 503 ").contains("X-Penstock-Reason: auth-busy\r\n");
        worker.timePasses(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "qu\"ote", "=", "a=b", "\u00e9", "%00"})
    void whatIsNoTokenIsNotAskedAbout(String token) {
        serve(plain(), new AnonymousAuthConfig());

        FakeChannel client = get(token);

        assertThat(worker.count(Counter.INTROSPECTIONS)).isZero();
        if (!token.isEmpty()) {
            assertThat(client.sent()).startsWith("HTTP/1.1 401 ");
        } else {
            forwarded();
        }
    }

    @Test
    void withoutATokenItIsAskedForWithoutAnError() {
        serve(plain());

        assertThat(worker.client("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").sent())
                .contains("X-Penstock-Reason: unauthenticated\r\n", "WWW-Authenticate: Bearer realm=\"api\"\r\n");
    }
}
