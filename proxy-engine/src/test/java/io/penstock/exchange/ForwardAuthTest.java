package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.ForwardAuthConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Counter;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another server that says whether a request may pass: what it is told, and what its answers mean. */
final class ForwardAuthTest {
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String YES = "HTTP/1.1 204 Yes\r\nX-User: ann\r\nX-Secret: s\r\n\r\n";

    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static ForwardAuthConfig config(Map<String, Object> more) {
        Map<String, Object> members = new HashMap<>(Map.of(
                "url", Optional.of("http://127.0.0.1:9000/check?x=1"), "responseHeaders", List.of("X-User", "X-Role")));
        members.putAll(more);
        return RecordDefaults.of(ForwardAuthConfig.class, members);
    }

    private void serve(AuthConfig... auth) {
        worker.dns("127.0.0.1", "127.0.0.1");
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(ConsumerConfig.named("acme")
                        .credentials(ApiKeyCredentialConfig.of(KEY))
                        .build())
                .with(WorkerHarness.route().auth(auth).build()));
    }

    private FakeChannel get(String target, String... fields) {
        return worker.client("GET " + target + " HTTP/1.1\r\nHost: shop.example:8080\r\n"
                + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\n");
    }

    private FakeChannel authorizer() {
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
    void tellsTheHeadAndTheWayThatIsRouted() {
        serve(config(Map.of()));
        worker.client(
                "POST /a/../b?q=%20 HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer t\r\nCookie: a=1\r\n"
                        + "X-Other: o\r\nX-Forwarded-Uri: /public\r\nX-Forwarded-For: 1.2.3.4\r\nContent-Length: 4\r\n\r\nbody");

        String asked = authorizer().sent();

        assertThat(asked)
                .startsWith("GET /check?x=1 HTTP/1.1\r\nHost: 127.0.0.1:9000\r\n")
                .contains(
                        "X-Forwarded-Method: POST\r\n",
                        "X-Forwarded-Proto: http\r\n",
                        "X-Forwarded-Host: shop.example\r\n",
                        "X-Forwarded-Uri: /b?q=%20\r\n",
                        "X-Forwarded-For: 192.0.2.7\r\n",
                        "X-Request-Id: ",
                        "Authorization: Bearer t\r\n",
                        "Cookie: a=1\r\n")
                .endsWith("\r\n\r\n")
                .doesNotContain("X-Other")
                .doesNotContain("Content-Length")
                .doesNotContain("/public")
                .doesNotContain("1.2.3.4");
        authorizer().deliver(YES);
        assertThat(worker.endpoint().sent())
                .startsWith("POST /b?q=%20 HTTP/1.1\r\n")
                .endsWith("body");
        worker.endpoint().deliver(OK);
    }

    @Test
    void aYesGivesTheRequestItsHeadersAndTakesTheClientsOwn() {
        serve(config(Map.of()));
        FakeChannel client = get("/a", "x-user: root", "X-Role: admin");
        authorizer().deliver(YES);

        assertThat(forwarded())
                .contains("X-User: ann\r\n")
                .doesNotContain("root")
                .doesNotContain("admin")
                .doesNotContain("X-Secret");
        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        assertThat(worker.count(Counter.FORWARD_AUTHS_PASSED)).isEqualTo(1);
    }

    @Test
    void nobodySaysThemWhoIsLetInAnotherWay() {
        serve(ApiKeyAuthConfig.inHeader("K"), config(Map.of()));

        get("/a", "K: " + KEY, "X-User: root");

        assertThat(forwarded()).contains("X-Consumer-Name: acme\r\n").doesNotContain("root");
    }

    @Test
    void whatItSaidStandsBesideNoOtherEntrysWord() {
        serve(AllOfAuthConfig.of(config(Map.of()), ApiKeyAuthConfig.inHeader("K")), ApiKeyAuthConfig.inHeader("L"));
        get("/a", "L: " + KEY);
        authorizer().deliver(YES);

        assertThat(forwarded()).contains("X-Consumer-Name: acme\r\n").doesNotContain("X-User");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 302, 307})
    void aNoGoesToTheClientAsItIs(int status) {
        serve(config(Map.of()), new AnonymousAuthConfig());
        FakeChannel client = get("/a");
        authorizer()
                .deliver("HTTP/1.1 " + status
                        + " No\r\nLocation: /login\r\nWWW-Authenticate: Basic realm=\"x\"\r\nSet-Cookie: a=1\r\nX-Secret: s\r\n"
                        + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nno");

        assertThat(client.sent())
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("Location: /login\r\n", "WWW-Authenticate: Basic realm=\"x\"\r\n", "Set-Cookie: a=1\r\n")
                .doesNotContain("X-Secret")
                .endsWith("\r\n\r\nno");
        assertThat(worker.connects()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 304 No\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n",
                "nonsense\r\n\r\n"
            })
    void anythingElseIsNoYes(String answer) {
        serve(config(Map.of()), new AnonymousAuthConfig());
        FakeChannel client = get("/a");
        authorizer().deliver(answer);

        assertThat(client.sent()).startsWith("HTTP/1.1 503 ").contains("X-Penstock-Reason: authorizer-unavailable\r\n");
        assertThat(worker.count(Counter.FORWARD_AUTHS_FAILED)).isEqualTo(1);
    }

    @Test
    void silenceIsNoYesAfterItsTime() {
        serve(config(Map.of("timeout", Duration.ofSeconds(1))));
        FakeChannel client = get("/a");
        authorizer();

        worker.timePasses(Duration.ofSeconds(2));

        assertThat(client.sent()).contains("X-Penstock-Reason: authorizer-unavailable\r\n");
    }

    @Test
    void whereItMayFailOpenRequestsPassWithoutTheHeadersOfAYes() {
        serve(config(Map.of("failOpen", true)));
        FakeChannel client = get("/a", "X-User: root");
        authorizer().fail(CloseCause.RESET);
        for (int i = 0; i < 4 && worker.endpoint().remoteAddress().getPort() == 9000; i++) {
            worker.endpoint().fail(CloseCause.RESET);
        }

        assertThat(forwarded()).doesNotContain("root").doesNotContain("X-Consumer");
        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        assertThat(worker.count(Counter.FORWARD_AUTHS_OPENED)).isEqualTo(1);
    }

    @Test
    void aHeaderMayNameAConsumerThatHasToExist() {
        serve(config(Map.of("consumerHeader", Optional.of("X-User"))));
        get("/a");
        FakeChannel server = authorizer();
        server.deliver("HTTP/1.1 200 OK\r\nX-User: acme\r\nContent-Length: 0\r\n\r\n");
        assertThat(forwarded()).contains("X-Consumer-Name: acme\r\n");

        FakeChannel client = get("/a");
        server.deliver("HTTP/1.1 200 OK\r\nX-User: nobody\r\nContent-Length: 0\r\n\r\n");
        assertThat(client.sent()).contains("X-Penstock-Reason: credential-invalid\r\n");
    }

    @Test
    void onlySoManyAreAskedAboutAtOnceAndWhoGoesAwayCountsNoMore() {
        serve(config(Map.of("concurrency", 1)));
        FakeChannel first = get("/a");

        assertThat(get("/a").sent()).contains("X-Penstock-Reason: auth-busy\r\n");
        first.fail(CloseCause.RESET);
        get("/a");
        authorizer().deliver(YES);
        forwarded();
    }

    @Test
    void aServiceIsAskedByItsUpstream() {
        serve(config(Map.of("url", Optional.empty(), "service", Optional.of("backend"), "path", "/check")));
        FakeChannel client = get("/a");
        FakeChannel endpoint = worker.endpoint();

        assertThat(endpoint.sent()).startsWith("GET /check HTTP/1.1\r\nHost: 10.0.0.1:80\r\n");
        endpoint.deliver(YES);
        assertThat(endpoint.sent()).startsWith("GET /a HTTP/1.1\r\n");
        endpoint.deliver(OK);
        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
    }
}
