package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.AdminFixture.Answer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class AdminServerTest {
    private static final String UPSTREAM = "{\"targets\":[{\"address\":\"10.0.0.7:8080\"}]}";
    private static final String ROUTE = "{\"matches\":[{\"path\":{\"value\":\"/orders\"}}],\"service\":\"orders\"}";

    @TempDir
    Path folder;

    private AdminFixture admin;

    @BeforeEach
    void start() throws Exception {
        admin = new AdminFixture(folder.resolve("data"));
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private void putOrders() throws Exception {
        admin.send("PUT", "/v1/upstreams/orders", UPSTREAM).is(201);
        admin.send("PUT", "/v1/services/orders", "{\"upstream\":\"orders\"}").is(201);
        admin.send("PUT", "/v1/routes/orders", ROUTE).is(201);
    }

    @Nested
    class AResource {
        @Test
        void isCreatedThenReplacedOnlyByWhoKnowsItsTag() throws Exception {
            Answer created = admin.send("PUT", "/v1/upstreams/orders", UPSTREAM).is(201);
            long revision = Long.parseLong(created.header("Config-Revision"));

            assertThat(created.header("ETag")).isEqualTo("\"r" + revision + "\"");
            assertThat(created.json().get("pool").get("max").intValue()).isEqualTo(1024);
            assertThat(admin.get("/v1/upstreams/orders").is(200).json()).isEqualTo(created.json());

            Answer unseen = admin.send("PUT", "/v1/upstreams/orders", "{}").is(428);
            assertThat(unseen.header("ETag")).isEqualTo(created.header("ETag"));
            admin.send("PUT", "/v1/upstreams/orders", "{}", "If-Match", "\"r0\"")
                    .is(412);
            admin.send("PUT", "/v1/upstreams/orders", "{}", "If-None-Match", "*")
                    .is(412);
            admin.send("PUT", "/v1/upstreams/other", UPSTREAM).is(201);
            // Other people's writes do not make the tag stale.
            Answer replaced = admin.send(
                            "PUT", "/v1/upstreams/orders", "{\"note\":\"n\"}", "If-Match", created.header("ETag"))
                    .is(200);
            assertThat(replaced.header("Config-Revision")).isEqualTo(Long.toString(revision + 2));
            assertThat(replaced.json().get("targets")).isEmpty();
        }

        @Test
        void thatIsWrittenAsItIsMakesNoRevision() throws Exception {
            Answer first = admin.put("/v1/upstreams/orders", UPSTREAM).is(201);

            Answer again = admin.put("/v1/upstreams/orders", UPSTREAM).is(200);

            assertThat(again.header("Config-Revision")).isEqualTo(first.header("Config-Revision"));
            assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
        }

        @Test
        void isPatchedByBothKindsOfPatch() throws Exception {
            putOrders();

            Answer merged = admin.send(
                            "PATCH",
                            "/v1/routes/orders",
                            "{\"priority\":7,\"tags\":[\"team=shop\"],\"note\":\"x\"}",
                            "If-Match",
                            "*",
                            "Content-Type",
                            "application/merge-patch+json")
                    .is(200);
            Answer patched = admin.send(
                            "PATCH",
                            "/v1/routes/orders",
                            "[{\"op\":\"test\",\"path\":\"/priority\",\"value\":7},{\"op\":\"add\",\"path\":\"/tags/-\",\"value\":\"env=prod\"},{\"op\":\"remove\",\"path\":\"/note\"}]",
                            "If-Match",
                            merged.header("ETag"),
                            "Content-Type",
                            "application/json-patch+json")
                    .is(200);

            assertThat(patched.json().get("tags")).hasToString("[\"team=shop\",\"env=prod\"]");
            assertThat(patched.json().has("note")).isFalse();
            Answer wrong = admin.send(
                            "PATCH",
                            "/v1/routes/orders",
                            "{\"servce\":\"x\"}",
                            "If-Match",
                            "*",
                            "Content-Type",
                            "application/merge-patch+json")
                    .is(422);
            assertThat(wrong.json().at("/errors/0/hint").stringValue()).contains("service");
            admin.send("PATCH", "/v1/routes/orders", "{}", "If-Match", "*").is(415);
            admin.send(
                            "PATCH",
                            "/v1/routes/none",
                            "{}",
                            "If-Match",
                            "*",
                            "Content-Type",
                            "application/merge-patch+json")
                    .is(404);
        }

        @Test
        void isNotRemovedWhileOthersReferToIt() throws Exception {
            putOrders();

            Answer refused = admin.send("DELETE", "/v1/services/orders", "", "If-Match", "*")
                    .is(409);

            assertThat(refused.json().get("type").stringValue()).endsWith("/errors/in-use");
            assertThat(refused.json().get("usedBy")).hasToString("[\"/routes/orders\"]");
            assertThat(admin.get("/v1/services/orders/used-by")
                            .is(200)
                            .json()
                            .at("/items/0/name")
                            .stringValue())
                    .isEqualTo("orders");
            admin.send("DELETE", "/v1/routes/orders", "").is(428);
            admin.send("DELETE", "/v1/routes/orders", "", "If-Match", "*").is(204);
            admin.send("DELETE", "/v1/services/orders", "", "If-Match", "*").is(204);
            admin.get("/v1/services/orders").is(404);
        }

        @Test
        void isTriedWithoutBeingChanged() throws Exception {
            putOrders();
            long before = admin.pipeline.current().revision();

            Answer tried = admin.send(
                            "PUT",
                            "/v1/routes/orders?dry_run=true",
                            ROUTE.replace("/orders", "/order"),
                            "If-Match",
                            "*")
                    .is(200);

            assertThat(tried.json().get("dryRun").booleanValue()).isTrue();
            assertThat(tried.json().get("wouldBeRevision").longValue()).isEqualTo(before + 1);
            assertThat(tried.json().get("diff"))
                    .hasToString(
                            "[{\"op\":\"replace\",\"path\":\"/matches/0/path/value\",\"from\":\"/orders\",\"value\":\"/order\"}]");
            assertThat(admin.pipeline.current().revision()).isEqualTo(before);
        }

        @Test
        void isRenamedTogetherWithWhatNamesIt() throws Exception {
            putOrders();

            admin.send("POST", "/v1/services/orders:rename", "{\"to\":\"shop\"}", "If-Match", "*")
                    .is(200);

            admin.get("/v1/services/orders").is(404);
            assertThat(admin.get("/v1/routes/orders").json().get("service").stringValue())
                    .isEqualTo("shop");
        }

        @Test
        void isPostedOnceForEachIdempotencyKey() throws Exception {
            String body = "{\"name\":\"a\"}";
            Answer first = admin.send("POST", "/v1/networks", body, "Idempotency-Key", "k1")
                    .is(201);

            Answer again = admin.send("POST", "/v1/networks", body, "Idempotency-Key", "k1")
                    .is(201);

            assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(again.header("Config-Revision")).isEqualTo(first.header("Config-Revision"));
            admin.send("POST", "/v1/networks", "{\"name\":\"b\"}", "Idempotency-Key", "k1")
                    .is(422);
            admin.send("POST", "/v1/networks", body).is(409);
        }

        @Test
        void isAnsweredAsPendingUntilEveryWorkerServesIt() throws Exception {
            admin.engine.adoptsAtOnce = false;

            Answer pending = admin.send("PUT", "/v1/networks/a", "{}").is(202);

            assertThat(pending.json().get("pendingWorkers").intValue()).isEqualTo(1);
            assertThat(pending.json().at("/resource/name").stringValue()).isEqualTo("a");
            admin.send("PUT", "/v1/networks/b?wait=none", "{}").is(202);
        }

        @Test
        void thatTheEngineCannotServeIsRefusedWithItsPointer() throws Exception {
            admin.engine.refuses = Optional.of(FakeEngine.addressInUse("web"));

            Answer refused = admin.send("PUT", "/v1/listeners/web", "{\"address\":\"127.0.0.1:80\"}")
                    .is(422);

            assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/address");
            assertThat(refused.json().at("/errors/0/code").stringValue()).isEqualTo("address-in-use");
        }

        @Test
        void tellsWhatAllLevelsTogetherGive() throws Exception {
            putOrders();
            admin.put("/v1/limits/per-client", "{\"key\":[\"clientAddress\"],\"rate\":\"100/s\"}")
                    .is(201);
            admin.put("/v1/services/orders", "{\"upstream\":\"orders\",\"limits\":[\"per-client\"]}")
                    .is(200);

            JsonNode view =
                    admin.get("/v1/routes/orders?view=effective").is(200).json();

            assertThat(view.at("/limits/0/from").stringValue()).isEqualTo("services/orders");
            assertThat(view.at("/limits/0/value/name").stringValue()).isEqualTo("per-client");
            assertThat(view.at("/body/max/from").stringValue()).isEqualTo("server");
        }

        @Test
        void answersNotModifiedToWhoHasIt() throws Exception {
            Answer read = admin.get("/v1/networks/default").is(200);

            admin.get("/v1/networks/default", "If-None-Match", read.header("ETag"))
                    .is(304);
        }
    }

    @Nested
    class AList {
        @Test
        void comesInPagesThatMissAndRepeatNothing() throws Exception {
            for (int i = 0; i < 7; i++) {
                admin.put("/v1/networks/n" + i, "{\"tags\":[\"team=" + (i % 2) + "\"]}")
                        .is(201);
            }
            for (String sort : new String[] {"name", "-name", "changed", "-changed"}) {
                StringBuilder names = new StringBuilder();
                String path = "/v1/networks?limit=2&sort=" + sort;
                while (!path.isEmpty()) {
                    Answer page = admin.get(path).is(200);
                    page.json()
                            .get("items")
                            .forEach(item ->
                                    names.append(item.get("name").stringValue()).append(' '));
                    path = page.header("Link").isEmpty()
                            ? ""
                            : page.header("Link").replaceAll("<(.*)>.*", "$1");
                }
                assertThat(names.toString())
                        .isEqualTo(
                                sort.startsWith("-")
                                        ? "n6 n5 n4 n3 n2 n1 n0 default "
                                        : "default n0 n1 n2 n3 n4 n5 n6 ");
            }
            assertThat(admin.get("/v1/networks?tag=team=1").json().get("items")).hasSize(3);
            assertThat(admin.get("/v1/networks?q=N3").json().get("items")).hasSize(1);
            admin.get("/v1/networks?limt=2").is(400);
            admin.get("/v1/networks?limit=0").is(400);
            admin.get("/v1/networks?cursor=!").is(400);
        }
    }

    @Nested
    class Targets {
        @Test
        void areWrittenOneByOneByNameOrAddress() throws Exception {
            putOrders();
            String all = "/v1/upstreams/orders/targets";

            admin.send("PUT", all + "/10.0.0.8%3A8080", "{\"weight\":5}").is(201);
            admin.send("PUT", all + "/blue", "{\"address\":\"10.0.0.9:80\"}").is(201);
            admin.send("PUT", all + "/blue", "{\"address\":\"10.0.0.9:81\"}").is(428);
            admin.send("PUT", all + "/blue", "{\"address\":\"10.0.0.9:81\"}", "If-Match", "*")
                    .is(200);

            assertThat(admin.get(all).json().get("items")).hasSize(3);
            assertThat(admin.get(all + "/10.0.0.9:81")
                            .is(200)
                            .json()
                            .get("name")
                            .stringValue())
                    .isEqualTo("blue");
            admin.send("DELETE", all + "/10.0.0.8:8080", "", "If-Match", "*").is(204);
            admin.get(all + "/10.0.0.8:8080").is(404);
            admin.send("PUT", all + "/10.0.0.8:8080", "{\"address\":\"10.0.0.9:8080\"}")
                    .is(422);
        }
    }

    @Nested
    class TheDocument {
        private static final String SMALLEST = """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:18080", protocol: http, http2: true}
                upstreams:
                  - name: echo
                    targets: [{address: "127.0.0.1:19000"}]
                services:
                  - {name: echo, upstream: echo}
                routes:
                  - {name: all, service: echo, matches: [{path: {type: prefix, value: /}}]}
                """;

        private Answer yaml(String method, String path, String body, String... headers) throws Exception {
            String[] all = new String[headers.length + 2];
            System.arraycopy(headers, 0, all, 0, headers.length);
            all[headers.length] = "Content-Type";
            all[headers.length + 1] = "application/yaml";
            return admin.send(method, path, body, all);
        }

        @Test
        void exportedThenAppliedIsAnEmptyDifference() throws Exception {
            yaml("PUT", "/v1/config", SMALLEST, "If-Match", "*").is(200);
            long revision = admin.pipeline.current().revision();

            for (String type : new String[] {"application/yaml", "application/json"}) {
                Answer export = admin.get("/v1/config", "Accept", type).is(200);
                assertThat(export.header("Content-Type")).isEqualTo(type);
                for (String path : new String[] {"/v1/config:apply?prune=true", "/v1/config"}) {
                    Answer applied = admin.send(
                                    path.equals("/v1/config") ? "PUT" : "POST",
                                    path,
                                    export.text(),
                                    "Content-Type",
                                    type,
                                    "If-Match",
                                    export.header("ETag"))
                            .is(200);
                    assertThat(applied.json().get("changes")).isEmpty();
                }
            }
            assertThat(admin.pipeline.current().revision()).isEqualTo(revision);
        }

        @Test
        void isReplacedOnlyByWhoKnowsTheNewestRevision() throws Exception {
            yaml("PUT", "/v1/config", SMALLEST).is(428);
            yaml("PUT", "/v1/config", SMALLEST, "If-Match", "\"r999\"").is(412);
        }

        @Test
        void tellsEveryFaultWithItsLine() throws Exception {
            Answer refused = yaml(
                            "POST",
                            "/v1/config:validate",
                            SMALLEST.replace("service: echo", "service: ech").replace("18080", "1808000"))
                    .is(422);

            assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
            assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/listeners/0/address");
            assertThat(refused.json().at("/errors/0/line").intValue()).isEqualTo(3);
            assertThat(refused.json().get("requestId").stringValue()).isEqualTo(refused.header("X-Request-Id"));
            Answer reference = yaml("POST", "/v1/config:validate", SMALLEST.replace("service: echo", "service: ech"))
                    .is(422);
            assertThat(reference.json().at("/errors/0/pointer").stringValue()).isEqualTo("/routes/0/service");
            assertThat(reference.json().at("/errors/0/code").stringValue()).isEqualTo("unknown-reference");
            yaml("POST", "/v1/config:validate", SMALLEST).is(200);
            yaml("POST", "/v1/config:validate", "a: [").is(400);
        }

        @Test
        void isAppliedWithoutTouchingTheRestUnlessPruned() throws Exception {
            putOrders();

            assertThat(yaml("POST", "/v1/config:diff", SMALLEST).is(200).json().get("changes"))
                    .hasSize(4);
            yaml("POST", "/v1/config:apply", SMALLEST).is(200);
            admin.get("/v1/routes/orders").is(200);
            yaml("POST", "/v1/config:apply?prune=true", SMALLEST).is(200);
            admin.get("/v1/routes/orders").is(404);
            admin.get("/v1/networks/default").is(200);
        }

        @Test
        void ofATeamTouchesNothingOfAnother() throws Exception {
            String mine = "apiVersion: penstock/v1\nowner: pay\nnetworks: [{name: a}]";
            yaml("POST", "/v1/config:apply", mine).is(200);
            yaml("POST", "/v1/config:apply", mine).is(200);
            String theirs = "apiVersion: penstock/v1\nowner: shop\nnetworks: [{name: a, note: x}]";

            Answer refused = yaml("POST", "/v1/config:apply", theirs).is(409);

            assertThat(refused.json().get("type").stringValue()).endsWith("owned-by");
            yaml("POST", "/v1/config:apply?take=true", theirs).is(200);
            assertThat(admin.get("/v1/networks/a").json().get("owner").stringValue())
                    .isEqualTo("shop");
            yaml("POST", "/v1/config:apply?prune=true", "apiVersion: penstock/v1\nowner: shop")
                    .is(200);
            admin.get("/v1/networks/a").is(404);
            admin.get("/v1/networks/default").is(200);
        }

        @Test
        void isEditedInBulkAsOneRevisionOrNone() throws Exception {
            long before = admin.pipeline.current().revision();
            String good = "{\"ops\":[{\"put\":\"/upstreams/orders\",\"value\":" + UPSTREAM
                    + "},{\"put\":\"/services/orders\",\"value\":{\"upstream\":\"orders\"}},"
                    + "{\"patch\":\"/defaults\",\"value\":{\"body\":{\"max\":\"10MiB\"}}}]}";

            Answer edited = admin.send("POST", "/v1/config:edit", good).is(200);
            Answer refused = admin.send(
                            "POST",
                            "/v1/config:edit",
                            "{\"ops\":[{\"delete\":\"/networks/none\"},{\"put\":\"/services/x\",\"value\":{\"upstream\":\"none\"}}]}")
                    .is(404);
            Answer invalid = admin.send(
                            "POST",
                            "/v1/config:edit",
                            "{\"ops\":[{\"put\":\"/services/x\",\"value\":{\"upstream\":\"none\"}}]}")
                    .is(422);

            assertThat(edited.json().get("revision").longValue()).isEqualTo(before + 1);
            assertThat(edited.json().get("changes")).hasSize(3);
            assertThat(refused.json().get("status").intValue()).isEqualTo(404);
            assertThat(invalid.json().at("/errors/0/pointer").stringValue()).isEqualTo("/ops/0/value/upstream");
            assertThat(admin.pipeline.current().revision()).isEqualTo(before + 1);
        }

        @Test
        void tellsARepeatedRequestWhatTheFirstOneWasTold() throws Exception {
            String bulk = "{\"ops\":[{\"put\":\"/upstreams/again\",\"value\":" + UPSTREAM + "}]}";
            String single = "{\"name\":\"again2\",\"targets\":[{\"address\":\"127.0.0.1:9\"}]}";

            Answer edited = admin.send("POST", "/v1/config:edit", bulk, "Idempotency-Key", "b1")
                    .is(200);
            Answer editedAgain = admin.send("POST", "/v1/config:edit", bulk, "Idempotency-Key", "b1")
                    .is(200);
            Answer created = admin.send("POST", "/v1/upstreams", single, "Idempotency-Key", "c1")
                    .is(201);
            Answer createdAgain = admin.send("POST", "/v1/upstreams", single, "Idempotency-Key", "c1")
                    .is(201);

            assertThat(editedAgain.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(editedAgain.json().get("changes"))
                    .hasSize(1)
                    .isEqualTo(edited.json().get("changes"));
            assertThat(createdAgain.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(createdAgain.header("Location")).isEqualTo(created.header("Location"));
            assertThat(createdAgain.json()).isEqualTo(created.json());
        }

        @Test
        void isNotWrittenWithHalfACharacter() throws Exception {
            Answer refused = admin.send(
                            "PUT",
                            "/v1/upstreams/half",
                            "{\"targets\":[],\"note\":\"a\\ud800b\"}",
                            "If-None-Match",
                            "*")
                    .is(400);

            assertThat(refused.json().at("/errors/0/detail").stringValue()).contains("half of a character");
            admin.send(
                            "PUT",
                            "/v1/upstreams/whole",
                            "{\"targets\":[],\"note\":\"\\ud83d\\ude00\"}",
                            "If-None-Match",
                            "*")
                    .is(201);
        }

        @Test
        void isToldOfANumberWhereAUnitIsWanted() throws Exception {
            Answer refused = admin.send("PUT", "/v1/limits/bare", "{\"key\":[],\"rate\":5}", "If-None-Match", "*");

            assertThat(refused.json().at("/errors/0/detail").stringValue())
                    .contains("wanted a whole number, a slash and s, m, h or d, for example \"100/s\"");
        }

        @Test
        void comesBackUnlessItIsConfirmed() throws Exception {
            Answer trial = yaml("POST", "/v1/config:apply?confirm_within=60s", SMALLEST)
                    .is(200);
            assertThat(trial.json().has("confirmBy")).isTrue();

            admin.send(
                            "POST",
                            "/v1/config:confirm",
                            "{\"revision\":" + trial.json().get("revision") + "}")
                    .is(200);
            admin.send("POST", "/v1/config:confirm", "").is(409);
            yaml("POST", "/v1/config:apply?confirm_within=soon", SMALLEST).is(400);
        }

        @Test
        void neverMakesTheServerReadItsFiles() throws Exception {
            Answer refused = yaml(
                            "POST",
                            "/v1/config:apply",
                            "apiVersion: penstock/v1\nnetworks: [{name: a, note: {file: /etc/passwd}}]")
                    .is(422);

            assertThat(refused.json().at("/errors/0/code").stringValue()).isEqualTo("not-read-here");
            assertThat(refused.json().get("hint").stringValue()).contains("penstock apply");
        }
    }

    @Nested
    class Revisions {
        @Test
        void areListedComparedAndBroughtBack() throws Exception {
            long before = admin.pipeline.current().revision();
            admin.send("PUT", "/v1/networks/a", "{}", "Change-Note", "for later")
                    .is(201);

            Answer list = admin.get("/v1/config/revisions?limit=1").is(200);
            assertThat(list.json().at("/items/0/note").stringValue()).isEqualTo("for later");
            assertThat(list.json().at("/items/0/actor").stringValue()).isEqualTo("token:admin-token-file");
            assertThat(admin.get("/v1/config/revisions/" + (before + 1))
                            .json()
                            .at("/changes/0/resource")
                            .stringValue())
                    .isEqualTo("/networks/a");
            assertThat(admin.get("/v1/config/revisions/" + before + "/diff?to=" + (before + 1))
                            .json()
                            .at("/changes/0/op")
                            .stringValue())
                    .isEqualTo("create");
            Answer back = admin.send("POST", "/v1/config/revisions/" + before + ":rollback", "")
                    .is(200);
            assertThat(back.json().get("revision").longValue()).isEqualTo(before + 2);
            admin.get("/v1/networks/a").is(404);
            admin.get("/v1/config/revisions/999").is(404);
            admin.send("POST", "/v1/config/revisions/999:rollback", "").is(404);
        }

        @Test
        void areStreamedFromTheOneLastSeen() throws Exception {
            long before = admin.pipeline.current().revision();
            admin.send("PUT", "/v1/networks/a", "{}").is(201);

            try (Socket socket = new Socket(
                    admin.server.address().getAddress(), admin.server.address().getPort())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream()
                        .write(("GET /v1/events?after=r" + before + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                                        + AdminFixture.TOKEN + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                StringBuilder seen = new StringBuilder();
                for (String line = in.readLine(); !line.startsWith("data: "); line = in.readLine()) {
                    seen.append(line).append('\n');
                }
                assertThat(seen.toString())
                        .containsIgnoringCase("content-type: text/event-stream")
                        .contains("id: r" + (before + 1));
            }
        }
    }

    @Nested
    class Observations {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/v1/node",
                    "/v1/dns",
                    "/v1/stats",
                    "/v1/stats/latency",
                    "/v1/requests",
                    "/v1/requests/01JTRACE",
                    "/v1/overrides",
                    "/v1/schemas",
                    "/v1/schemas/routes",
                    "/v1/schemas/defaults",
                    "/v1/openapi.json",
                    "/v1/roles",
                    "/v1/tokens",
                    "/v1/audit",
                    "/v1/search?q=default",
                    "/v1/config",
                    "/v1/config?view=brief"
                })
        void areAnswered(String path) throws Exception {
            assertThat(admin.get(path).is(200).json().isObject()).isTrue();
        }

        @Test
        void explainASampleRequest() throws Exception {
            Answer explained = admin.send(
                            "POST",
                            "/v1/explain",
                            "{\"method\":\"GET\",\"url\":\"https://api.shop.example/orders/7\",\"headers\":{\"x-beta\":\"1\"}}")
                    .is(200);

            assertThat(explained.json().get("winner").stringValue()).isEqualTo("orders");
            admin.send("POST", "/v1/explain", "{\"url\":\"x\"}").is(422);
            admin.send("POST", "/v1/explain", "{\"uri\":\"x\"}").is(422);
        }

        @Test
        void listHeadsOfRequestsThatCame() throws Exception {
            JsonNode found = admin.get("/v1/requests/heads?limit=5").is(200).json();

            assertThat(found.at("/version").stringValue()).isEqualTo("0.1.0");
            assertThat(found.at("/items/0/decision/route").stringValue()).isEqualTo("orders");
            assertThat(found.at("/items/0/headers/0/value").stringValue()).isEqualTo("***");
            admin.get("/v1/requests/heads?limit=0").is(400);
        }

        @Test
        void findEveryFieldThatHoldsAText() throws Exception {
            putOrders();

            JsonNode found = admin.get("/v1/search?q=10.0.0.7").is(200).json();

            assertThat(found.at("/items/0/pointer").stringValue()).isEqualTo("/upstreams/orders/targets/0/address");
        }

        @Test
        void flushNames() throws Exception {
            admin.send("POST", "/v1/dns:flush", "{\"name\":\"orders.internal\"}")
                    .is(200);
            admin.send("POST", "/v1/dns:flush", "").is(200);
            admin.send("POST", "/v1/dns:flush", "{\"name\":\"none\"}").is(404);
        }

        @Test
        void proveTheAuditLog() throws Exception {
            admin.put("/v1/networks/a", "{}").is(201);

            JsonNode verdict =
                    admin.send("POST", "/v1/audit:verify", "").is(200).json();

            assertThat(verdict.at("/audit/sound").booleanValue()).isTrue();
            assertThat(verdict.at("/revisions/sound").booleanValue()).isTrue();
            assertThat(admin.get("/v1/audit?target=/networks")
                            .json()
                            .at("/items/0/target")
                            .stringValue())
                    .isEqualTo("/networks/a");
        }
    }

    @Nested
    class Access {
        @ParameterizedTest
        @ValueSource(strings = {"/v1/routes", "/v1/openapi.json", "/v1/nothing", "/v1/setup", "/v1", "/v1/events"})
        void isRefusedOnEveryPathWithoutAToken(String path) throws Exception {
            Answer refused = admin.sendAs("", "GET", path, "").is(401);

            assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
            assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
        }

        @Test
        void isAsWideAsTheTokensRoleAndTags() throws Exception {
            putOrders();
            admin.put("/v1/networks/mine", "{\"tags\":[\"team=shop\"]}").is(201);
            Answer issued = admin.send(
                            "POST",
                            "/v1/tokens",
                            "{\"name\":\"view\",\"roles\":[\"viewer\"],\"tags\":[\"team=shop\"],\"expiresIn\":\"1h\"}")
                    .is(201);
            String viewer = issued.json().get("secret").stringValue();

            admin.sendAs(viewer, "GET", "/v1/networks/mine", "").is(200);
            admin.sendAs(viewer, "GET", "/v1/networks/default", "").is(404);
            assertThat(admin.sendAs(viewer, "GET", "/v1/networks", "").json().get("items"))
                    .hasSize(1);
            assertThat(admin.sendAs(viewer, "GET", "/v1/config", "").json().get("routes"))
                    .isEmpty();
            admin.sendAs(viewer, "PUT", "/v1/networks/mine", "{}", "If-Match", "*")
                    .is(403);
            admin.sendAs(viewer, "GET", "/v1/tokens", "").is(403);
            admin.sendAs(viewer, "GET", "/v1/config/revisions", "").is(403);

            Answer editor = admin.send(
                            "POST", "/v1/tokens", "{\"name\":\"edit\",\"roles\":[\"editor\"],\"tags\":[\"team=shop\"]}")
                    .is(201);
            String secret = editor.json().get("secret").stringValue();
            admin.sendAs(
                            secret,
                            "PUT",
                            "/v1/networks/mine",
                            "{\"tags\":[\"team=shop\"],\"note\":\"n\"}",
                            "If-Match",
                            "*")
                    .is(200);
            Answer forbidden = admin.sendAs(secret, "PUT", "/v1/networks/default", "{\"note\":\"n\"}", "If-Match", "*")
                    .is(403);
            assertThat(forbidden.json().get("resources")).hasToString("[\"/networks/default\"]");
            assertThat(admin.get("/v1/tokens").text()).doesNotContain(secret, viewer);

            admin.send("DELETE", "/v1/tokens/" + editor.json().at("/token/id").stringValue(), "")
                    .is(200);
            admin.sendAs(secret, "GET", "/v1/networks/mine", "").is(401);
        }

        @Test
        void waitsAfterTooManyWrongTokens() throws Exception {
            for (int i = 0; i < 10; i++) {
                admin.sendAs("wrong-" + i, "GET", "/v1/routes", "").is(401);
            }

            Answer throttled =
                    admin.sendAs("wrong-again", "GET", "/v1/routes", "").is(429);

            assertThat(Integer.parseInt(throttled.header("Retry-After"))).isPositive();
        }
    }

    @Nested
    class Requests {
        @Test
        void ofAWrongMethodLearnTheRightOnes() throws Exception {
            Answer refused = admin.send("POST", "/v1/networks/a", "{}").is(405);

            assertThat(refused.header("Allow")).isEqualTo("DELETE, GET, HEAD, PATCH, PUT");
            admin.get("/v1/nothing").is(404);
            admin.send("HEAD", "/v1/networks", "").is(200);
            admin.get("/other").is(404);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "{\"a\":1,\"a\":2}|400",
                    "{|400",
                    "{\"note\":1e999999}|422",
                    "{\"note\":5}|422",
                    "{\"enabled\":99999999999999999999999}|422",
                    "[]|422",
                    "{\"nmae\":\"a\"}|422"
                })
        void withABadBodyAreRefusedWithoutNamesOfClasses(String body, int status) throws Exception {
            Answer refused = admin.send("PUT", "/v1/networks/a", body).is(status);

            assertThat(refused.json().get("status").intValue()).isEqualTo(status);
            assertThat(refused.text())
                    .doesNotContainIgnoringCase("exception")
                    .doesNotContain("java", "jackson", "io.penstock");
        }

        @Test
        void thatAreAMegabyteOfBracketsAreRefused() throws Exception {
            admin.send("PUT", "/v1/networks/a", "[".repeat(1_000_000)).is(400);
            admin.send("PUT", "/v1/config", "[".repeat(1_000_000), "If-Match", "*", "Content-Type", "application/yaml")
                    .is(400);
        }

        @Test
        void withACompressedBodyAreRefusedUnread() throws Exception {
            admin.send("PUT", "/v1/networks/a", "{}", "Content-Encoding", "gzip")
                    .is(415);
        }

        @Test
        void thatAreTooLargeAreAnsweredOnStreamsToo() throws Exception {
            // The client's first request is an upgrade to HTTP/2.
            admin.get("/v1/networks").is(200);
            for (int i = 0; i < 5; i++) {
                admin.send("PUT", "/v1/networks/a", " ".repeat(9 << 20)).is(413);
            }
        }

        @Test
        void thatAreTooLargeAreCutOff() throws Exception {
            admin.send("PUT", "/v1/networks/a", " ".repeat(5 << 20)).is(413);
            admin.get("/v1/networks").is(200);
        }

        @Test
        void thatTakeNothingTheApiGivesAreToldSo() throws Exception {
            admin.get("/v1/networks", "Accept", "text/html").is(406);
            admin.get("/v1/networks", "Accept", "text/html, */*;q=0.1").is(200);
        }

        @Test
        void withABadPathAreRefused() throws Exception {
            assertThat(Wire.status(
                            admin.server.address(),
                            "GET /v1/networks/%zz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + AdminFixture.TOKEN
                                    + "\r\n\r\n"))
                    .isEqualTo(400);
            assertThat(Wire.status(admin.server.address(), "this is nothing that HTTP knows of\r\n\r\n"))
                    // Closing without an answer says it as well: nobody who speaks HTTP is there to read one.
                    .isIn(0, 400);
        }
    }

    @Test
    void tellsOfEveryEndpointInTheOpenApiDocument() throws Exception {
        JsonNode document = admin.get("/v1/openapi.json").is(200).json();

        assertThat(document.get("openapi").stringValue()).isEqualTo("3.1.0");
        for (String path : document.get("paths").propertyNames()) {
            String sample = path.replace("{revision}", "999")
                    .replace("{version}", "1.0.0")
                    .replace("{type}", "routes")
                    .replaceAll("\\{\\w+}", "none");
            // A path that the router does not know would be 404 "no-such-path"; with a wrong method it is 405.
            assertThat(admin.send("TRACEME", sample, "").status()).as(path).isEqualTo(405);
        }
    }
}
