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

/** Secrets over the API: written, named, replaced, kept; never read. */
final class AdminSecretTest {
    private static final String VALUE = "open-sesame-42";
    private static final String ONE = "/v1/secrets/guard-token";

    @TempDir
    Path temporary;

    private AdminFixture admin;

    @BeforeEach
    void open() throws Exception {
        admin = new AdminFixture(temporary);
    }

    @AfterEach
    void close() {
        admin.close();
    }

    private Answer put(String value, String... headers) throws Exception {
        return admin.send("PUT", ONE, "{\"value\":\"" + value + "\"}", withJson(headers));
    }

    private static String[] withJson(String... headers) {
        return Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers))
                .toArray(String[]::new);
    }

    private String fingerprint() throws Exception {
        return admin.get(ONE).is(200).json().path("fingerprint").asString("");
    }

    private void use() throws Exception {
        admin.send(
                        "PUT",
                        "/v1/plugins/guard/versions/1.0.0",
                        "{\"source\":\"export default {onRequest() {}}\"}",
                        withJson())
                .is(201);
        admin.put("/v1/routes/guarded", route("guard-token")).is(201);
    }

    private static String route(String secret) {
        return "{\"matches\":[{\"path\":{\"type\":\"exact\",\"value\":\"/x\"}}],\"respond\":{\"body\":\"x\"},"
                + "\"filters\":[{\"type\":\"plugin\",\"use\":\"guard@1\",\"config\":{\"token\":{\"secret\":\"" + secret
                + "\"}}}]}";
    }

    private String tokenFor(String role) throws Exception {
        return admin.send("POST", "/v1/tokens", "{\"name\":\"" + role + "\",\"roles\":[\"" + role + "\"]}", withJson())
                .is(201)
                .json()
                .path("secret")
                .asString("");
    }

    @Test
    void showsWhatIsKnownOfAValueAndNeverTheValue() throws Exception {
        JsonNode made = put(VALUE).is(201).json();
        use();

        JsonNode read = admin.get(ONE).is(200).json();

        assertThat(made.path("fingerprint").asString("")).hasSize(16);
        assertThat(read.path("value").path("stored")).isEqualTo(made.path("fingerprint"));
        assertThat(read.path("createdAt").asString("")).isNotEmpty();
        assertThat(read.at("/usedBy/0/resource").asString("")).isEqualTo("/routes/guarded");
        assertThat(read.at("/usedBy/0/pointer").asString("")).isEqualTo("/filters/0/config/token/secret");
    }

    @Test
    void givesTheValueToNoReadAndNoFile() throws Exception {
        put(VALUE, "Idempotency-Key", "k-1", "Change-Note", "first").is(201);
        admin.send(
                        "POST",
                        "/v1/secrets",
                        "{\"name\":\"other\",\"value\":\"" + VALUE + "\"}",
                        withJson("Idempotency-Key", "k-2"))
                .is(201);
        use();
        put(VALUE + "-new", "If-Match", "*").is(200);
        put(VALUE + "-dry", "If-Match", "\"r1\"").is(412);
        admin.send(
                        "PATCH",
                        ONE + "?dry_run=true",
                        "{\"value\":\"" + VALUE + "-dry\"}",
                        "Content-Type",
                        "application/merge-patch+json",
                        "If-Match",
                        "*")
                .is(200);
        admin.put("/v1/secrets/bad", "{\"value\":\"" + VALUE + "\",\"bogus\":\"" + VALUE + "\"}")
                .is(422);
        StringBuilder seen = new StringBuilder();
        for (String path : List.of(
                "/v1/secrets",
                ONE,
                ONE + "/used-by",
                "/v1/config",
                "/v1/config?view=brief",
                "/v1/config/revisions",
                "/v1/config/revisions/2",
                "/v1/config/revisions/2/diff?to=5",
                "/v1/search?q=sesame",
                "/v1/search?q=guard",
                "/v1/audit?limit=1000",
                "/v1/routes/guarded",
                "/v1/routes/guarded?view=effective",
                "/v1/node")) {
            seen.append(admin.get(path).is(200).text()).append('\n');
        }
        assertThat(seen).doesNotContain("sesame").doesNotContain("\"box\"").contains("guard-token");

        admin.close();
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("sesame");
            }
        }
        admin = new AdminFixture(temporary);
    }

    @Test
    void saysNothingOfTheValueInFaults() throws Exception {
        Answer number = admin.put("/v1/secrets/a", "{\"value\":4711471147}");
        Answer tooShort = admin.put("/v1/secrets/a", "{\"value\":\"ab\"}");
        Answer stored = admin.put("/v1/secrets/a", "{\"value\":{\"stored\":\"open-sesame\"}}");
        Answer file = admin.put("/v1/secrets/a", "{\"value\":{\"env\":\"HOME\"}}");
        Answer box = admin.put("/v1/secrets/a", "{\"value\":{\"stored\":\"a\",\"created\":\"b\",\"box\":\"c\"}}");

        assertThat(number.is(422).text())
                .contains("/value")
                .contains("put it in quotes")
                .doesNotContain("4711");
        assertThat(tooShort.is(422).text()).contains("4 to 65536");
        assertThat(stored.is(422).text()).contains("/value/stored").doesNotContain("sesame");
        assertThat(file.is(422).text()).contains("not read by the API");
        box.is(422);
        admin.get("/v1/secrets/a").is(404);
    }

    @Test
    void keepsWhatIsStoredWhenItIsPutBackAsItWasRead() throws Exception {
        put(VALUE).is(201);
        String before = fingerprint();

        Answer back = admin.send("PUT", ONE, admin.get(ONE).text(), withJson("If-Match", "*"));
        Answer again = put(VALUE, "If-Match", "*");
        Answer noted = admin.send(
                "PATCH",
                ONE,
                "{\"note\":\"from the vault\"}",
                "Content-Type",
                "application/merge-patch+json",
                "If-Match",
                "*");

        assertThat(back.is(200).header("Config-Revision"))
                .isEqualTo(again.is(200).header("Config-Revision"));
        noted.is(200);
        assertThat(fingerprint()).isEqualTo(before);
        put(VALUE + "2", "If-Match", "*").is(200);
        assertThat(fingerprint()).isNotEqualTo(before);
    }

    @Test
    void exportsAnIdThatApplyKeeps() throws Exception {
        put(VALUE).is(201);
        use();
        String exported =
                admin.get("/v1/config", "Accept", "application/yaml").is(200).text();

        Answer diff = admin.send("POST", "/v1/config:diff?prune=true", exported, "Content-Type", "application/yaml");

        assertThat(exported).contains("stored: ");
        assertThat(diff.is(200).json().path("changes").size()).isZero();
    }

    @Test
    void bringsTheOldValueBackWithAnOldRevision() throws Exception {
        String revision = put(VALUE).is(201).header("Config-Revision");
        String before = fingerprint();
        put(VALUE + "2", "If-Match", "*").is(200);

        admin.send("POST", "/v1/config/revisions/" + revision + ":rollback", "").is(200);

        assertThat(fingerprint()).isEqualTo(before);
    }

    @Test
    void isNotRemovedNorDisabledWhileItIsUsedAndRenamesWithItsUsers() throws Exception {
        put(VALUE).is(201);
        use();

        Answer deleted = admin.send("DELETE", ONE, "", "If-Match", "*");
        Answer disabled = admin.send(
                "PATCH", ONE, "{\"enabled\":false}", "Content-Type", "application/merge-patch+json", "If-Match", "*");
        admin.send("POST", ONE + ":rename", "{\"to\":\"door\"}", withJson("If-Match", "*"))
                .is(200);

        assertThat(deleted.is(409).text()).contains("/routes/guarded");
        assertThat(disabled.is(422).text()).contains("/enabled");
        assertThat(admin.get("/v1/routes/guarded").text()).contains("{\"secret\":\"door\"}");
        assertThat(admin.get("/v1/secrets/door")
                        .is(200)
                        .json()
                        .at("/usedBy/0/pointer")
                        .asString(""))
                .isEqualTo("/filters/0/config/token/secret");
    }

    @Test
    void tellsThePlaceOfANameThatIsNotThere() throws Exception {
        put(VALUE).is(201);
        use();

        Answer unknown = admin.send("PUT", "/v1/routes/guarded", route("guard-tokn"), withJson("If-Match", "*"));

        assertThat(unknown.is(422).json().at("/errors/0/pointer").asString(""))
                .isEqualTo("/filters/0/config/token/secret");
        assertThat(unknown.text()).contains("guard-tokn").contains("did you mean \\\"guard-token\\\"");
    }

    @Test
    void entriesOfAuthAreHandedOnWithTheValueTheyMean() throws Exception {
        put(VALUE).is(201);
        String entry =
                "{\"type\":\"introspection\",\"url\":\"http://127.0.0.1:9/\",\"clientId\":\"%s\",\"clientSecret\":{\"secret\":\"guard-token\"}}";
        String route =
                "{\"matches\":[{\"path\":{\"type\":\"exact\",\"value\":\"/x\"}}],\"respond\":{\"body\":\"x\"},\"auth\":["
                        + entry.formatted("alone") + ",{\"allOf\":[" + entry.formatted("one") + ","
                        + entry.formatted("two")
                        + "]}]}";
        admin.put("/v1/routes/guarded", route).is(201);
        assertThat(admin.get(ONE).json().at("/usedBy/2/pointer").asString(""))
                .isEqualTo("/auth/1/allOf/1/clientSecret/secret");

        put(VALUE + "2", "If-Match", "*").is(200);

        String served =
                admin.engine.served.routes().find("guarded").orElseThrow().toString();
        assertThat(served.split("guard-token@" + fingerprint(), -1)).hasSize(4);
        assertThat(admin.get("/v1/routes/guarded").text())
                .contains("\"guard-token\"")
                .doesNotContain("guard-token@");
        admin.send("DELETE", ONE, "", "If-Match", "*").is(409);
    }

    @Test
    void handsSettingsOnWithTheValueTheyMean() throws Exception {
        put(VALUE).is(201);
        use();
        String first =
                admin.engine.served.routes().find("guarded").orElseThrow().toString();

        put(VALUE + "2", "If-Match", "*").is(200);

        String second =
                admin.engine.served.routes().find("guarded").orElseThrow().toString();
        assertThat(first).contains("guard-token@");
        assertThat(second).contains("guard-token@" + fingerprint()).isNotEqualTo(first);
        assertThat(admin.engine.served.secrets().isEmpty()).isTrue();
        assertThat(admin.secrets.value("guard-token@" + fingerprint())).contains(VALUE + "2");
        assertThat(admin.secrets.value("guard-token")).contains(VALUE + "2");
        assertThat(admin.secrets.value("guard-token@0000")).isEmpty();
        assertThat(admin.get(ONE).json().has("lastRead")).isTrue();
    }

    @Test
    void letsWhoMayOnlyUploadTryNoPluginWithASecret() throws Exception {
        put(VALUE).is(201);
        use();
        String trial = "{\"hook\":\"onRequest\",\"config\":{\"token\":{\"secret\":\"guard-token\"}}}";
        String path = "/v1/plugins/guard/versions/1.0.0:test";

        Answer author = admin.sendAs(tokenFor("plugin-author"), "POST", path, trial, withJson());
        Answer editor = admin.sendAs(tokenFor("editor"), "POST", path, trial, withJson());
        Answer write =
                admin.sendAs(tokenFor("plugin-author"), "PUT", "/v1/secrets/mine", "{\"value\":\"abcd\"}", withJson());

        assertThat(author.is(403).text()).contains("guard-token");
        write.is(403);
        assertThat(editor.status()).isNotEqualTo(403);
    }
}
