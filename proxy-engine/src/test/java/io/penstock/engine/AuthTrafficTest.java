package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.BasicAuthConfig;
import io.penstock.config.BasicCredentialConfig;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.CredentialConfig;
import io.penstock.config.HmacAuthConfig;
import io.penstock.config.HmacCredentialConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.DigestKind;
import io.penstock.metrics.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who calls, found out by real workers: the same whichever of them a connection meets. */
final class AuthTrafficTest {
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final String PASSWORD = "correct horse battery";
    private static final String SECRET = "a-shared-secret-of-some-length";
    private static final int CLIENTS = 24;

    @TempDir
    Path logs;

    private static ProxyConfig config(ConsumerConfig.Builder acme) {
        return ProxyConfig.initial()
                .with(ConfigRig.web().build())
                .with(acme.build())
                .with(ConfigRig.fixed("keyed", "/key")
                        .auth(ApiKeyAuthConfig.inHeader("K"))
                        .build())
                .with(ConfigRig.fixed("named", "/name")
                        .auth(BasicAuthConfig.of("api"))
                        .build())
                .with(ConfigRig.fixed("signed", "/sign")
                        .auth(HmacAuthConfig.covering("@path"))
                        .build());
    }

    private static ConsumerConfig.Builder acme() {
        return ConsumerConfig.named("acme")
                .credentials(
                        ApiKeyCredentialConfig.of(KEY),
                        BasicCredentialConfig.of("ann", PASSWORD),
                        HmacCredentialConfig.of("acme-1", SECRET));
    }

    private static List<String> fromAll(ConfigRig rig, String path, String field) throws Exception {
        List<EngineClient> clients = new ArrayList<>();
        List<String> statuses = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(rig.client());
        }
        for (EngineClient client : clients) {
            // The last field of the path's line is where the client's own text ends.
            client.send(path + " HTTP/1.1\r\n" + field + "\r\nX-Rest: ");
        }
        for (EngineClient client : clients) {
            statuses.add(client.response().substring(0, 3));
            client.close();
        }
        return statuses;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aKeyCountsOnEveryWorkerUntilItsRevocationIsServed(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            ProxyConfig config = config(acme());
            rig.publish(config);
            assertThat(fromAll(rig, "/key", "K: " + KEY)).containsOnly("200");
            assertThat(fromAll(rig, "/key", "K: " + KEY + "x")).containsOnly("401");

            rig.publish(config.with(acme().credentials().build()));

            assertThat(fromAll(rig, "/key", "K: " + KEY)).containsOnly("401");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void whenACredentialWasLastUsedIsKnownToTheMinuteAndOutlivesChanges(int workers) throws Exception {
        CredentialDigest digest = new CredentialDigest(ConfigRig.DIGEST_KEY);
        byte[] key = KEY.getBytes(StandardCharsets.UTF_8);
        digest.digest(DigestKind.API_KEY, key, 0, key.length);
        CredentialConfig stored = ApiKeyCredentialConfig.of(KEY)
                .with(new SecretValue.Hashed(
                        "0123456789abcdef",
                        Instant.EPOCH,
                        "",
                        "hmac-sha256:" + Base64.getEncoder().encodeToString(digest.sum())));
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            ProxyConfig config = config(acme().credentials(stored));
            rig.publish(config);
            assertThat(rig.engine().readings().lastUse("acme", "0123456789abcdef"))
                    .isEmpty();
            Instant before = Instant.now().truncatedTo(ChronoUnit.MINUTES);

            assertThat(fromAll(rig, "/key", "K: " + KEY)).containsOnly("200");

            Instant used =
                    rig.engine().readings().lastUse("acme", "0123456789abcdef").orElseThrow();
            assertThat(used).isBetween(before, Instant.now());
            assertThat(used).isEqualTo(used.truncatedTo(ChronoUnit.MINUTES));
            rig.publish(config.with(acme().credentials(stored).note("another").build()));
            assertThat(rig.engine().readings().lastUse("acme", "0123456789abcdef"))
                    .contains(used);
            assertThat(rig.engine().readings().lastUse("acme", "another")).isEmpty();
            assertThat(rig.engine().readings().lastUse("nobody", "0123456789abcdef"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aPasswordIsComparedElsewhereAndKnownAfterwards(int workers) throws Exception {
        String pair = Base64.getEncoder().encodeToString(("ann:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        String wrong = Base64.getEncoder().encodeToString("ann:wrong password".getBytes(StandardCharsets.UTF_8));
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(config(acme()));

            assertThat(fromAll(rig, "/name", "Authorization: Basic " + pair)).containsOnly("200");
            assertThat(fromAll(rig, "/name", "Authorization: Basic " + wrong)).containsOnly("401");
            assertThat(fromAll(rig, "/name", "Authorization: Basic " + pair)).containsOnly("200");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aSignatureCountsOnceOverAllWorkers(int workers) throws Exception {
        String params = "(\"@path\");created=" + System.currentTimeMillis() / 1000 + ";keyid=\"acme-1\"";
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        String signature = Base64.getEncoder()
                .encodeToString(mac.doFinal(
                        ("\"@path\": /sign\n\"@signature-params\": " + params).getBytes(StandardCharsets.US_ASCII)));
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(config(acme()));

            List<String> statuses =
                    fromAll(rig, "/sign", "Signature-Input: s=" + params + "\r\nSignature: s=:" + signature + ":");

            assertThat(statuses).filteredOn("200"::equals).hasSize(1);
            assertThat(statuses).filteredOn("401"::equals).hasSize(CLIENTS - 1);
            assertThat(rig.engine().readings().metrics().value(Reason.CREDENTIAL_REPLAYED))
                    .isEqualTo(CLIENTS - 1);
        }
    }
}
