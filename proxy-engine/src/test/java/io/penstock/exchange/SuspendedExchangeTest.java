package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.FilterConfig;
import io.penstock.config.RouteTimeouts;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeFilter;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A filter that answers later: nothing is lost, nothing is done twice, whoever gives up first. */
final class SuspendedExchangeTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Verdict TEAPOT = new Verdict.Answered(new Answer(
            418, List.of(Map.entry("X-From", "filter")), "short and stout".getBytes(StandardCharsets.UTF_8)));
    private static final Verdict FAILED = new Verdict.Failed(Reason.FILTER_FAILED, "for the test");

    private final WorkerHarness worker = new WorkerHarness();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve(FakeFilter... filters) {
        FilterConfig[] configs = new FilterConfig[filters.length];
        for (int i = 0; i < filters.length; i++) {
            configs[i] = worker.filter("f" + i, filters[i]);
        }
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route()
                        .filters(configs)
                        .timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(5))))
                        .build()));
    }

    @Nested
    class InARequestHook {
        @ParameterizedTest
        @EnumSource(FilterPhase.class)
        void goesOnWhereItStoodWhenResumed(FilterPhase phase) {
            FakeFilter filter = new FakeFilter(phase).onRequest(Verdict.SUSPENDED);
            serve(filter);
            FakeChannel client = worker.client(GET);

            assertThat(worker.connects()).isZero();
            filter.resume(Verdict.CONTINUE);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
            assertThat(filter.cancelled()).isEmpty();
            assertThat(worker.exchanges().running()).isZero();
        }

        @ParameterizedTest
        @EnumSource(FilterPhase.class)
        void isCancelledOnceWhenTheClientGoes(FilterPhase phase) {
            FakeFilter filter = new FakeFilter(phase).onRequest(Verdict.SUSPENDED);
            serve(filter);
            FakeChannel client = worker.client(GET);

            client.fail(CloseCause.RESET);

            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
            assertThat(worker.exchanges().running()).isZero();
        }

        @ParameterizedTest
        @EnumSource(FilterPhase.class)
        void endsWith504AtTheTotalTimeout(FilterPhase phase) {
            FakeFilter filter = new FakeFilter(phase).onRequest(Verdict.SUSPENDED);
            serve(filter);
            FakeChannel client = worker.client(GET);

            worker.advance(Duration.ofMillis(5100));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("X-Penstock-Reason: total-timeout\r\n");
            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
            assertThat(worker.exchanges().running()).isZero();
        }

        @ParameterizedTest
        @EnumSource(FilterPhase.class)
        void ignoresATicketOfAnExchangeThatHasEnded(FilterPhase phase) {
            FakeFilter filter = new FakeFilter(phase).onRequest(Verdict.SUSPENDED);
            serve(filter);
            worker.client(GET).fail(CloseCause.RESET);
            FakeChannel second = worker.client(GET);
            long stale = filter.tickets().getFirst();

            filter.resume(stale, TEAPOT);

            assertThat(second.sent()).isEmpty();
            filter.resume(Verdict.CONTINUE);
            filter.resume(Verdict.CONTINUE);
            worker.endpoint().deliver(OK);
            assertThat(second.sent()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(worker.connects()).isEqualTo(1);
        }

        @ParameterizedTest
        @EnumSource(FilterPhase.class)
        void mayAnswerInsteadOfTheEndpoint(FilterPhase phase) {
            FakeFilter filter = new FakeFilter(phase).onRequest(Verdict.SUSPENDED);
            serve(filter);
            FakeChannel client = worker.client(GET);

            filter.resume(TEAPOT);

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 418 ")
                    .contains("X-From: filter\r\n")
                    .endsWith("\r\n\r\nshort and stout");
            assertThat(worker.connects()).isZero();
        }

        @ParameterizedTest
        @EnumSource(FilterPhase.class)
        void mayFail(FilterPhase phase) {
            FakeFilter filter = new FakeFilter(phase).onRequest(Verdict.SUSPENDED);
            serve(filter);
            FakeChannel client = worker.client(GET);

            filter.resume(FAILED);

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 500 ")
                    .contains("X-Penstock-Reason: filter-failed\r\n")
                    .doesNotContain("for the test");
        }

        @Test
        void mayBeResumedBeforeTheHookReturns() {
            FakeFilter filter = new FakeFilter(FilterPhase.AUTH)
                    .onRequest(Verdict.SUSPENDED)
                    .resumesInside();
            serve(filter);
            FakeChannel client = worker.client(GET);

            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n");
        }

        @Test
        void takesTheBodyOnlyAfterwards() {
            FakeFilter filter = new FakeFilter(FilterPhase.TRANSFORM).onRequest(Verdict.SUSPENDED);
            serve(filter);
            FakeChannel client = worker.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");

            assertThat(client.undelivered()).isEqualTo(5);
            filter.resume(Verdict.CONTINUE);

            assertThat(worker.endpoint().sent()).endsWith("\r\n\r\nhello");
        }

        @Test
        void isNotTakenForAClientThatIsSlowWithItsBody() {
            FakeFilter filter = new FakeFilter(FilterPhase.TRANSFORM).onRequest(Verdict.SUSPENDED);
            worker.publish(worker.config()
                    .with(WorkerHarness.listener().build())
                    .with(WorkerHarness.route()
                            .service("backend")
                            .filters(worker.filter("f", filter))
                            .build())
                    .with(WorkerHarness.upstream("10.0.0.1:80").build())
                    .with(ServiceConfig.named("backend", "backend").build()));
            FakeChannel client = worker.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");

            worker.advance(Duration.ofSeconds(30));

            assertThat(client.sent()).isEmpty();
            filter.resume(Verdict.CONTINUE);
            worker.endpoint().deliver(OK);
            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Nested
    class InTheResponseHook {
        private final FakeFilter filter = new FakeFilter(FilterPhase.TRANSFORM).onResponse(Verdict.SUSPENDED);

        @Test
        void sendsTheResponseWhenResumed() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).isEmpty();
            filter.resume(Verdict.CONTINUE);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
        }

        @Test
        void keepsAnAnswerWithoutABodyWhoseConnectionServesOthersMeanwhile() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\n\r\n");
            filter.onResponse(Verdict.CONTINUE);
            FakeChannel other = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nETag: \"two\"\r\nContent-Length: 0\r\n\r\n");

            filter.resume(Verdict.CONTINUE);

            assertThat(worker.connects()).isEqualTo(1);
            assertThat(other.sent()).contains("ETag: \"two\"");
            assertThat(client.sent()).startsWith("HTTP/1.1 304 ").contains("ETag: \"one\"");
        }

        @Test
        void keepsAChunkedAnswerThatTurnsOutToBeEmpty() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");

            assertThat(client.sent()).isEmpty();
            filter.resume(Verdict.CONTINUE);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").contains("Content-Length: 0\r\n");
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void keepsAnAnswerThatEndsWithItsConnectionBeforeAnyByte() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            FakeChannel endpoint = worker.endpoint();
            endpoint.deliver("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            endpoint.endInput();

            filter.resume(Verdict.CONTINUE);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").contains("Content-Length: 0\r\n");
        }

        @Test
        void isCancelledOnceWhenTheClientGoes() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);

            client.fail(CloseCause.RESET);

            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
            assertThat(worker.endpoint().isAborted()).isTrue();
        }

        @Test
        void isCancelledAndNotAskedAgainAtTheTotalTimeout() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);

            worker.advance(Duration.ofMillis(5100));
            filter.resume(Verdict.CONTINUE);

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ");
            assertThat(filter.cancelled()).isEqualTo(filter.tickets()).hasSize(1);
            assertThat(filter.responses()).isEqualTo(1);
        }

        @Test
        void endsWith502WhenTheEndpointBreaksMeanwhile() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");

            worker.endpoint().fail(CloseCause.RESET);

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("X-Penstock-Reason: upstream-reset\r\n");
            assertThat(filter.cancelled()).hasSize(1);
        }

        @Test
        void mayReplaceTheAnswer() {
            serve(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);

            filter.resume(TEAPOT);

            assertThat(client.sent()).startsWith("HTTP/1.1 418 ").endsWith("short and stout");
        }

        @Test
        void takesNoMoreOfTheBodyOnceTheEndpointHasAnswered() {
            serve(filter);
            FakeChannel client = worker.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");

            client.deliver("world");
            filter.resume(Verdict.CONTINUE);

            assertThat(client.sent()).startsWith("HTTP/1.1 403 ");
            client.deliver(GET);
            filter.onResponse(Verdict.CONTINUE);
            worker.endpoint().deliver(OK);
        }
    }

    @Nested
    class WithoutATotalTimeout {
        private void serveUnbounded(FakeFilter... filters) {
            serve(filters);
            worker.publish(worker.config().routes().find("all").orElseThrow().toBuilder()
                    .timeouts(new RouteTimeouts(Optional.of(Duration.ZERO)))
                    .build());
        }

        @ParameterizedTest
        @EnumSource(FilterPhase.class)
        void aRequestHookEndsWith500AfterAMinute(FilterPhase phase) {
            FakeFilter filter = new FakeFilter(phase).onRequest(Verdict.SUSPENDED);
            serveUnbounded(filter);
            FakeChannel client = worker.client(GET);

            worker.advance(Duration.ofSeconds(59));
            assertThat(client.sent()).isEmpty();
            worker.advance(Duration.ofSeconds(2));

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ").contains("X-Penstock-Reason: filter-failed\r\n");
            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
        }

        @Test
        void aResponseHookEndsWith500AfterAMinute() {
            FakeFilter filter = new FakeFilter(FilterPhase.TRANSFORM).onResponse(Verdict.SUSPENDED);
            serveUnbounded(filter);
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);

            worker.advance(Duration.ofSeconds(61));

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ").contains("X-Penstock-Reason: filter-failed\r\n");
            assertThat(filter.cancelled()).isEqualTo(filter.tickets());
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void eachSuspensionHasItsOwnMinute() {
            FakeFilter first = new FakeFilter(FilterPhase.ACCESS).onRequest(Verdict.SUSPENDED);
            FakeFilter second = new FakeFilter(FilterPhase.AUTH).onRequest(Verdict.SUSPENDED);
            serveUnbounded(first, second);
            FakeChannel client = worker.client(GET);

            worker.advance(Duration.ofSeconds(50));
            first.resume(Verdict.CONTINUE);
            worker.advance(Duration.ofSeconds(50));
            second.resume(Verdict.CONTINUE);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Nested
    class WhenTwoFiltersWait {
        @Test
        void tellsOfTheTotalTimeoutWithoutAFilterThatKeepsTheRefusal() {
            FakeFilter outermost = new FakeFilter(FilterPhase.ACCESS);
            FakeFilter outer = new FakeFilter(FilterPhase.AUTH).onResponse(Verdict.SUSPENDED);
            FakeFilter inner = new FakeFilter(FilterPhase.TRANSFORM).onRequest(Verdict.SUSPENDED);
            serve(outermost, outer, inner);
            FakeChannel client = worker.client(GET);
            worker.advance(Duration.ofMillis(5100));

            worker.advance(Duration.ofMillis(1100));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("X-Penstock-Reason: total-timeout\r\n");
            assertThat(outer.cancelled()).isEqualTo(outer.tickets());
            assertThat(outermost.responses()).isZero();
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void sharesOneMomentAmongAllHooksThatKeepTheRefusal() {
            FakeFilter outer = new FakeFilter(FilterPhase.ACCESS).onResponse(Verdict.SUSPENDED);
            FakeFilter inner = new FakeFilter(FilterPhase.AUTH).onResponse(Verdict.SUSPENDED);
            FakeFilter slow = new FakeFilter(FilterPhase.TRANSFORM).onRequest(Verdict.SUSPENDED);
            serve(outer, inner, slow);
            FakeChannel client = worker.client(GET);
            worker.advance(Duration.ofMillis(5100));

            worker.advance(Duration.ofMillis(700));
            inner.resume(Verdict.CONTINUE);
            worker.advance(Duration.ofMillis(400));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ");
            assertThat(outer.cancelled()).isEqualTo(outer.tickets()).hasSize(1);
        }

        @Test
        void cancelsTheFirstBeforeTheSecondIsAskedAboutTheRefusal() {
            FakeFilter outer = new FakeFilter(FilterPhase.ACCESS).onResponse(Verdict.SUSPENDED);
            FakeFilter inner = new FakeFilter(FilterPhase.TRANSFORM).onRequest(Verdict.SUSPENDED);
            serve(outer, inner);
            FakeChannel client = worker.client(GET);

            worker.advance(Duration.ofMillis(5100));

            assertThat(inner.cancelled()).isEqualTo(inner.tickets());
            assertThat(outer.tickets()).doesNotContainAnyElementsOf(inner.tickets());
            inner.resume(TEAPOT);
            assertThat(client.sent()).isEmpty();
            outer.resume(Verdict.CONTINUE);
            assertThat(client.sent()).startsWith("HTTP/1.1 504 ");
        }
    }

    @Test
    void isCancelledWhenTheWorkerStops() {
        FakeFilter filter = new FakeFilter(FilterPhase.AUTH).onRequest(Verdict.SUSPENDED);
        serve(filter);
        worker.client(GET);

        worker.close();

        assertThat(filter.cancelled()).isEqualTo(filter.tickets());
        assertThat(filter.closedTimes()).isLessThanOrEqualTo(1);
    }

    @Test
    void closesAFilterOnceAfterTheLastExchangeThatHoldsIt() {
        FakeFilter filter = new FakeFilter(FilterPhase.AUTH).onRequest(Verdict.SUSPENDED);
        serve(filter);
        FakeChannel client = worker.client(GET);

        worker.publish(WorkerHarness.route().build());
        assertThat(filter.closedTimes()).isZero();
        filter.resume(Verdict.CONTINUE);
        worker.endpoint().deliver(OK);

        assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(filter.closedTimes()).isEqualTo(1);
    }
}
