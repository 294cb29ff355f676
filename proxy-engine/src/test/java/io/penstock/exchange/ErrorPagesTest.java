package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.CorsConfig;
import io.penstock.config.Defaults;
import io.penstock.config.ErrorPageConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.Rate;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.filter.ErrorPages;
import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterPhase;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients are shown in the place of errors, and which of it. */
final class ErrorPagesTest {
    private static final String HTML = "<h1>{status} {title}</h1>{reason} {requestId} {detail} {other}";
    private static final String JSON =
            "{\"code\":\"{reason}\",\"says\":\"{detail}\",\"id\":\"{requestId}\",\"n\":{status}}";

    private WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        assertThat(worker.exchanges().running()).isZero();
        worker.close();
    }

    private static ErrorPageConfig.Builder page(String name, String... covers) {
        return ErrorPageConfig.named(name).covers(covers).html(HTML).json(JSON);
    }

    private static Setting<List<String>> pages(String... names) {
        return Setting.of(List.of(names));
    }

    /** A route without an endpoint, which answers 503 no-endpoint. */
    private void serve(ErrorPageConfig page) {
        worker.publish(
                WorkerHarness.listener().build(),
                page,
                WorkerHarness.upstream().build(),
                ServiceConfig.named("backend", "backend").build(),
                WorkerHarness.route().errorPages(pages(page.name())).build());
    }

    private String get(String... fields) {
        return send("GET / HTTP/1.1", fields);
    }

    private String send(String line, String... fields) {
        StringBuilder head = new StringBuilder(line).append("\r\nHost: a\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return worker.client(head.append("\r\n").toString()).sent();
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    @ParameterizedTest
    @CsvSource({
        "'text/html', html",
        "'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', html",
        "'application/json', json",
        "'application/problem+json', json",
        "'application/json, text/html;q=0.5', json",
        "'application/json;q=0.5, text/html;q=0.9', html",
        "'text/html;q=0, */*', json",
        "'*/*', json",
        "'', json",
        "'image/png', none",
        "'text/html;q=x', none",
        "'text/plain', none",
    })
    void whatTheClientWantsDecidesBetweenThem(String accept, String wanted) {
        serve(page("brand", "5xx").build());

        String answer = accept.isEmpty() ? get() : get("Accept: " + accept);

        assertThat(answer)
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .contains("X-Penstock-Reason: no-endpoint\r\n", "X-Request-Id: ", "Cache-Control: no-store\r\n")
                .contains("Content-Length: " + body(answer).length() + "\r\n");
        switch (wanted) {
            case "html" ->
                assertThat(answer)
                        .contains("Content-Type: text/html; charset=utf-8\r\n")
                        .contains("<h1>503 Service Unavailable</h1>no-endpoint ")
                        .endsWith(" {other}");
            case "json" ->
                assertThat(answer)
                        .contains("Content-Type: application/json\r\n")
                        .contains("{\"code\":\"no-endpoint\",\"says\":\"The upstream has no endpoint")
                        .endsWith(",\"n\":503}");
            default -> assertThat(answer).contains("Content-Type: text/plain", "request id: ");
        }
    }

    @Test
    void whatAPageLacksComesAsItDidBefore() {
        serve(ErrorPageConfig.named("brand").covers("503").html(HTML).build());

        assertThat(get("Accept: application/json")).contains("Content-Type: application/problem+json\r\n");
        assertThat(get("Accept: */*")).contains("<h1>503");
    }

    @ParameterizedTest
    @CsvSource({
        "5xx|503|reason:no-endpoint, 2",
        "reason:no-endpoint|503|5xx, 0",
        "5xx|503|4xx, 1",
        "5xx|5xx|500, 0",
        "4xx|404|reason:no-route, none",
    })
    void thePageThatNamesAnErrorMostCloselyIsShown(String covers, String shown) {
        String[] each = covers.split("\\|", -1);
        worker.publish(
                WorkerHarness.listener().build(), WorkerHarness.upstream().build());
        worker.publish(ServiceConfig.named("backend", "backend").build());
        for (int i = 0; i < each.length; i++) {
            worker.publish(ErrorPageConfig.named("p" + i)
                    .covers(each[i])
                    .html("page " + i)
                    .build());
        }
        worker.publish(WorkerHarness.route().errorPages(pages("p0", "p1", "p2")).build());

        assertThat(get("Accept: text/html"))
                .contains(shown.equals("none") ? "\nrequest id: " : "\r\n\r\npage " + shown);
    }

    @Test
    void whatAClientSentIsEscaped() {
        serve(page("brand", "4xx").build());
        worker.publish(worker.config()
                .with(WorkerHarness.route()
                        .body(new BodyConfig(Optional.of(ByteSize.parse("1KiB"))))
                        .errorPages(pages("brand"))
                        .build()));
        assertThat(send("POST / HTTP/1.1", "Accept: text/html", "Content-Length: 5000"))
                .startsWith("HTTP/1.1 413 ")
                .contains("body-too-large");
        ErrorPages.Shown shown = ErrorPages.of(List.of(page("x", "4xx").build()))
                .ofOwn(
                        Reason.BAD_FIELD,
                        new ErrorPages.Said(400, "Bad", "bad-field", "id", "<script>\"'&\n"),
                        new Fields());
        assertThat(shown).isNotNull();
        assertThat(new String(Objects.requireNonNull(shown).body(), StandardCharsets.UTF_8))
                .contains("\"says\":\"<script>\\\"'&\\u000a\"");
    }

    @Test
    void nothingOfTheHeadIsLost() {
        serve(page("brand", "429").build());
        worker.publish(
                LimitConfig.named("one", Rate.parse("1/h")).burst(1).build(),
                WorkerHarness.route()
                        .limits("one")
                        .cors(Setting.of(CorsConfig.of("https://a.example")))
                        .errorPages(pages("brand"))
                        .build());
        get();

        assertThat(get("Accept: text/html", "Origin: https://a.example"))
                .startsWith("HTTP/1.1 429 ")
                .contains("Retry-After: 3600\r\n", "Access-Control-Allow-Origin: https://a.example\r\n", "<h1>429");
    }

    @Test
    void aHeadRequestGetsTheLengthAlone() {
        serve(page("brand", "503").build());

        String get = get("Accept: text/html");
        String head = send("HEAD / HTTP/1.1", "Accept: text/html");

        assertThat(head)
                .contains(
                        "Content-Type: text/html; charset=utf-8\r\n",
                        "Content-Length: " + body(get).length() + "\r\n");
        assertThat(body(head)).isEmpty();
    }

    @Test
    void anOldClientGetsItToo() {
        serve(page("brand", "503").build());

        assertThat(send("GET / HTTP/1.0", "Accept: text/html"))
                .startsWith("HTTP/1.1 503 ")
                .contains("Connection: close\r\n", "<h1>503");
    }

    @Test
    void thoseOfTheDefaultsAreShownWhereThereIsNoRoute() {
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(page("brand", "404", "4xx").build())
                .with(RouteConfig.named("a")
                        .matches(RouteMatch.of(PathMatch.prefix("/a")))
                        .respond(RespondConfig.DEFAULTS)
                        .build())
                .withDefaults(
                        Defaults.DEFAULTS.toBuilder().errorPages(pages("brand")).build()));

        assertThat(send("GET /x HTTP/1.1", "Accept: text/html"))
                .startsWith("HTTP/1.1 404 ")
                .contains("<h1>404 Not Found</h1>no-route ");
        assertThat(send("GET /\\ HTTP/1.1", "Accept: text/html")).startsWith("HTTP/1.1 400 ");

        worker.publish(page("brand", "404").html("other").build());
        assertThat(send("GET /x HTTP/1.1", "Accept: text/html")).endsWith("other");
    }

    @Test
    void nullTakesInheritedPagesAwayAndADisabledOneIsNotShown() {
        serve(page("brand", "503").build());
        worker.publish(worker.config()
                .withDefaults(
                        Defaults.DEFAULTS.toBuilder().errorPages(pages("brand")).build()));
        worker.publish(WorkerHarness.route().build());
        assertThat(get("Accept: text/html")).contains("<h1>503");

        worker.publish(WorkerHarness.route().errorPages(Setting.none()).build());
        assertThat(get("Accept: text/html")).doesNotContain("<h1>");

        worker.publish(
                WorkerHarness.route().build(),
                page("brand", "503").enabled(false).build());
        assertThat(get("Accept: text/html")).doesNotContain("<h1>");
    }

    @Test
    void whatARouteOrFilterAnswersItselfStays() {
        FakeFilter filter = new FakeFilter(FilterPhase.TRANSFORM);
        worker.publish(
                WorkerHarness.listener().build(),
                page("brand", "4xx", "5xx").upstream(true).build(),
                RouteConfig.named("a")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .respond(new RespondConfig(404, Optional.of("mine"), "text/plain", Map.of()))
                        .filters(worker.filter("f", filter))
                        .errorPages(pages("brand"))
                        .build());

        assertThat(get("Accept: text/html")).startsWith("HTTP/1.1 404 ").endsWith("\r\n\r\nmine");
    }

    @Nested
    class InThePlaceOfAnUpstreamsError {
        private void serve(boolean isForUpstreams) {
            worker = WorkerHarness.with(WorkerHarness.route(), "10.0.0.1:80");
            worker.publish(
                    page("brand", "404", "5xx").upstream(isForUpstreams).build(),
                    WorkerHarness.route().errorPages(pages("brand")).build());
        }

        private FakeChannel ask(String line) {
            return worker.client(line + " HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
        }

        @Test
        void isShownWithItsStatusAndFieldsAndTheConnectionServesTheNext() {
            serve(true);
            FakeChannel client = ask("GET /");
            worker.endpoint()
                    .deliver("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Type: text/plain\r\nETag: \"a\"\r\n");
            worker.endpoint().deliver("Set-Cookie: a=b\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n");
            assertThat(client.sent()).isEmpty();
            worker.endpoint().deliver("secret");

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("Retry-After: 7\r\n", "Set-Cookie: a=b\r\n", "Content-Type: text/html; charset=utf-8\r\n")
                    .contains("<h1>503 Service Unavailable</h1>upstream ")
                    .doesNotContain("secret", "ETag", "Content-Encoding", "text/plain", "X-Penstock-Reason");
            ask("GET /");
            assertThat(worker.connects()).isEqualTo(1);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }

        @Test
        void isShownAtOnceWhereTheBodyIsLongOrOfUnknownLength() {
            serve(true);
            FakeChannel client = ask("GET /");
            worker.endpoint().deliver("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsecre");

            assertThat(client.sent()).contains("<h1>500 ").doesNotContain("secre", "chunked");
            client = ask("GET /");
            worker.endpoint().deliver("HTTP/1.1 404 No\r\nContent-Length: 99999999\r\n\r\nsecret");
            assertThat(client.sent()).contains("<h1>404 ").doesNotContain("secret");
        }

        @Test
        void isNotShownForOtherAnswersOrWithoutBeingAsked() {
            serve(true);
            FakeChannel client = ask("GET /");
            worker.endpoint().deliver("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
            assertThat(client.sent()).endsWith("no");

            serve(false);
            client = ask("GET /");
            worker.endpoint().deliver("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno");
            assertThat(client.sent()).endsWith("no");
        }

        @Test
        void isTheLengthAloneForAHeadRequest() {
            serve(true);
            FakeChannel client = ask("HEAD /");
            worker.endpoint().deliver("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\n");

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("Content-Type: text/html; charset=utf-8\r\n")
                    .containsPattern("Content-Length: [0-9]{2,}\r\n")
                    .endsWith("\r\n\r\n")
                    .doesNotContain("<h1>");
        }

        @Test
        void isTheGatewaysOwnRefusalWhereTheBodyBreaksOff() {
            serve(true);
            FakeChannel client = ask("GET /");
            worker.endpoint().deliver("HTTP/1.1 503 No\r\nContent-Length: 20\r\n\r\nno");
            worker.endpoint().fail(CloseCause.RESET);

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 502 ")
                    .contains("X-Penstock-Reason: upstream-reset\r\n", "<h1>502");
        }
    }
}
