package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.AdminFixture.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Plugins over the API: stored for good, named by revisions, moved in one revision. */
final class AdminPluginTest {
    private static final String JSON = "application/json";

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

    private Answer push(String version, String source) throws Exception {
        return admin.send(
                "PUT",
                "/v1/plugins/guard/versions/" + version,
                "{\"source\":\"" + source + "\"}",
                "Content-Type",
                JSON);
    }

    private Answer push(String version) throws Exception {
        return push(version, "export default {onRequest() {}}");
    }

    private Answer route(String name, String entry) throws Exception {
        return admin.put(
                "/v1/routes/" + name,
                "{\"matches\":[{\"path\":{\"type\":\"exact\",\"value\":\"/" + name
                        + "\"}}],\"respond\":{\"body\":\"x\"}," + "\"filters\":[{\"type\":\"plugin\"," + entry + "}]}");
    }

    private String resolved(String route) throws Exception {
        return admin.get("/v1/routes/" + route)
                .is(200)
                .json()
                .at("/filters/0/resolved")
                .asString("");
    }

    private Answer post(String path, String body) throws Exception {
        return admin.send("POST", path, body, "Content-Type", JSON);
    }

    @Test
    void storesAVersionForGood() throws Exception {
        Answer first = push("1.0.0").is(201);
        Answer again = push("1.0.0").is(200);
        Answer other = push("1.0.0", "export default {onResponse() {}}").is(409);

        assertThat(first.header("Location")).isEqualTo("/v1/plugins/guard/versions/1.0.0");
        assertThat(first.json().at("/manifest/entry").asString("")).isEqualTo("main.mjs");
        assertThat(again.json().path("sha256")).isEqualTo(first.json().path("sha256"));
        assertThat(other.json().path("type").asString("")).isEqualTo("/errors/version-exists");
        assertThat(admin.pluginPort.checks.get()).isEqualTo(1);
        assertThat(admin.get("/v1/audit?action=plugin").json().path("items")).hasSize(1);
    }

    @Test
    void makesNoRevisionOfAnUpload() throws Exception {
        long before = admin.pipeline.current().revision();

        push("1.0.0").is(201);

        assertThat(admin.pipeline.current().revision()).isEqualTo(before);
    }

    @Test
    void givesThePackageBack() throws Exception {
        push("1.0.0").is(201);

        Answer zip = admin.get("/v1/plugins/guard/versions/1.0.0", "Accept", "application/zip")
                .is(200);

        assertThat(zip.header("Content-Type")).isEqualTo("application/zip");
        assertThat(zip.text()).startsWith("PK");
    }

    @Test
    void triesAnUploadAside() throws Exception {
        Answer tried = admin.send(
                        "PUT",
                        "/v1/plugins/guard/versions/1.0.0?dry_run=true",
                        "{\"source\":\"export default {}\"}",
                        "Content-Type",
                        JSON)
                .is(200);

        assertThat(tried.json().path("dryRun").asBoolean(false)).isTrue();
        admin.get("/v1/plugins/guard").is(404);
    }

    @Test
    void pointsToEveryFaultOfAPackage() throws Exception {
        Answer manifest = admin.send(
                        "PUT",
                        "/v1/plugins/guard/versions/1.0.0",
                        "{\"source\":\"export default {}\",\"manifest\":{\"bogus\":1}}",
                        "Content-Type",
                        JSON)
                .is(422);
        Answer name = admin.send(
                        "PUT",
                        "/v1/plugins/guard/versions/1.0.0",
                        "{\"source\":\"export default {}\",\"manifest\":{\"version\":\"2.0.0\"}}",
                        "Content-Type",
                        JSON)
                .is(422);
        Answer module = push("1.0.0", "broken").is(422);

        assertThat(pointer(manifest)).isEqualTo("/manifest/bogus");
        assertThat(pointer(name)).isEqualTo("/manifest/version");
        assertThat(pointer(module)).isEqualTo("/source");
        push("one").is(400);
        admin.send("PUT", "/v1/plugins/guard/versions/1.0.0", "x", "Content-Type", "text/plain")
                .is(415);
    }

    private static String pointer(Answer answer) {
        return answer.json().at("/errors/0/pointer").asString("");
    }

    @Test
    void refusesAPackageThatIsTooLong() throws Exception {
        String long8MiB = "x".repeat((8 << 20) + 1);

        admin.send("PUT", "/v1/plugins/guard/versions/1.0.0", long8MiB, "Content-Type", "application/zip")
                .is(413);
    }

    @Test
    void aSenderThatDoesNotReadBeforeItsEndGetsTheRefusal() throws Exception {
        int bytes = 48 << 20;
        String head = "PUT /v1/plugins/guard/versions/1.0.0 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + AdminFixture.TOKEN + "\r\nContent-Type: application/zip\r\n";
        String declared = head + "Content-Length: " + bytes + "\r\n\r\n" + "x".repeat(bytes);
        String chunked = head + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(bytes) + "\r\n"
                + "x".repeat(bytes) + "\r\n0\r\n\r\n";

        assertThat(Wire.status(admin.server.address(), declared)).isEqualTo(413);
        assertThat(Wire.status(admin.server.address(), chunked)).isEqualTo(413);
    }

    @Test
    void aSenderThatWaitsForLeaveIsRefusedAndNotAskedFor() throws Exception {
        String waiting = "PUT /v1/plugins/guard/versions/1.0.0 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + AdminFixture.TOKEN + "\r\nContent-Type: application/zip\r\nExpect: 100-continue\r\n"
                + "Content-Length: " + (48 << 20) + "\r\n\r\n";

        assertThat(Wire.status(admin.server.address(), waiting)).isEqualTo(413);
    }

    @Test
    void settlesARangeWhenTheRevisionIsMade() throws Exception {
        push("1.0.0");
        push("1.2.0");
        push("2.0.0");

        route("a", "\"use\":\"guard@1\"").is(201);
        route("b", "\"use\":\"guard@^1.0\"").is(201);
        route("c", "\"use\":\"guard@1.0.0\",\"canary\":{\"use\":\"guard@2\",\"percent\":1}")
                .is(201);

        assertThat(resolved("a")).isEqualTo("1.2.0");
        assertThat(resolved("b")).isEqualTo("1.2.0");
        assertThat(resolved("c")).isEqualTo("1.0.0");
        assertThat(admin.get("/v1/routes/c")
                        .json()
                        .at("/filters/0/canary/resolved")
                        .asString(""))
                .isEqualTo("2.0.0");
        assertThat(admin.pluginPort.known).contains("guard@1.2.0", "guard@1.0.0", "guard@2.0.0");
    }

    @Test
    void keepsWhatARangeStoodForWhateverIsUploadedOrEdited() throws Exception {
        push("1.0.0");
        route("a", "\"use\":\"guard@1\"").is(201);
        push("1.1.0");

        route("a", "\"use\":\"guard@1\",\"config\":{\"limit\":7}").is(200);

        assertThat(resolved("a")).isEqualTo("1.0.0");
        assertThat(admin.get("/v1/routes/a")
                        .json()
                        .at("/filters/0/config/limit")
                        .asInt(0))
                .isEqualTo(7);
    }

    @Test
    void refusesAVersionThatIsNotThere() throws Exception {
        Answer nothing = route("a", "\"use\":\"guard@1\"").is(422);
        push("1.0.0");
        Answer other = route("a", "\"use\":\"guard@2\"").is(422);
        Answer resolved =
                route("a", "\"use\":\"guard@1\",\"resolved\":\"1.5.0\"").is(422);
        Answer outside =
                route("a", "\"use\":\"guard@1\",\"resolved\":\"2.0.0\"").is(422);

        assertThat(pointer(nothing)).isEqualTo("/filters/0/use");
        assertThat(other.json().at("/errors/0/detail").asString("")).contains("known: 1.0.0");
        assertThat(pointer(resolved)).isEqualTo("/filters/0/resolved");
        assertThat(pointer(outside)).isEqualTo("/filters/0/resolved");
    }

    @Test
    void movesEveryUseInOneRevisionAndBack() throws Exception {
        push("1.0.0");
        push("2.1.0");
        route("a", "\"use\":\"guard@1\"").is(201);
        route("b", "\"use\":\"guard@1.0.0\"").is(201);
        long before = admin.pipeline.current().revision();

        Answer moved =
                post("/v1/plugins/guard:upgrade", "{\"version\":\"2.1.0\"}").is(200);

        assertThat(moved.json().path("revision").asLong(0)).isEqualTo(before + 1);
        assertThat(moved.json().path("changes")).hasSize(2);
        assertThat(resolved("a")).isEqualTo("2.1.0");
        JsonNode b = admin.get("/v1/routes/b").json();
        assertThat(b.at("/filters/0/use").asString("")).isEqualTo("guard@2.1.0");

        post("/v1/plugins/guard:rollback", "").is(200);

        assertThat(admin.pipeline.current().revision()).isEqualTo(before + 2);
        assertThat(resolved("a")).isEqualTo("1.0.0");
        assertThat(admin.get("/v1/routes/b").json().at("/filters/0/use").asString(""))
                .isEqualTo("guard@1.0.0");
    }

    @Test
    void upgradesToTheNewestReleaseWhereNoneIsNamed() throws Exception {
        push("1.0.0");
        route("a", "\"use\":\"guard@1\"").is(201);
        push("1.3.0");
        push("2.0.0-beta.1");

        post("/v1/plugins/guard:upgrade", "").is(200);

        assertThat(resolved("a")).isEqualTo("1.3.0");
        Answer unknown =
                post("/v1/plugins/guard:upgrade", "{\"version\":\"9.0.0\"}").is(422);
        assertThat(pointer(unknown)).isEqualTo("/version");
        post("/v1/plugins/other:upgrade", "").is(404);
        post("/v1/plugins/guard:upgrade?dry_run=true", "{\"version\":\"1.0.0\"}")
                .is(200);
        assertThat(resolved("a")).isEqualTo("1.3.0");
    }

    @Test
    void saysWhenThereIsNothingToRollBack() throws Exception {
        push("1.0.0");
        route("a", "\"use\":\"guard@1\"").is(201);

        post("/v1/plugins/guard:rollback", "").is(409);
    }

    @Test
    void removesOnlyWhatNoKeptRevisionNames() throws Exception {
        push("1.0.0");
        push("1.1.0");
        route("a", "\"use\":\"guard@1.0.0\"").is(201);

        Answer inUse =
                admin.send("DELETE", "/v1/plugins/guard/versions/1.0.0", "").is(409);
        admin.send("DELETE", "/v1/plugins/guard/versions/1.1.0", "").is(204);
        admin.send("DELETE", "/v1/routes/a", "", "If-Match", "*").is(204);
        Answer kept =
                admin.send("DELETE", "/v1/plugins/guard/versions/1.0.0", "").is(409);

        assertThat(inUse.json().at("/usedBy/0").asString("")).isEqualTo("/routes/a");
        assertThat(kept.json().path("title").asString("")).contains("Revision ");
        admin.get("/v1/plugins/guard/versions/1.1.0").is(404);
        admin.get("/v1/plugins/guard/versions/1.0.0").is(200);
    }

    @Test
    void showsWhereItIsUsedHowItFaresAndWhatItCosts() throws Exception {
        push("1.0.0");
        push("1.1.0");
        route("a", "\"use\":\"guard@1.0.0\"").is(201);

        JsonNode list = admin.get("/v1/plugins").is(200).json().path("items");
        JsonNode guard = admin.get("/v1/plugins/guard").is(200).json();

        assertThat(list.at("/0/uses").asInt(0)).isEqualTo(1);
        assertThat(guard.at("/usedBy/0/resource").asString("")).isEqualTo("/routes/a");
        assertThat(guard.at("/usedBy/0/pointer").asString("")).isEqualTo("/filters/0");
        assertThat(guard.at("/versions/0/state").asString("")).isEqualTo("serving");
        assertThat(guard.at("/versions/0/faults/exception").asLong(0)).isEqualTo(2);
        assertThat(guard.at("/versions/0/strikes").asInt(0)).isEqualTo(1);
        assertThat(guard.at("/versions/0/cost/0/cpuP99Us").asLong(0)).isEqualTo(9);
        assertThat(guard.at("/versions/1/state").asString("")).isEqualTo("stored");
        assertThat(guard.path("mode").asString("")).startsWith("interpreted");
    }

    @Test
    void tellsWhatEachHookCostsAmongTheCounters() throws Exception {
        push("1.0.0");
        route("a", "\"use\":\"guard@1.0.0\"").is(201);

        JsonNode stats = admin.get("/v1/stats").is(200).json();

        assertThat(stats.at("/plugins/0/plugin").asString("")).isEqualTo("guard");
        assertThat(stats.at("/plugins/0/faults/exception").asLong(0)).isEqualTo(2);
        assertThat(stats.at("/plugins/0/hooks/0").toString())
                .contains("\"hook\":\"onRequest\",\"calls\":7,\"faults\":2,")
                .contains("\"cpuP50Us\":2,\"cpuP90Us\":5,\"cpuP99Us\":9,\"cpuMaxUs\":10")
                .contains("\"laterRuns\":3,\"laterP50Us\":1,\"laterP90Us\":1,\"laterP99Us\":2,\"laterMaxUs\":4")
                .contains("\"waits\":0");
    }

    @Test
    void listsAQuarantineBesideDrains() throws Exception {
        push("1.0.0");
        route("a", "\"use\":\"guard@1.0.0\"").is(201);
        admin.pluginPort.isQuarantined = true;

        JsonNode items = admin.get("/v1/overrides").is(200).json().path("items");

        assertThat(items.size()).isEqualTo(1);
        assertThat(items.get(0).toString())
                .contains("\"kind\":\"quarantine\"")
                .contains("\"resource\":\"/plugins/guard/versions/1.0.0\"")
                .contains("\"since\":\"1970-01-01T00:00:01Z\"")
                .contains("\"reason\":\"cpu\"")
                .contains("\"strikes\":1")
                .contains("\"release\":\"/v1/plugins/guard/versions/1.0.0:release\"");
    }

    @Test
    void triesAHookWithASampleOrARecordedRequest() throws Exception {
        push("1.0.0");
        String path = "/v1/plugins/guard/versions/1.0.0:test";

        JsonNode trial = post(
                        path,
                        "{\"hook\":\"onRequest\",\"config\":{\"a\":1},\"request\":{\"method\":\"POST\",\"url\":\"/x?y=1\","
                                + "\"headers\":{\"a\":[\"1\",\"2\"]},\"body\":\"hi\"}}")
                .is(200)
                .json();
        post(path, "{\"hook\":\"onRequest\",\"requestId\":\"01JTRACE\"}").is(200);
        Answer hook = post(path, "{\"hook\":\"onNothing\"}").is(422);
        Answer config = post(path, "{\"hook\":\"onRequest\",\"config\":{\"limit\":\"wrong\"}}")
                .is(422);
        Answer lost =
                post(path, "{\"hook\":\"onRequest\",\"requestId\":\"none\"}").is(422);

        assertThat(trial.path("outcome").asString("")).isEqualTo("answered");
        assertThat(trial.at("/before/0").asString("")).isEqualTo("POST /x?y=1");
        assertThat(trial.at("/answer/headers/0").asString("")).isEqualTo("x-why: test");
        assertThat(trial.at("/log/0/text").asString("")).isEqualTo("tried");
        assertThat(trial.path("cpuMicros").asLong(0)).isEqualTo(12);
        assertThat(admin.pluginPort.trials.getFirst().headers()).hasSize(2);
        assertThat(new String(admin.pluginPort.trials.getFirst().body(), StandardCharsets.UTF_8))
                .isEqualTo("hi");
        assertThat(admin.pluginPort.trials.get(1).url()).isEqualTo("/orders");
        assertThat(pointer(hook)).isEqualTo("/hook");
        assertThat(pointer(config)).isEqualTo("/config/limit");
        assertThat(pointer(lost)).isEqualTo("/requestId");
    }

    @Test
    void endsAQuarantineAndTellsTheLog() throws Exception {
        push("1.0.0");
        route("a", "\"use\":\"guard@1\"").is(201);
        admin.pluginPort.isQuarantined = true;

        assertThat(admin.get("/v1/plugins").json().at("/items/0/state").asString(""))
                .isEqualTo("quarantined");
        post("/v1/plugins/guard/versions/1.0.0:release", "").is(200);
        post("/v1/plugins/guard/versions/1.0.0:release", "").is(409);

        assertThat(admin.get("/v1/plugins/guard/log")
                        .is(200)
                        .json()
                        .at("/items/0/text")
                        .asString(""))
                .isEqualTo("hello");
        assertThat(admin.get("/v1/audit?action=plugin.release").json().path("items"))
                .hasSize(1);
    }

    @Test
    void letsAPluginAuthorStoreAndTryButNotMoveTraffic() throws Exception {
        push("1.0.0");
        route("a", "\"use\":\"guard@1\"").is(201);
        String author = token("plugin-author");
        String viewer = token("viewer");

        Answer stored = admin.sendAs(
                author,
                "PUT",
                "/v1/plugins/guard/versions/1.1.0",
                "{\"source\":\"export default {}\"}",
                "Content-Type",
                JSON);
        Answer moved = admin.sendAs(author, "POST", "/v1/plugins/guard:upgrade", "", "Content-Type", JSON);
        Answer byViewer = admin.sendAs(
                viewer,
                "POST",
                "/v1/plugins/guard/versions/1.0.0:test",
                "{\"hook\":\"onRequest\"}",
                "Content-Type",
                JSON);

        stored.is(201);
        moved.is(403);
        byViewer.is(403);
        assertThat(resolved("a")).isEqualTo("1.0.0");
    }

    private String token(String role) throws Exception {
        return post("/v1/tokens", "{\"name\":\"t\",\"roles\":[\"" + role + "\"]}")
                .is(201)
                .json()
                .path("secret")
                .asString("");
    }

    @Test
    void opensNothingAsLongAsNothingIsNeeded() throws Exception {
        assertThat(admin.pluginPort.isOpen).isFalse();
        assertThat(admin.get("/v1/plugins").is(200).json().path("items")).isEmpty();
        assertThat(admin.get("/v1/node").json().at("/engine/plugins").asString(""))
                .isEqualTo("not opened");
        assertThat(admin.pluginPort.isOpen).isFalse();
    }

    @Test
    void refusesAPluginBeforeTheOneWhoseVariableItRequires() throws Exception {
        push("1.0.0");
        admin.send(
                        "PUT",
                        "/v1/plugins/tenant/versions/1.0.0",
                        "{\"manifest\":{\"requires\":[\"guard/who\"]},"
                                + "\"source\":\"export default {onRequest() {}}\"}",
                        "Content-Type",
                        JSON)
                .is(201);
        String guard = "\"use\":\"guard@1\"";
        String tenant = "\"use\":\"tenant@1\"";

        Answer alone = route("a", tenant);
        Answer late = route("b", tenant + "},{\"type\":\"plugin\"," + guard);
        Answer disabled = route("c", guard + ",\"enabled\":false},{\"type\":\"plugin\"," + tenant);
        Answer inOrder = route("d", guard + "},{\"type\":\"plugin\"," + tenant);

        assertThat(pointer(alone.is(422))).isEqualTo("/filters/0/use");
        assertThat(alone.text()).contains("guard/who").contains("before it");
        assertThat(pointer(late.is(422))).isEqualTo("/filters/0/use");
        assertThat(pointer(disabled.is(422))).isEqualTo("/filters/1/use");
        inOrder.is(201);
    }

    @Test
    void tellsWhoFindsOutWhoCallsOnARoute() throws Exception {
        push("1.0.0").is(201);
        admin.put(
                        "/v1/policies/partners",
                        "{\"auth\":[{\"type\":\"plugin\",\"use\":\"guard@1\"},{\"type\":\"anonymous\"}]}")
                .is(201);
        admin.put(
                        "/v1/routes/a",
                        "{\"matches\":[{\"path\":{\"type\":\"exact\",\"value\":\"/a\"}}],\"respond\":{\"body\":\"x\"},"
                                + "\"policies\":[\"partners\"]}")
                .is(201);
        route("b", "\"use\":\"guard@1\"").is(201);

        JsonNode asked = admin.get("/v1/routes/a?view=effective").is(200).json().path("auth");
        JsonNode nobody =
                admin.get("/v1/routes/b?view=effective").is(200).json().path("auth");

        assertThat(asked.path("from").asString("")).isEqualTo("policies/partners of routes/a");
        assertThat(asked.path("value")).hasSize(2);
        assertThat(asked.at("/value/0/use").asString("")).isEqualTo("guard@1");
        assertThat(asked.at("/value/0/resolved").asString("")).isEqualTo("1.0.0");
        assertThat(asked.at("/value/1/type").asString("")).isEqualTo("anonymous");
        assertThat(nobody.path("from").asString("")).isEqualTo("server");
        assertThat(nobody.path("value")).isEmpty();
    }
}
