package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.AdminFixture.Answer;
import io.penstock.admin.resource.EnginePort;
import io.penstock.engine.CircuitStatus;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the API knows and does beside the configuration: drains, health, streams, roles, answers kept for repeats. */
final class AdminStateTest {
    private static final String TARGET = "/v1/upstreams/orders/targets/";

    @TempDir
    Path folder;

    private AdminFixture admin;

    @BeforeEach
    void start() throws Exception {
        admin = new AdminFixture(folder.resolve("data"));
        admin.send(
                        "PUT",
                        "/v1/upstreams/orders",
                        "{\"tags\":[\"team=shop\"],\"targets\":[{\"address\":\"10.0.0.7:8080\",\"name\":\"first\"},"
                                + "{\"address\":\"orders.internal:8080\"}]}")
                .is(201);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private void restart() throws Exception {
        admin.close();
        admin = new AdminFixture(folder.resolve("data"));
    }

    private String token(String wish) throws Exception {
        return admin.send("POST", "/v1/tokens", wish)
                .is(201)
                .json()
                .get("secret")
                .stringValue();
    }

    @Nested
    class ABreaker {
        @Test
        void isShownWithTheHealthOfItsUpstream() throws Exception {
            admin.engine.breaker = Optional.of(new CircuitStatus.BreakerStatus(
                    "open", Optional.of(Instant.parse("2026-11-22T10:00:00Z")), 40, 31));

            JsonNode circuit =
                    admin.get("/v1/upstreams/orders/health").is(200).json().get("circuit");

            assertThat(circuit.at("/breaker/state").stringValue()).isEqualTo("open");
            assertThat(circuit.at("/breaker/failures").intValue()).isEqualTo(31);
            assertThat(circuit.at("/requests/underWay").intValue()).isEqualTo(3);
            assertThat(circuit.at("/requests/max").intValue()).isEqualTo(500);
        }

        @Test
        void isClosedByHandWithoutARevision() throws Exception {
            long revision = admin.pipeline.current().revision();
            admin.engine.breaker = Optional.of(new CircuitStatus.BreakerStatus("open", Optional.empty(), 40, 31));

            JsonNode circuit = admin.send("POST", "/v1/upstreams/orders:resetBreaker", "", "Change-Note", "fixed")
                    .is(200)
                    .json();

            assertThat(circuit.at("/breaker/state").stringValue()).isEqualTo("closed");
            assertThat(admin.pipeline.current().revision()).isEqualTo(revision);
            JsonNode line =
                    admin.get("/v1/audit?action=upstream.reset-breaker").json().at("/items/0");
            assertThat(line.get("target").stringValue()).isEqualTo("/upstreams/orders");
            assertThat(line.get("note").stringValue()).isEqualTo("fixed");
        }

        @Test
        void isNothingToReset() throws Exception {
            admin.send("POST", "/v1/upstreams/orders:resetBreaker", "").is(409);
            admin.send("POST", "/v1/upstreams/nowhere:resetBreaker", "").is(404);
        }

        @Test
        void isNotResetByWhoMayOnlyRead() throws Exception {
            admin.engine.breaker = Optional.of(new CircuitStatus.BreakerStatus("open", Optional.empty(), 40, 31));
            String viewer = token("{\"name\":\"v\",\"roles\":[\"viewer\"]}");

            admin.sendAs(viewer, "POST", "/v1/upstreams/orders:resetBreaker", "")
                    .is(403);

            assertThat(admin.engine.breaker.orElseThrow().state()).isEqualTo("open");
        }
    }

    @Nested
    class ALimit {
        @Test
        void tellsWhatItSaidAndHowAKeyStands() throws Exception {
            admin.send("PUT", "/v1/limits/per-client", "{\"key\":[\"clientAddress\"],\"rate\":\"100/s\"}")
                    .is(201);

            JsonNode state = admin.get("/v1/limits/per-client/state").is(200).json();
            assertThat(state.at("/outcomes/rateLimited").intValue()).isEqualTo(3);
            assertThat(state.at("/tables/0/slots").intValue()).isEqualTo(15);
            assertThat(state.has("key")).isFalse();
            JsonNode key = admin.get("/v1/limits/per-client/state?key=10.0.0.1")
                    .is(200)
                    .json()
                    .get("key");
            assertThat(key.at("/rate/left").intValue()).isEqualTo(40);
            admin.get("/v1/limits/per-client/state?key=nobody").is(400);
        }

        @Test
        void hasNoStateWhereItIsNotInForce() throws Exception {
            admin.send("PUT", "/v1/limits/unused", "{\"rate\":\"100/s\"}").is(201);

            admin.get("/v1/limits/unused/state").is(409);
            admin.get("/v1/limits/nothing/state").is(404);
        }
    }

    @Nested
    class ADrain {
        @Test
        void isStateAndNoRevision() throws Exception {
            long revision = admin.pipeline.current().revision();

            JsonNode drained = admin.send("POST", TARGET + "first:drain", "{\"for\":\"30m\"}", "Change-Note", "disk")
                    .is(200)
                    .json();

            assertThat(drained.get("target").stringValue()).isEqualTo("10.0.0.7:8080");
            assertThat(drained.get("note").stringValue()).isEqualTo("disk");
            assertThat(drained.get("isConfigured").booleanValue()).isTrue();
            assertThat(admin.pipeline.current().revision()).isEqualTo(revision);
            assertThat(admin.engine.drains)
                    .containsExactly(new EnginePort.DrainView(
                            "orders",
                            "10.0.0.7:8080",
                            Instant.parse(drained.get("until").stringValue())));
            assertThat(admin.get("/v1/overrides").is(200).json().get("items")).containsExactly(drained);
            JsonNode line = admin.get("/v1/audit?action=target.drain").json().at("/items/0");
            assertThat(line.get("target").stringValue()).isEqualTo("/upstreams/orders/targets/10.0.0.7:8080");
            assertThat(line.get("note").stringValue()).isEqualTo("disk");
        }

        @Test
        void survivesARestartAndChangesOfTheConfiguration() throws Exception {
            JsonNode drained = admin.send("POST", TARGET + "10.0.0.7%3A8080:drain", "{\"for\":\"30m\"}")
                    .is(200)
                    .json();

            restart();
            assertThat(admin.engine.drains).hasSize(1);
            admin.send("PUT", "/v1/upstreams/orders", "{}", "If-Match", "*").is(200);

            JsonNode item = admin.get("/v1/overrides").json().at("/items/0");
            assertThat(item.get("until")).isEqualTo(drained.get("until"));
            assertThat(item.get("isConfigured").booleanValue()).isFalse();
            // A target that is gone is called by its address.
            admin.send("POST", TARGET + "10.0.0.7:8080:undrain", "").is(200);
            assertThat(admin.get("/v1/overrides").json().get("items")).isEmpty();
        }

        @Test
        void endsWhenToldTo() throws Exception {
            admin.send(
                            "POST",
                            TARGET + "first:drain",
                            "{\"until\":\"" + Instant.now().plus(Duration.ofHours(2)) + "\"}")
                    .is(200);

            admin.send("POST", TARGET + "first:undrain", "").is(200);

            assertThat(admin.engine.drains).isEmpty();
            admin.send("POST", TARGET + "first:undrain", "").is(404);
            restart();
            assertThat(admin.engine.drains).isEmpty();
        }

        @Test
        void isBesideWhatIsSaidOfHealth() throws Exception {
            admin.send("POST", TARGET + "first:drain", "{\"for\":\"30m\"}").is(200);
            JsonNode said = admin.send("POST", TARGET + "first:setHealth", "{\"health\":\"unhealthy\",\"for\":\"1h\"}")
                    .is(200)
                    .json();
            assertThat(said.get("kind").stringValue()).isEqualTo("unhealthy");
            assertThat(admin.get("/v1/overrides").is(200).json().get("items")).hasSize(2);
            assertThat(admin.engine.drains).hasSize(1);
            assertThat(admin.engine.healthOverrides)
                    .containsExactly(new EnginePort.HealthOverrideView(
                            "orders",
                            "10.0.0.7:8080",
                            false,
                            Instant.parse(said.get("until").stringValue())));

            admin.send("POST", TARGET + "first:setHealth", "{\"health\":\"healthy\",\"for\":\"1h\"}")
                    .is(200);
            assertThat(admin.engine.healthOverrides).hasSize(1);
            assertThat(admin.engine.healthOverrides.getFirst().isHealthy()).isTrue();
            admin.send("POST", TARGET + "first:clearHealth", "").is(200);
            assertThat(admin.engine.healthOverrides).isEmpty();
            assertThat(admin.engine.drains).hasSize(1);
            admin.send("POST", TARGET + "first:clearHealth", "").is(404);
            admin.send("POST", TARGET + "first:setHealth", "{\"health\":\"unwell\",\"for\":\"1h\"}")
                    .is(422);
            admin.send("POST", TARGET + "first:setHealth", "{\"for\":\"1h\"}").is(422);
            admin.send("POST", TARGET + "first:setHealth", "{\"health\":\"healthy\"}")
                    .is(422);
            admin.send("POST", TARGET + "first:undrain", "").is(200);
        }

        @Test
        void isMovedByDrainingAgain() throws Exception {
            admin.send("POST", TARGET + "first:drain", "{\"for\":\"30m\"}").is(200);
            admin.send("POST", TARGET + "first:drain", "{\"for\":\"2h\"}").is(200);

            assertThat(admin.engine.drains).hasSize(1);
            assertThat(admin.engine.drains.getFirst().until())
                    .isAfter(Instant.now().plus(Duration.ofHours(1)));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{}",
                    "{\"for\":\"0s\"}",
                    "{\"for\":\"31d\"}",
                    "{\"for\":\"9000000000000h\"}",
                    "{\"for\":30}",
                    "{\"until\":\"tomorrow\"}",
                    "{\"until\":\"2001-01-01T00:00:00Z\"}",
                    "{\"for\":\"1h\",\"until\":\"2001-01-01T00:00:00Z\"}",
                    "{\"fro\":\"1h\"}",
                    "[]"
                })
        void withoutAnEndThatCanBeKeptIsRefused(String body) throws Exception {
            admin.send("POST", TARGET + "first:drain", body).is(422);

            assertThat(admin.engine.drains).isEmpty();
        }

        @Test
        void isForWhoMayOperateThatUpstream() throws Exception {
            String shop = token("{\"name\":\"shop\",\"roles\":[\"operator\"],\"tags\":[\"team=shop\"]}");
            String pay = token("{\"name\":\"pay\",\"roles\":[\"operator\"],\"tags\":[\"team=pay\"]}");
            String viewer = token("{\"name\":\"viewer\",\"roles\":[\"viewer\"]}");

            admin.sendAs(pay, "POST", TARGET + "first:drain", "{\"for\":\"30m\"}")
                    .is(404);
            admin.sendAs(viewer, "POST", TARGET + "first:drain", "{\"for\":\"30m\"}")
                    .is(403);
            admin.sendAs(shop, "POST", TARGET + "first:drain", "{\"for\":\"30m\"}")
                    .is(200);
            admin.sendAs(pay, "POST", TARGET + "first:undrain", "").is(404);
            assertThat(admin.sendAs(pay, "GET", "/v1/overrides", "").json().get("items"))
                    .isEmpty();
            assertThat(admin.sendAs(shop, "GET", "/v1/overrides", "").json().get("items"))
                    .hasSize(1);
            admin.send("POST", TARGET + "none:drain", "{\"for\":\"30m\"}").is(404);
        }
    }

    @Test
    void tellsHowEachEndpointOfAnUpstreamStands() throws Exception {
        JsonNode health = admin.get("/v1/upstreams/orders/health").is(200).json();

        assertThat(health.get("ready").intValue()).isEqualTo(1);
        assertThat(health.at("/items/0/connections/idle").intValue()).isEqualTo(2);
        assertThat(health.at("/items/1/state").stringValue()).isEqualTo("unresolved");
        assertThat(health.at("/items/1").has("counts")).isFalse();
        admin.get("/v1/upstreams/none/health").is(404);
    }

    @Nested
    class Statistics {
        private BufferedReader open(Socket socket, String token) throws Exception {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET /v1/stats/stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                                    + token + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        private static String event(BufferedReader in) throws Exception {
            String line = in.readLine();
            while (line != null && !line.startsWith("data: ")) {
                line = in.readLine();
            }
            return line == null ? "" : line;
        }

        @Test
        void areStreamedWholeFirstThenWhatHasChanged() throws Exception {
            try (Socket socket = new Socket(
                    admin.server.address().getAddress(), admin.server.address().getPort())) {
                BufferedReader in = open(socket, AdminFixture.TOKEN);

                assertThat(event(in)).contains("\"counters\":{\"requests\":7}", "\"p99Us\":200");
                assertThat(event(in)).contains("\"counters\":{}", "\"latencies\":[]");
            }
        }

        @Test
        void areNotStreamedToATokenThatWasRevoked() throws Exception {
            JsonNode issued = admin.send("POST", "/v1/tokens", "{\"name\":\"wall\",\"roles\":[\"viewer\"]}")
                    .json();
            try (Socket socket = new Socket(
                    admin.server.address().getAddress(), admin.server.address().getPort())) {
                BufferedReader in = open(socket, issued.get("secret").stringValue());
                event(in);

                admin.send("DELETE", "/v1/tokens/" + issued.at("/token/id").stringValue(), "")
                        .is(200);

                for (String event = event(in); !event.isEmpty(); event = event(in)) {
                    assertThat(event).startsWith("data: ");
                }
            }
        }

        @Test
        void areStreamedAtAPaceWithinBounds() throws Exception {
            admin.get("/v1/stats/stream?every=0").is(400);
            admin.get("/v1/stats/stream?every=61").is(400);
        }
    }

    @Nested
    class ATokenAskedForAgain {
        private static final String WISH = "{\"name\":\"deploy\",\"roles\":[\"editor\"]}";

        @Test
        void isTheSameOne() throws Exception {
            Answer first = admin.send("POST", "/v1/tokens", WISH, "Idempotency-Key", "k1")
                    .is(201);
            restart();
            Answer again = admin.send("POST", "/v1/tokens", WISH, "Idempotency-Key", "k1")
                    .is(201);

            assertThat(again.json()).isEqualTo(first.json());
            assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(again.header("Location")).isEqualTo(first.header("Location"));
            assertThat(again.header("Cache-Control")).isEqualTo("no-store");
            assertThat(admin.get("/v1/tokens").json().get("items")).hasSize(2);
            admin.sendAs(first.json().get("secret").stringValue(), "GET", "/v1/routes", "")
                    .is(200);
        }

        @Test
        void withAnotherBodyIsRefused() throws Exception {
            admin.send("POST", "/v1/tokens", WISH, "Idempotency-Key", "k1").is(201);

            Answer other = admin.send(
                            "POST",
                            "/v1/tokens",
                            "{\"name\":\"other\",\"roles\":[\"viewer\"]}",
                            "Idempotency-Key",
                            "k1")
                    .is(422);

            assertThat(other.json().get("type").stringValue()).endsWith("/idempotency-key-reused");
            assertThat(admin.get("/v1/tokens").json().get("items")).hasSize(2);
        }

        @Test
        void isAnotherForAnotherCallerOfTheSameName() throws Exception {
            String one = token("{\"name\":\"twin\",\"roles\":[\"admin\"]}");
            String two = token("{\"name\":\"twin\",\"roles\":[\"admin\"]}");

            Answer first = admin.sendAs(one, "POST", "/v1/tokens", WISH, "Idempotency-Key", "k1")
                    .is(201);
            Answer second = admin.sendAs(two, "POST", "/v1/tokens", WISH, "Idempotency-Key", "k1")
                    .is(201);

            assertThat(second.json().get("secret")).isNotEqualTo(first.json().get("secret"));
        }

        @Test
        void leavesNoSecretOnTheDisk() throws Exception {
            String secret = admin.send("POST", "/v1/tokens", WISH, "Idempotency-Key", "k1")
                    .is(201)
                    .json()
                    .get("secret")
                    .stringValue();
            admin.close();

            try (Stream<Path> files = Files.list(folder.resolve("data"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .as(file.toString())
                            .doesNotContain(secret);
                }
            }
            admin = new AdminFixture(folder.resolve("data"));
        }

        @Test
        void isNotKeptWhenItWasRefused() throws Exception {
            admin.send("POST", "/v1/tokens", "{\"name\":\"a\",\"roles\":[\"none\"]}", "Idempotency-Key", "k1")
                    .is(422);

            admin.send("POST", "/v1/tokens", WISH, "Idempotency-Key", "k1").is(201);
        }
    }

    @Nested
    class ARole {
        private static final String DRAINER = "{\"name\":\"drainer\",\"description\":\"Drains.\",\"grants\":["
                + "{\"verbs\":[\"read\"],\"types\":[\"*\",\"-tokens\",\"-audit\"]},"
                + "{\"verbs\":[\"operate\"],\"types\":[\"upstreams\"],\"tags\":[\"team=shop\"]}]}";

        @Test
        void allowsWhatItsGrantsSayAndNoMore() throws Exception {
            admin.send("PUT", "/v1/upstreams/pay", "{\"targets\":[{\"address\":\"10.0.0.9:80\"}]}")
                    .is(201);
            admin.send("POST", "/v1/roles", DRAINER).is(201);
            String drainer = token("{\"name\":\"night\",\"roles\":[\"drainer\"]}");

            admin.sendAs(drainer, "POST", TARGET + "first:drain", "{\"for\":\"5m\"}")
                    .is(200);
            admin.sendAs(drainer, "POST", "/v1/upstreams/pay/targets/10.0.0.9:80:drain", "{\"for\":\"5m\"}")
                    .is(403);
            admin.sendAs(drainer, "POST", "/v1/dns:flush", "").is(403);
            admin.sendAs(drainer, "DELETE", "/v1/upstreams/orders", "", "If-Match", "*")
                    .is(403);
            admin.sendAs(drainer, "GET", "/v1/tokens", "").is(403);
            admin.sendAs(drainer, "GET", "/v1/roles", "").is(200);
        }

        @Test
        void writesOnlyResourcesOfItsTags() throws Exception {
            admin.send(
                            "POST",
                            "/v1/roles",
                            "{\"name\":\"shop\",\"grants\":[{\"verbs\":[\"read\",\"write\"],\"types\":[\"*\"],"
                                    + "\"tags\":[\"team=shop\"]}]}")
                    .is(201);
            String shop = token("{\"name\":\"shop\",\"roles\":[\"shop\"]}");

            admin.sendAs(shop, "PUT", "/v1/networks/a", "{\"tags\":[\"team=shop\"]}")
                    .is(201);
            admin.sendAs(shop, "PUT", "/v1/networks/b", "{}").is(403);
            admin.sendAs(shop, "PUT", "/v1/networks/a", "{}", "If-Match", "*").is(403);
            admin.sendAs(shop, "GET", "/v1/networks/default", "").is(404);
            // What has no tags is not reached by a grant with tags.
            admin.sendAs(shop, "GET", "/v1/tokens", "").is(403);
            admin.sendAs(shop, "GET", "/v1/stats", "").is(403);
        }

        @Test
        void survivesARestartAndStaysWhileATokenHasIt() throws Exception {
            admin.send("POST", "/v1/roles", DRAINER).is(201);
            JsonNode issued = admin.send("POST", "/v1/tokens", "{\"name\":\"night\",\"roles\":[\"drainer\"]}")
                    .is(201)
                    .json();

            restart();
            Answer inUse = admin.send("DELETE", "/v1/roles/drainer", "").is(409);
            assertThat(inUse.json().get("type").stringValue()).endsWith("/in-use");
            assertThat(inUse.json().toString()).contains(issued.at("/token/id").stringValue());
            admin.sendAs(issued.get("secret").stringValue(), "GET", "/v1/routes", "")
                    .is(200);

            admin.send("DELETE", "/v1/tokens/" + issued.at("/token/id").stringValue(), "")
                    .is(200);
            admin.send("DELETE", "/v1/roles/drainer", "").is(200);
            admin.get("/v1/roles/drainer").is(404);
        }

        @Test
        void neverChangesAndIsNeverOneBuiltIn() throws Exception {
            admin.send("POST", "/v1/roles", DRAINER).is(201);

            admin.send("POST", "/v1/roles", DRAINER).is(409);
            admin.send("POST", "/v1/roles", DRAINER.replace("drainer", "admin")).is(409);
            admin.send("DELETE", "/v1/roles/viewer", "").is(409);
            assertThat(admin.get("/v1/roles/viewer").json().get("builtIn").booleanValue())
                    .isTrue();
        }

        @Test
        void isNoWayToMoreThanItsMakerMayDo() throws Exception {
            admin.send(
                            "POST",
                            "/v1/roles",
                            "{\"name\":\"clerk\",\"grants\":[{\"verbs\":[\"read\",\"write\"],"
                                    + "\"types\":[\"tokens\",\"roles\"]}]}")
                    .is(201);
            String clerk = token("{\"name\":\"clerk\",\"roles\":[\"clerk\"]}");

            admin.sendAs(clerk, "POST", "/v1/tokens", "{\"name\":\"x\",\"roles\":[\"admin\"]}")
                    .is(403);
            admin.sendAs(clerk, "POST", "/v1/tokens", "{\"name\":\"x\",\"roles\":[\"viewer\"]}")
                    .is(403);
            admin.sendAs(clerk, "POST", "/v1/roles", DRAINER).is(403);
            admin.sendAs(clerk, "POST", "/v1/tokens", "{\"name\":\"x\",\"roles\":[\"clerk\"]}")
                    .is(201);
        }

        @Test
        void isMadeByNoEditor() throws Exception {
            String editor = token("{\"name\":\"e\",\"roles\":[\"editor\"]}");

            admin.sendAs(editor, "POST", "/v1/roles", DRAINER).is(403);
            admin.sendAs(editor, "GET", "/v1/roles", "").is(200);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{}",
                    "{\"name\":\"A b\",\"grants\":[{\"verbs\":[\"read\"],\"types\":[\"*\"]}]}",
                    "{\"name\":\"a\",\"grants\":[]}",
                    "{\"name\":\"a\",\"grants\":[{\"verbs\":[],\"types\":[\"*\"]}]}",
                    "{\"name\":\"a\",\"grants\":[{\"verbs\":[\"own\"],\"types\":[\"*\"]}]}",
                    "{\"name\":\"a\",\"grants\":[{\"verbs\":[\"read\"],\"types\":[\"rotues\"]}]}",
                    "{\"name\":\"a\",\"grants\":[{\"verbs\":[\"read\"],\"types\":[\"*\"],\"tag\":[]}]}",
                    "{\"name\":\"a\",\"grants\":[\"*\"]}"
                })
        void thatMakesNoSenseIsRefused(String body) throws Exception {
            admin.send("POST", "/v1/roles", body).is(422);
        }

        @Test
        void isMadeOnceForEachIdempotencyKey() throws Exception {
            Answer first = admin.send("POST", "/v1/roles", DRAINER, "Idempotency-Key", "r")
                    .is(201);

            Answer again = admin.send("POST", "/v1/roles", DRAINER, "Idempotency-Key", "r")
                    .is(201);

            assertThat(again.json()).isEqualTo(first.json());
            assertThat(Optional.of(again.header("Idempotency-Replayed"))).contains("true");
        }
    }

    @Test
    void ignoresNoMemberOfAnyBody() throws Exception {
        admin.send("POST", "/v1/dns:flush", "{\"nmae\":\"orders.internal\"}").is(422);
        admin.send("POST", "/v1/upstreams/orders:rename", "{\"to\":\"x\",\"too\":1}")
                .is(422);
        admin.send("POST", "/v1/explain", "{\"url\":\"/a\",\"ulr\":1}").is(422);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/audit?cursor=enp6", "/v1/config/revisions?cursor=LTU", "/v1/routes?cursor=%25"})
    void refusesACursorThatNoListGave(String path) throws Exception {
        admin.get(path).is(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"url\":\"http://a/\",\"clientAddress\":\"abc\"}",
                "{\"url\":\"http://a/\",\"listener\":\"none\"}"
            })
    void explainsNothingThatCannotBe(String body) throws Exception {
        admin.send("POST", "/v1/explain", body).is(422);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"a\\nb\",\"roles\":[\"viewer\"]}",
                "{\"name\":\"a\",\"roles\":[\"viewer\"],\"tags\":[\"team=shop\\nteam=pay\"]}"
            })
    void makesNoTokenOfTextsThatRunOverLines(String wish) throws Exception {
        admin.send("POST", "/v1/tokens", wish).is(422);
    }

    @Test
    void pagesWhatIsKeptInMemory() throws Exception {
        token("{\"name\":\"one\",\"roles\":[\"viewer\"]}");

        for (String path : new String[] {"/v1/tokens", "/v1/roles", "/v1/upstreams/orders/targets"}) {
            JsonNode all = admin.get(path).is(200).json().get("items");
            JsonNode first = admin.get(path + "?limit=1").is(200).json();
            JsonNode second = admin.get(
                            path + "?limit=1&cursor=" + first.get("nextCursor").stringValue())
                    .is(200)
                    .json();

            // Without their times: reading with a token uses it.
            assertThat(first.get("items")).hasSize(1);
            assertThat(first.at("/items/0/name")).isEqualTo(all.at("/0/name"));
            assertThat(second.at("/items/0/name")).isEqualTo(all.at("/1/name"));
            assertThat(second.at("/items/0/address")).isEqualTo(all.at("/1/address"));
        }
    }

    @Test
    void takesTheQueryForPartOfWhatAKeyStandsFor() throws Exception {
        String body = "{\"apiVersion\":\"penstock/v1\",\"networks\":[{\"name\":\"n\"}]}";
        admin.send("POST", "/v1/config:apply", body, "Idempotency-Key", "a").is(200);

        admin.send("POST", "/v1/config:apply?wait=none", body, "Idempotency-Key", "a")
                .is(200);
        admin.send("POST", "/v1/config:apply?prune=true&select=team%3Dshop", body, "Idempotency-Key", "a")
                .is(422);
        assertThat(admin.get("/v1/upstreams/orders").status()).isEqualTo(200);
    }

    @Test
    void renamesNothingOntoAnother() throws Exception {
        admin.send("PUT", "/v1/upstreams/pay", "{}").is(201);

        admin.send("POST", "/v1/upstreams/pay:rename", "{\"to\":\"orders\"}", "If-Match", "*")
                .is(409);
    }

    @Test
    void removesNoResourceByAPatchOfItsRoot() throws Exception {
        admin.send(
                        "PATCH",
                        "/v1/upstreams/orders",
                        "[{\"op\":\"remove\",\"path\":\"\"}]",
                        "If-Match",
                        "*",
                        "Content-Type",
                        "application/json-patch+json")
                .is(422);
    }
}
