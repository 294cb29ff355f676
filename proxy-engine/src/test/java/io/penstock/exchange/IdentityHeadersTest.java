package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.ConsumerGroupConfig;
import io.penstock.config.IdentityHeadersConfig;
import io.penstock.config.IntrospectionAuthConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.SecretName;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What upstreams, the log and the trail are told of who calls. */
final class IdentityHeadersTest {
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final IdentityHeadersConfig OWN = new IdentityHeadersConfig(
            Optional.of("X-User"),
            Optional.empty(),
            Optional.of("X-Sub"),
            Optional.of("X-Credential"),
            Map.of("email", "X-Email", "tier", "X-Tier"));

    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve(Setting<IdentityHeadersConfig> headers, AuthConfig... auth) {
        worker.dns("127.0.0.1", "127.0.0.1");
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend")
                        .identityHeaders(headers)
                        .build())
                .with(ConsumerGroupConfig.named("gold").build())
                .with(ConsumerConfig.named("acme")
                        .groups("gold")
                        .credentials(ApiKeyCredentialConfig.of(KEY))
                        .build())
                .with(WorkerHarness.route().auth(auth).build()));
    }

    private static AuthConfig introspection() {
        return RecordDefaults.of(
                IntrospectionAuthConfig.class,
                Map.of(
                        "url", "http://127.0.0.1:9000/introspect",
                        "clientId", "gateway",
                        "clientSecret", new SecretName("idp")));
    }

    private void get(String... fields) {
        worker.client("GET /a HTTP/1.1\r\nHost: a\r\n" + String.join("\r\n", fields) + "\r\n\r\n");
    }

    private String forwarded() {
        FakeChannel endpoint = worker.endpoint();
        String sent = endpoint.sent();
        endpoint.deliver(OK);
        return sent;
    }

    @Test
    void areThoseThatTheNearestLevelNames() {
        serve(Setting.of(OWN), ApiKeyAuthConfig.inHeader("K"));
        get("K: " + KEY, "x-user: root", "X-Email: root@a", "X-Consumer-Name: root");

        assertThat(forwarded())
                .contains("X-User: acme\r\n", "X-Sub: acme\r\n")
                .doesNotContain("root")
                .doesNotContain("X-Consumer")
                .doesNotContain("gold");
    }

    @Test
    void tellClaimsInWhatAFieldMayHold() {
        serve(Setting.of(OWN), introspection());
        get("Authorization: Bearer token", "X-Tier: forged");
        String said = "{\"active\":true,\"sub\":\"ann\",\"email\":\"a b\\r\\nX-Tier: forged\"}";
        worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: " + said.length() + "\r\n\r\n" + said);

        assertThat(forwarded())
                .contains("X-Sub: ann\r\n", "X-Email: a%20b%0D%0AX-Tier:%20forged\r\n")
                .doesNotContain("X-User")
                .doesNotContain("X-Tier: ");
    }

    @Test
    void areNobodysToSayWhereNobodyIsKnown() {
        serve(Setting.of(OWN), ApiKeyAuthConfig.inHeader("K"), new AnonymousAuthConfig());
        get("X-User: root", "X-Sub: root", "X-Credential: root", "X-Email: root", "X-Consumer-Groups: root");
        assertThat(forwarded()).doesNotContain("root");

        serve(Setting.of(OWN));
        get("X-User: root", "X-Consumer-Name: root");
        assertThat(forwarded()).doesNotContain("root");
    }

    @Test
    void areNobodysToSayInAnotherSpellingOrBehindTheBody() {
        serve(Setting.of(OWN), ApiKeyAuthConfig.inHeader("X-API-Key"));
        worker.client("POST /a HTTP/1.1\r\nHost: a\r\nX-API-Key: " + KEY
                + "\r\nx_user: evil\r\nX_Consumer_Name: evil\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nhi\r\n0\r\nX-User: evil\r\nx-consumer-name: evil\r\nx_tier: evil\r\nX-Sum: 7\r\n\r\n");

        String sent = forwarded();

        assertThat(sent)
                .contains("X-User: acme")
                .containsIgnoringCase("x-sum: 7")
                .doesNotContain("evil");
    }

    @Test
    void areNoneWhereNullIsWritten() {
        serve(Setting.none(), ApiKeyAuthConfig.inHeader("K"));
        get("K: " + KEY, "X-Consumer-Name: root");

        assertThat(forwarded()).doesNotContain("onsumer").doesNotContain("root");
    }

    @Test
    void theTrailSaysWhoCalledAndWhichEntryKnew() {
        serve(Setting.inherited(), introspection(), ApiKeyAuthConfig.inHeader("K"));
        get("K: " + KEY);
        forwarded();

        TrailEntry entry = worker.records().getFirst();
        assertThat(entry.consumer()).isEqualTo("acme");
        assertThat(entry.identifiedBy()).isEqualTo("apiKey");
    }
}
