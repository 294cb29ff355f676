package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AllOfAuthConfig;
import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.BasicAuthConfig;
import io.penstock.config.BasicCredentialConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Reason;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Entries of auth that are needed together, by what clients send and hear. */
final class AllOfAuthTest {
    private static final String FIRST = "a-key-that-nobody-guesses-0001";
    private static final String SECOND = "a-key-that-nobody-guesses-0002";
    private static final String STRANGER = "a-key-that-nobody-guesses-0003";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final AuthConfig K = ApiKeyAuthConfig.inHeader("K");
    private static final AuthConfig L = ApiKeyAuthConfig.inHeader("L");
    private static final AuthConfig M = ApiKeyAuthConfig.inHeader("M");

    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve(AuthConfig... auth) {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(ConsumerConfig.named("acme")
                        .credentials(
                                ApiKeyCredentialConfig.of(FIRST),
                                ApiKeyCredentialConfig.of(SECOND),
                                BasicCredentialConfig.of("ann", "correct horse battery"))
                        .build())
                .with(ConsumerConfig.named("other")
                        .credentials(ApiKeyCredentialConfig.of(STRANGER))
                        .build())
                .with(WorkerHarness.route().auth(auth).build()));
    }

    private FakeChannel get(String... fields) {
        return worker.client("GET /a HTTP/1.1\r\nHost: a\r\n"
                + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n") + "\r\n");
    }

    private String forwarded(String... fields) {
        get(fields);
        FakeChannel endpoint = worker.endpoint();
        String sent = endpoint.sent();
        endpoint.deliver(OK);
        return sent;
    }

    @Test
    void letsPassWhoHoldsAllOfThemAndTakesThemOut() {
        serve(AllOfAuthConfig.of(K, L));

        assertThat(forwarded("K: " + FIRST, "L: " + SECOND))
                .contains("X-Consumer-Name: acme\r\n")
                .doesNotContain(FIRST)
                .doesNotContain(SECOND);
    }

    @Test
    void refusesWhoHoldsSomeAlsoWhereAnonymousOnesPass() {
        serve(AllOfAuthConfig.of(K, L), new AnonymousAuthConfig());

        for (String field : new String[] {"K: " + FIRST, "L: " + SECOND}) {
            assertThat(get(field).sent())
                    .startsWith("HTTP/1.1 401 ")
                    .contains("X-Penstock-Reason: credential-incomplete\r\n", "name=\"K\"", "name=\"L\"");
        }
        assertThat(worker.connects()).isZero();
        assertThat(worker.count(Reason.CREDENTIAL_INCOMPLETE)).isEqualTo(2);
    }

    @Test
    void isNobodysWithoutAnyOfThem() {
        serve(AllOfAuthConfig.of(K, L), new AnonymousAuthConfig());
        assertThat(forwarded()).doesNotContain("X-Consumer-Name");

        serve(AllOfAuthConfig.of(K, L));
        assertThat(get().sent()).contains("X-Penstock-Reason: unauthenticated\r\n", "name=\"K\"", "name=\"L\"");
    }

    @Test
    void refusesCredentialsOfTwoConsumers() {
        serve(AllOfAuthConfig.of(K, L), M);

        assertThat(get("K: " + FIRST, "L: " + STRANGER, "M: " + FIRST).sent())
                .startsWith("HTTP/1.1 403 ")
                .contains("X-Penstock-Reason: consumers-differ\r\n");
    }

    @Test
    void refusesAWrongOneWhateverTheOthersAre() {
        serve(AllOfAuthConfig.of(K, L), new AnonymousAuthConfig());

        assertThat(get("K: " + FIRST, "L: " + SECOND + "x").sent())
                .contains("X-Penstock-Reason: credential-invalid\r\n");
    }

    @Test
    void anotherEntryMayKnowWhoHoldsOnlySome() {
        serve(AllOfAuthConfig.of(K, L), M);

        assertThat(forwarded("K: " + FIRST, "M: " + SECOND)).contains("X-Consumer-Name: acme\r\n");
    }

    @Test
    void anEntryThatSeveralNeedIsAskedOnce() {
        serve(AllOfAuthConfig.of(K, L), AllOfAuthConfig.of(K, M));

        assertThat(forwarded("K: " + FIRST, "M: " + SECOND)).contains("X-Consumer-Name: acme\r\n");
        assertThat(forwarded("K: " + FIRST, "L: " + SECOND)).contains("X-Consumer-Name: acme\r\n");
        assertThat(get("L: " + FIRST, "M: " + SECOND).sent()).contains("credential-incomplete");
    }

    @Test
    void waitsForEachThatTakesItsTime() {
        serve(AllOfAuthConfig.of(BasicAuthConfig.of("api"), K));
        FakeChannel client = get(
                "Authorization: Basic "
                        + Base64.getEncoder()
                                .encodeToString("ann:correct horse battery".getBytes(StandardCharsets.UTF_8)),
                "K: " + FIRST);
        assertThat(client.sent()).isEmpty();

        worker.passwords().run();
        worker.run();

        assertThat(worker.endpoint().sent()).contains("X-Consumer-Name: acme\r\n");
        worker.endpoint().deliver(OK);
        assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
    }
}
