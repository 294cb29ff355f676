package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.EncodedSlashes;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.PathEdit;
import io.penstock.config.PathMatch;
import io.penstock.config.Rate;
import io.penstock.config.RedirectConfig;
import io.penstock.config.RespondConfig;
import io.penstock.config.RewriteFilterConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What routes, limits and built-in filters make of a request. */
final class RefusalTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: x\r\n\r\nok";

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private void serve(RouteConfig.Builder route) {
        worker = WorkerHarness.with(route, "10.0.0.1:80");
    }

    private String get(String target) {
        return worker.client("GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                .sent();
    }

    private static RouteConfig.Builder at(String prefix) {
        return WorkerHarness.route().matches(RouteMatch.of(PathMatch.prefix(prefix)));
    }

    @Test
    void tellsA404HowToAskWhy() {
        serve(at("/orders"));

        String answer = get("/carts/1?x=2");

        assertThat(answer)
                .startsWith("HTTP/1.1 404 Not Found\r\n")
                .contains("X-Penstock-Reason: no-route\r\n")
                .contains("X-Request-Id: ")
                .contains("penstock explain GET 'http://shop.example/carts/1");
        assertThat(worker.count(Reason.NO_ROUTE)).isEqualTo(1);
    }

    @Test
    void tellsHowToAskAboutTheServerAsAWhole() {
        serve(at("/orders"));

        String answer = worker.client("OPTIONS * HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                .sent();

        assertThat(answer).contains("penstock explain OPTIONS '*' -H 'Host: shop.example'\n");
    }

    @Test
    void answersA404AsAProblemDocumentWhereJsonIsAskedFor() {
        serve(at("/orders"));

        String answer = worker.client("GET /x HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n")
                .sent();

        assertThat(answer)
                .contains("Content-Type: application/problem+json\r\n")
                .contains("\"code\":\"no-route\"")
                .contains("\"status\":404");
    }

    @Test
    void tellsA405WhichMethodsWouldBeServed() {
        serve(WorkerHarness.route()
                .matches(new RouteMatch(
                        List.of(), PathMatch.prefix("/"), List.of("PUT", "GET"), List.of(), List.of(), List.of())));

        String answer = worker.client("DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n").sent();

        assertThat(answer)
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET, PUT\r\n")
                .contains("X-Penstock-Reason: method-not-allowed\r\n");
    }

    @Test
    void refusesAnEncodedSlashUnlessTheRouteAllowsIt() {
        serve(WorkerHarness.route());

        assertThat(get("/a%2Fb")).startsWith("HTTP/1.1 400 ").contains("X-Penstock-Reason: encoded-slash\r\n");
        worker.publish(
                WorkerHarness.route().encodedSlashes(EncodedSlashes.ALLOW).build());
        get("/a%2fb");
        assertThat(worker.endpoint().sent()).startsWith("GET /a%2Fb HTTP/1.1\r\n");
        worker.endpoint().deliver(OK);
    }

    @Test
    void refusesConnect() {
        serve(WorkerHarness.route());

        String answer =
                worker.client("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n").sent();

        assertThat(answer).startsWith("HTTP/1.1 405 ").contains("X-Penstock-Reason: tunnel-refused\r\n");
    }

    @Test
    void tellsAClientOverItsLimitWhenToTryAgain() {
        serve(WorkerHarness.route());
        worker.publish(
                LimitConfig.named("slow", Rate.parse("6/m"))
                        .burst(1)
                        .headers(false)
                        .build(),
                RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .respond(RespondConfig.DEFAULTS)
                        .limits("slow")
                        .build());

        assertThat(get("/")).startsWith("HTTP/1.1 200 ");
        assertThat(get("/"))
                .startsWith("HTTP/1.1 429 ")
                .contains("Retry-After: 10\r\n")
                .contains("X-Penstock-Reason: rate-limited\r\n")
                .doesNotContain("slow");
        worker.advance(Duration.ofSeconds(10));
        assertThat(get("/")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void respondsWithoutAnUpstream() {
        worker.publish(
                WorkerHarness.listener().build(),
                RouteConfig.named("hello")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .respond(new RespondConfig(
                                203, Optional.of("hello"), "text/plain; charset=utf-8", Map.of("X-A", "b")))
                        .build());

        assertThat(get("/"))
                .startsWith("HTTP/1.1 203 ")
                .contains("X-A: b\r\n")
                .contains("Content-Type: text/plain; charset=utf-8\r\n")
                .contains("Content-Length: 5\r\n")
                .endsWith("\r\n\r\nhello");
        assertThat(worker.client("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").sent())
                .contains("Content-Length: 5\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void redirectsWithAnEditedPathAndTheQuery() {
        worker.publish(
                WorkerHarness.listener().build(),
                RouteConfig.named("moved")
                        .matches(RouteMatch.of(PathMatch.prefix("/old")))
                        .redirect(new RedirectConfig(
                                308,
                                Optional.of("https"),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(PathEdit.replace("/old", "/new")),
                                true))
                        .build());

        assertThat(get("/old/a%20b?x=1&y=%2F"))
                .startsWith("HTTP/1.1 308 ")
                .contains("Location: https://shop.example/new/a%20b?x=1&y=%2F\r\n")
                .contains("Content-Length: 0\r\n");
    }

    @Nested
    class InTheRefusalsOfARoute {
        private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ";

        private void refusals(long wanted) {
            assertThat(worker.count(SeriesCounter.ROUTE_REFUSALS)).isEqualTo(wanted);
        }

        @Test
        void countsWhatWeRefuse() {
            serve(WorkerHarness.route());

            get("/a%2Fb");

            refusals(1);
        }

        @Test
        void countsNoFailureOfTheEndpoint() {
            serve(WorkerHarness.route());
            get("/");

            worker.endpoint().fail(CloseCause.RESET);

            assertThat(worker.count(Reason.UPSTREAM_RESET)).isEqualTo(1);
            refusals(0);
        }

        @Test
        void countsNoClientThatWentAway() {
            serve(WorkerHarness.route());
            FakeChannel client = worker.client(POST + "5\r\n\r\n");

            client.fail(CloseCause.RESET);

            assertThat(worker.count(Reason.CLIENT_CLOSED)).isEqualTo(1);
            refusals(0);
        }

        @Test
        void countsABodyThatWeStopTaking() {
            serve(WorkerHarness.route());
            worker.client(POST + "5\r\n\r\n");
            worker.endpoint();

            worker.advance(Duration.ofSeconds(61));

            assertThat(worker.count(Reason.BODY_TIMEOUT)).isEqualTo(1);
            refusals(1);
        }
    }

    @Nested
    class WhereAnOldClientNamesNoHost {
        private void redirect(Optional<String> host, Optional<Integer> port) {
            worker.publish(
                    WorkerHarness.listener().build(),
                    RouteConfig.named("moved")
                            .matches(RouteMatch.of(PathMatch.prefix("/old")))
                            .redirect(new RedirectConfig(
                                    308, Optional.empty(), host, port, Optional.of(PathEdit.to("/new")), true))
                            .build());
        }

        private String get(String target, String version) {
            return worker.client("GET " + target + " " + version + "\r\n\r\n").sent();
        }

        @Test
        void redirectsToTheAddressThatItConnectedTo() {
            redirect(Optional.empty(), Optional.empty());

            assertThat(get("/old", "HTTP/1.0")).contains("Location: http://127.0.0.1:8080/new\r\n");
        }

        @Test
        void redirectsToTheSameAddressOnAnotherPort() {
            redirect(Optional.empty(), Optional.of(8443));

            assertThat(get("/old", "HTTP/1.0")).contains("Location: http://127.0.0.1:8443/new\r\n");
        }

        @Test
        void leavesThePortOutThatIsTheSchemesOwn() {
            redirect(Optional.empty(), Optional.of(80));

            assertThat(get("/old", "HTTP/1.0")).contains("Location: http://127.0.0.1/new\r\n");
        }

        @Test
        void redirectsToTheHostOfTheRoute() {
            redirect(Optional.of("shop.example"), Optional.empty());

            assertThat(get("/old", "HTTP/1.0")).contains("Location: http://shop.example/new\r\n");
        }

        @Test
        void tellsA404HowToAskWhy() {
            redirect(Optional.empty(), Optional.empty());

            assertThat(get("/x", "HTTP/1.0")).contains("penstock explain GET 'http://127.0.0.1:8080/x'");
        }

        @Test
        void tellsTheEndpointItsOwnName() {
            serve(WorkerHarness.route());

            get("/a", "HTTP/1.0");

            assertThat(worker.endpoint().sent())
                    .startsWith("GET /a HTTP/1.1\r\nHost: 10.0.0.1:80\r\n")
                    .doesNotContain("X-Forwarded-Host");
            worker.endpoint().deliver(OK);
        }

        @Test
        void tellsEachEndpointTriedItsOwnName() {
            worker = WorkerHarness.with(WorkerHarness.route(), "10.0.0.1:80", "10.0.0.2:80");
            get("/a", "HTTP/1.0");
            worker.endpoint().deliver(OK);
            get("/a", "HTTP/1.0");
            worker.endpoint().deliver(OK);

            assertThat(worker.loop().connects())
                    .extracting(FakeChannel::sent)
                    .satisfiesExactlyInAnyOrder(
                            first -> assertThat(first).contains("\r\nHost: 10.0.0.1:80\r\n"),
                            second -> assertThat(second).contains("\r\nHost: 10.0.0.2:80\r\n"));
        }

        @Test
        void sendsTheHostOfARewrite() {
            serve(WorkerHarness.route()
                    .filters(new RewriteFilterConfig(Optional.empty(), Optional.of("inner.example"))));

            get("/a", "HTTP/1.0");

            assertThat(worker.endpoint().sent()).contains("\r\nHost: inner.example\r\n");
            worker.endpoint().deliver(OK);
        }

        @Test
        void refusesHttp11() {
            serve(WorkerHarness.route());

            assertThat(get("/a", "HTTP/1.1")).startsWith("HTTP/1.1 400 ").contains("X-Penstock-Reason: bad-host\r\n");
        }
    }

    @Test
    void rewritesPathAndHostAndEditsFieldsBothWays() {
        serve(at("/api")
                .filters(
                        new RewriteFilterConfig(Optional.of(PathEdit.strip("/api")), Optional.of("inner.example")),
                        new HeadersFilterConfig(
                                new HeaderEdits(Map.of("X-Set", "1"), Map.of("X-Add", "2"), List.of("X-Secret")),
                                new HeaderEdits(Map.of("X-Out", "3"), Map.of(), List.of("Server")))));
        FakeChannel client =
                worker.client("GET /api/items?q=%2F HTTP/1.1\r\nHost: a\r\nX-Secret: s\r\nX-Set: old\r\n\r\n");

        String sent = worker.endpoint().sent();
        worker.endpoint().deliver(OK);

        assertThat(sent)
                .startsWith("GET /items?q=%2F HTTP/1.1\r\n")
                .contains("Host: inner.example\r\n")
                .contains("X-Set: 1\r\n")
                .contains("X-Add: 2\r\n")
                .doesNotContain("X-Secret")
                .doesNotContain("old");
        assertThat(client.sent()).contains("X-Out: 3\r\n").doesNotContain("Server:");
    }

    @Test
    void readsTheTemplateOfEachRequestAnew() {
        serve(WorkerHarness.route()
                .matches(RouteMatch.of(PathMatch.template("/u/{name}")))
                .filters(new RewriteFilterConfig(Optional.of(PathEdit.to("/users/{name}/home")), Optional.empty())));

        get("/u/ann");
        assertThat(worker.endpoint().sent()).startsWith("GET /users/ann/home HTTP/1.1\r\n");
        worker.endpoint().deliver(OK);
        get("/u/bob");
        assertThat(worker.endpoint().sent()).startsWith("GET /users/bob/home HTTP/1.1\r\n");
        worker.endpoint().deliver(OK);
    }
}
