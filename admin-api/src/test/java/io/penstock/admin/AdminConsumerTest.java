package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.AdminFixture.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Consumers over the API: their credentials are written, made, kept and revoked; no secret is ever read back. */
final class AdminConsumerTest {
    private static final String KEY = "a-key-that-nobody-guesses-0001";
    private static final String PASSWORD = "correct horse battery";
    private static final String ACME = "/v1/consumers/acme";

    @TempDir
    Path temporary;

    private AdminFixture admin;

    @BeforeEach
    void open() throws Exception {
        admin = new AdminFixture(temporary);
        admin.put("/v1/consumer-groups/gold", "{}").is(201);
    }

    @AfterEach
    void close() {
        admin.close();
    }

    private Answer putAcme(String credentials) throws Exception {
        return admin.put(ACME, "{\"groups\":[\"gold\"],\"credentials\":" + credentials + "}");
    }

    private static String key(String key) {
        return "[{\"type\":\"apiKey\",\"secret\":\"" + key + "\"}]";
    }

    private Answer post(String body, String... headers) throws Exception {
        return admin.send("POST", ACME + "/credentials", body, headers);
    }

    private String export() throws Exception {
        return admin.get("/v1/config", "Accept", "application/json").is(200).text();
    }

    @Test
    void showsNoSecretAnywhereAndKeepsNoneInItsFolder() throws Exception {
        Answer made = putAcme("[{\"type\":\"apiKey\",\"secret\":\"" + KEY + "\"},"
                        + "{\"type\":\"basic\",\"username\":\"ann\",\"secret\":\"" + PASSWORD + "\"},"
                        + "{\"type\":\"hmac\",\"keyId\":\"acme-1\",\"secret\":\"" + KEY + "\"}]")
                .is(201);

        List<String> shown = List.of(
                made.text(),
                admin.get(ACME).text(),
                admin.get(ACME + "/credentials").text(),
                export(),
                admin.get("/v1/audit").text(),
                admin.get("/v1/config/revisions/r2").text(),
                admin.get("/v1/search?q=acme").text());
        assertThat(shown).noneMatch(text -> text.contains(KEY) || text.contains(PASSWORD));
        assertThat(shown).noneMatch(text -> text.contains("hmac-sha256:") || text.contains("pbkdf2"));
        assertThat(made.json().at("/credentials/0/secret/stored").asString("")).hasSize(16);
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(KEY)
                        .doesNotContain(PASSWORD);
            }
        }
    }

    @Test
    void makesASecretAndShowsItOnce() throws Exception {
        putAcme("[]").is(201);

        Answer made = post("{\"type\":\"apiKey\",\"expires\":\"2030-01-01T00:00:00Z\"}")
                .is(201);

        JsonNode body = made.json();
        String secret = body.path("secret").asString("");
        assertThat(secret).startsWith("pck_").hasSize(47);
        assertThat(body.path("prefix").asString("")).isEqualTo(secret.substring(0, 8));
        assertThat(body.path("expires").asString("")).isEqualTo("2030-01-01T00:00:00Z");
        assertThat(made.header("Location"))
                .isEqualTo(ACME + "/credentials/" + body.path("id").asString(""));
        assertThat(made.header("Cache-Control")).isEqualTo("no-store");
        JsonNode read = admin.get(made.header("Location")).is(200).json();
        assertThat(read.has("secret")).isFalse();
        assertThat(read.path("created").asString(""))
                .isEqualTo(body.path("created").asString(""));
    }

    @Test
    void aRepeatedRequestMakesNoSecondCredentialAndShowsNoSecret() throws Exception {
        putAcme("[]").is(201);
        post("{\"type\":\"apiKey\"}", "Idempotency-Key", "once").is(201);

        Answer again = post("{\"type\":\"apiKey\"}", "Idempotency-Key", "once");

        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(again.text()).doesNotContain("pck_");
        assertThat(admin.get(ACME + "/credentials").json().path("items")).hasSize(1);
    }

    @Test
    void theSameSecretAgainChangesNothing() throws Exception {
        String both = "[{\"type\":\"apiKey\",\"secret\":\"" + KEY + "\"},"
                + "{\"type\":\"basic\",\"username\":\"ann\",\"secret\":\"" + PASSWORD + "\"}]";
        Answer first = putAcme(both).is(201);

        Answer second = putAcme(both).is(200);

        assertThat(second.header("Config-Revision")).isEqualTo(first.header("Config-Revision"));
    }

    @Test
    void whatIsExportedIsAppliedAsAnEmptyDiff() throws Exception {
        putAcme(key(KEY)).is(201);
        String exported = export();

        Answer diff = admin.send("POST", "/v1/config:diff", exported, "Content-Type", "application/json")
                .is(200);

        assertThat(diff.json().path("changes")).isEmpty();
    }

    @Test
    void anIdThatIsNotStoredIsRefusedByItsPlace() throws Exception {
        Answer refused = putAcme("[{\"type\":\"apiKey\",\"secret\":{\"stored\":\"0123456789abcdef\"}}]")
                .is(422);

        assertThat(refused.json().at("/errors/0/pointer").asString("")).isEqualTo("/credentials/0/secret/stored");
    }

    @Test
    void aKeyThatCouldBeGuessedIsRefusedWithoutBeingShown() throws Exception {
        Answer refused = putAcme(key("short-key")).is(422);

        assertThat(refused.json().at("/errors/0/pointer").asString("")).isEqualTo("/credentials/0/secret");
        assertThat(refused.text()).doesNotContain("short-key");
    }

    @Test
    void revokesOneAndLeavesTheOthers() throws Exception {
        putAcme(key(KEY)).is(201);
        String second = post("{\"type\":\"apiKey\"}").is(201).json().path("id").asString("");

        admin.send("DELETE", ACME + "/credentials/" + second, "").is(428);
        admin.send("DELETE", ACME + "/credentials/" + second, "", "If-Match", "*")
                .is(204);

        assertThat(admin.get(ACME + "/credentials").json().path("items")).hasSize(1);
        admin.get(ACME + "/credentials/" + second).is(404);
    }

    @Test
    void aGroupThatIsNotThereIsNamedWithItsNeighbours() throws Exception {
        Answer refused =
                admin.put(ACME, "{\"groups\":[\"golt\"],\"credentials\":[]}").is(422);

        assertThat(refused.json().at("/errors/0/pointer").asString("")).isEqualTo("/groups/0");
        assertThat(refused.json().at("/errors/0/hint").asString("")).contains("did you mean \"gold\"?");
    }

    @Test
    void aGroupThatHasMembersStays() throws Exception {
        putAcme(key(KEY)).is(201);

        admin.send("DELETE", "/v1/consumer-groups/gold", "", "If-Match", "*").is(409);
    }
}
