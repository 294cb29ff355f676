package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AuthConfig;
import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.CorsConfig;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.Rate;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterPhase;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cross-origin requests by the Fetch standard: preflights, what answers say, and what they do not say to whom. */
final class CorsTest {
    private static final String APP = "https://app.shop.example";
    private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin: ";

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private static CorsConfig cors(String origin, boolean credentials) {
        return new CorsConfig(
                List.of(origin),
                List.of("GET", "PUT"),
                List.of("Content-Type", "X-Token"),
                List.of("X-Total"),
                credentials,
                Optional.of(Duration.ofMinutes(10)),
                false);
    }

    /** A route for GET and PUT alone. */
    private static RouteConfig.Builder route(CorsConfig cors) {
        return WorkerHarness.route()
                .matches(new RouteMatch(
                        List.of(), PathMatch.prefix("/"), List.of("GET", "PUT"), List.of(), List.of(), List.of()))
                .cors(Setting.of(cors));
    }

    private void serve(CorsConfig cors) {
        worker = WorkerHarness.with(route(cors), "10.0.0.1:80");
    }

    private static String head(String method, String... fields) {
        StringBuilder head = new StringBuilder(method).append(" / HTTP/1.1\r\nHost: api.example\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    private String preflight(String origin, String method, String... fields) {
        String[] all = new String[fields.length + 2];
        all[0] = "Origin: " + origin;
        all[1] = "Access-Control-Request-Method: " + method;
        System.arraycopy(fields, 0, all, 2, fields.length);
        return worker.client(head("OPTIONS", all)).sent();
    }

    /** What a client hears that asks with an origin, where the endpoint answers so. */
    private String get(String origin, String... answered) {
        FakeChannel client = worker.client(origin.isEmpty() ? head("GET") : head("GET", "Origin: " + origin));
        StringBuilder answer = new StringBuilder("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
        for (String field : answered) {
            answer.append(field).append("\r\n");
        }
        worker.endpoint().deliver(answer.append("\r\nok").toString());
        worker.endpoint().fail(CloseCause.RESET);
        return client.sent();
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example, https://app.example, true",
        "https://app.example, https://app.example.evil.example, false",
        "https://app.example, https://evilapp.example, false",
        "https://app.example, http://app.example, false",
        "https://app.example, https://app.example:8443, false",
        "https://app.example:8443, https://app.example:8443, true",
        "https://app.example, https://APP.example, false",
        "https://app.example, null, false",
        "https://*.shop.example, https://a.shop.example, true",
        "https://*.shop.example, https://a.b.shop.example, true",
        "https://*.shop.example, https://shop.example, false",
        "https://*.shop.example, https://.shop.example, false",
        "https://*.shop.example, https://a..shop.example, false",
        "https://*.shop.example, https://ashop.example, false",
        "https://*.shop.example, https://evil.example/.shop.example, false",
        "https://*.shop.example, https://evil.example:1.shop.example, false",
        "https://*.shop.example, https://evil@a.shop.example, false",
        "https://*.shop.example, https://a.shop.example:81, false",
        "https://*.shop.example, http://a.shop.example, false",
        "https://*.shop.example:81, https://a.shop.example:81, true",
        "https://*.shop.example, https://a.shop.example.evil.example, false",
        "capacitor://localhost, capacitor://localhost, true",
    })
    void anOriginIsAllowedOrNot(String allowed, String origin, boolean isAllowed) {
        serve(cors(allowed, true));

        String answer = get(origin);

        assertThat(answer)
                .startsWith("HTTP/1.1 200 ")
                .contains("Vary: Origin\r\n")
                .endsWith("ok");
        if (isAllowed) {
            assertThat(answer)
                    .contains(ALLOW_ORIGIN + origin + "\r\n", "Access-Control-Allow-Credentials: true\r\n")
                    .contains("Access-Control-Expose-Headers: X-Total\r\n");
        } else {
            assertThat(answer).doesNotContain("Access-Control-");
        }
        assertThat(preflight(origin, "PUT")).startsWith(isAllowed ? "HTTP/1.1 204 " : "HTTP/1.1 403 ");
    }

    @Nested
    class APreflight {
        @Test
        void isAnsweredHereAlsoWhereTheRouteListsNoOptions() {
            serve(cors(APP, true));

            String answer = preflight(APP, "PUT", "Access-Control-Request-Headers: content-type, x-token");

            assertThat(answer)
                    .startsWith("HTTP/1.1 204 No Content\r\n")
                    .contains(ALLOW_ORIGIN + APP + "\r\n")
                    .contains("Access-Control-Allow-Credentials: true\r\n")
                    .contains("Access-Control-Allow-Methods: GET, PUT\r\n")
                    .contains("Access-Control-Allow-Headers: Content-Type, X-Token\r\n")
                    .contains("Access-Control-Max-Age: 600\r\n")
                    .contains("Vary: Origin\r\n")
                    .doesNotContain("Expose", "Private-Network", "Content-Length");
            assertThat(worker.connects()).isZero();
        }

        @ParameterizedTest
        @CsvSource({
            "PUT, 'X-Token', 204",
            "PUT, 'x-token,content-type', 204",
            "PUT, ', x-token ,,', 204",
            "PUT, 'x-other', 403",
            "PUT, 'x-token, authorization', 403",
            "PUT, '*', 403",
            "DELETE, '', 403",
            "put, '', 405",
            "'', '', 405",
            "POST, '', 405",
        })
        void passesOnlyWithAMethodAndFieldsThatAreAllowed(String method, String fields, int status) {
            worker = WorkerHarness.with(
                    route(cors(APP, true))
                            .matches(new RouteMatch(
                                    List.of(),
                                    PathMatch.prefix("/"),
                                    List.of("GET", "PUT", "DELETE"),
                                    List.of(),
                                    List.of(),
                                    List.of())),
                    "10.0.0.1:80");

            assertThat(preflight(APP, method, "Access-Control-Request-Headers: " + fields))
                    .startsWith("HTTP/1.1 " + status + " ");
        }

        @Test
        void thatDoesNotPassIsRefusedWithAReasonAndCounted() {
            serve(cors(APP, true));

            assertThat(preflight("https://evil.example", "PUT"))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("X-Penstock-Reason: preflight-denied\r\n")
                    .contains("Vary: Origin\r\n")
                    .doesNotContain("Access-Control-")
                    .doesNotContain("shop.example");
            assertThat(worker.count(Reason.PREFLIGHT_DENIED)).isEqualTo(1);
        }

        @Test
        void mayNotAskForThousandsOfFields() {
            serve(new CorsConfig(List.of("*"), List.of("*"), List.of("*"), List.of(), false, Optional.empty(), false));

            assertThat(preflight(APP, "PUT", "Access-Control-Request-Headers: " + "a,".repeat(5000)))
                    .startsWith("HTTP/1.1 403 ");
        }

        @Test
        void passesByStarsForAllButAuthorization() {
            serve(new CorsConfig(
                    List.of("*"), List.of("*"), List.of("*"), List.of("*"), false, Optional.empty(), false));

            assertThat(preflight(APP, "PUT", "Access-Control-Request-Headers: x-anything"))
                    .startsWith("HTTP/1.1 204 ")
                    .contains(ALLOW_ORIGIN + "*\r\n", "Access-Control-Allow-Methods: *\r\n")
                    .contains("Access-Control-Allow-Headers: *\r\n")
                    .doesNotContain("Credentials");
            assertThat(preflight(APP, "PUT", "Access-Control-Request-Headers: Authorization"))
                    .startsWith("HTTP/1.1 403 ");
        }

        @Test
        void hearsOfAPrivateNetworkWhereThatIsAllowedAndAskedFor() {
            serve(new CorsConfig(List.of(APP), List.of("GET"), List.of(), List.of(), false, Optional.empty(), true));

            assertThat(preflight(APP, "GET", "Access-Control-Request-Private-Network: true"))
                    .contains("Access-Control-Allow-Private-Network: true\r\n");
            assertThat(preflight(APP, "GET")).doesNotContain("Private");
        }

        @Test
        void takesNoPermitAndNeedsNoCredential() {
            FakeFilter auth = new FakeFilter(FilterPhase.AUTH);
            AuthConfig entry = worker.auth("one", auth);
            worker.publish(worker.config()
                    .with(WorkerHarness.listener().build())
                    .with(WorkerHarness.upstream("10.0.0.1:80").build())
                    .with(ServiceConfig.named("backend", "backend").build())
                    .with(LimitConfig.named("one", Rate.parse("1/h")).burst(1).build())
                    .with(route(cors(APP, true)).limits("one").auth(entry).build()));

            for (int i = 0; i < 3; i++) {
                assertThat(preflight(APP, "PUT")).startsWith("HTTP/1.1 204 ");
            }
            assertThat(auth.requests()).isZero();
        }

        @Test
        void goesToTheEndpointWhereTheRouteSaysNothingOfOtherOrigins() {
            worker = WorkerHarness.with(WorkerHarness.route(), "10.0.0.1:80");

            FakeChannel client = worker.client(head("OPTIONS", "Origin: " + APP, "Access-Control-Request-Method: PUT"));
            worker.endpoint().deliver("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n");

            assertThat(client.sent()).contains(ALLOW_ORIGIN + "*\r\n").doesNotContain("Vary");
        }

        @Test
        void isNoneWithoutAnOriginOrAMethod() {
            serve(cors(APP, true));

            assertThat(worker.client(head("OPTIONS", "Origin: " + APP)).sent()).startsWith("HTTP/1.1 405 ");
            assertThat(worker.client(head("OPTIONS", "Access-Control-Request-Method: PUT"))
                            .sent())
                    .startsWith("HTTP/1.1 405 ");
            FakeChannel client = worker.client(head("GET", "Origin: " + APP, "Access-Control-Request-Method: PUT"));
            worker.endpoint().deliver("HTTP/1.1 204 No Content\r\n\r\n");
            assertThat(client.sent()).startsWith("HTTP/1.1 204 ").doesNotContain("Allow-Methods");
        }

        @Test
        void leavesTheConnectionToTheRequestThatItAnnounced() {
            serve(cors(APP, true));
            FakeChannel client = worker.client(head("OPTIONS", "Origin: " + APP, "Access-Control-Request-Method: PUT"));
            client.deliver(head("PUT", "Origin: " + APP, "Content-Length: 0"));
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(client.sent()).contains("HTTP/1.1 204 ", "HTTP/1.1 200 ").doesNotContain("Connection: close");
        }
    }

    @Nested
    class AnAnswer {
        @Test
        void ofTheEndpointLosesWhatItSaysItself() {
            serve(cors(APP, false));

            assertThat(get(
                            APP,
                            "access-control-allow-origin: *",
                            "ACCESS-CONTROL-ALLOW-CREDENTIALS: true",
                            "Access-Control-Expose-Headers: Secret",
                            "X-Other: 1"))
                    .containsOnlyOnce("ccess-Control-Allow-Origin")
                    .contains(ALLOW_ORIGIN + APP + "\r\n", "X-Other: 1\r\n")
                    .doesNotContain("access-control", "CREDENTIALS", "Secret");
            assertThat(get("https://evil.example", "Access-Control-Allow-Origin: *"))
                    .startsWith("HTTP/1.1 200 ")
                    .doesNotContain("Access-Control-Allow-Origin");
        }

        @ParameterizedTest
        @CsvSource({
            "'Vary: Accept-Encoding', 'Vary: Accept-Encoding|Vary: Origin'",
            "'Vary: Accept, origin', 'Vary: Accept, origin'",
            "'Vary: *', 'Vary: *'",
            "'X-A: b', 'Vary: Origin'",
        })
        void variesByOriginBesideWhatTheEndpointSays(String answered, String wanted) {
            serve(cors(APP, false));

            for (String origin : List.of(APP, "https://evil.example", "")) {
                assertThat(get(origin, answered).lines().filter(line -> line.startsWith("Vary")))
                        .containsExactly(wanted.split("\\|", -1));
            }
        }

        @Test
        void isTheSameForEverybodyWhereEverybodyMay() {
            serve(CorsConfig.of("*"));

            for (String origin : List.of(APP, "https://evil.example", "")) {
                assertThat(get(origin)).contains(ALLOW_ORIGIN + "*\r\n").doesNotContain("Vary", "Credentials");
            }
        }

        @Test
        void toTwoOriginsAtOnceIsForNone() {
            serve(cors(APP, true));
            FakeChannel client = worker.client(head("GET", "Origin: " + APP, "Origin: https://evil.example"));
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ").doesNotContain("Access-Control");
        }

        @Test
        void goesByTheOriginThatTheClientSaidWhateverFiltersMakeOfIt() {
            worker = WorkerHarness.with(
                    route(cors(APP, true))
                            .filters(new HeadersFilterConfig(
                                    new HeaderEdits(Map.of("Origin", "https://other.example"), Map.of(), List.of()),
                                    new HeaderEdits(
                                            Map.of("Access-Control-Allow-Origin", "https://evil.example"),
                                            Map.of(),
                                            List.of()))),
                    "10.0.0.1:80");

            assertThat(get(APP)).contains(ALLOW_ORIGIN + APP + "\r\n").doesNotContain("evil.example");
        }

        @Test
        void ofTheNextRequestOnAConnectionHasItsOwnOrigin() {
            serve(cors(APP, true));
            FakeChannel client = worker.client(head("GET", "Origin: " + APP));
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(client.sent()).contains(ALLOW_ORIGIN + APP);
            client.deliver(head("GET"));
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ").doesNotContain("Access-Control");
        }
    }

    @Nested
    class ARefusal {
        private void isReadable(String answer, String status) {
            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains(ALLOW_ORIGIN + APP + "\r\n", "Vary: Origin\r\n", "X-Penstock-Reason: ");
        }

        @Test
        void forWantOfACredentialIsReadable() {
            AuthConfig entry = worker.auth("one", new FakeFilter(FilterPhase.AUTH));
            worker.publish(worker.config()
                    .with(WorkerHarness.listener().build())
                    .with(WorkerHarness.upstream("10.0.0.1:80").build())
                    .with(ServiceConfig.named("backend", "backend").build())
                    .with(route(cors(APP, true)).auth(entry).build()));

            isReadable(worker.client(head("GET", "Origin: " + APP)).sent(), "401");
        }

        @Test
        void byALimitIsReadable() {
            serve(cors(APP, true));
            worker.publish(
                    LimitConfig.named("one", Rate.parse("1/h")).burst(1).build(),
                    route(cors(APP, true)).limits("one").build());
            get(APP);

            isReadable(worker.client(head("GET", "Origin: " + APP)).sent(), "429");
        }

        @Test
        void forALongBodyIsReadableThoughNoFilterHasMetIt() {
            worker = WorkerHarness.with(
                    route(cors(APP, true)).body(new BodyConfig(Optional.of(ByteSize.parse("1KiB")))), "10.0.0.1:80");

            isReadable(
                    worker.client(head("PUT", "Origin: " + APP, "Content-Length: 5000"))
                            .sent(),
                    "413");
        }

        @Test
        void forWantOfAnEndpointIsReadable() {
            worker = WorkerHarness.with(route(cors(APP, true)));

            isReadable(worker.client(head("GET", "Origin: " + APP)).sent(), "503");
        }

        @Test
        void becauseTheEndpointFailedIsReadable() {
            serve(cors(APP, true));
            FakeChannel client = worker.client(head("GET", "Origin: " + APP));
            worker.endpoint().deliver("HTTP/9 nonsense\r\n\r\n");

            isReadable(client.sent(), "502");
        }

        @Test
        void tellsAnotherOriginNothing() {
            worker = WorkerHarness.with(route(cors(APP, true)));

            assertThat(worker.client(head("GET", "Origin: https://evil.example"))
                            .sent())
                    .startsWith("HTTP/1.1 503 ")
                    .doesNotContain("Access-Control-");
        }
    }
}
