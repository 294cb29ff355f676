package io.penstock.exchange;

import static io.penstock.worker.FakeBodyFilter.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.FilterConfig;
import io.penstock.config.RouteTimeouts;
import io.penstock.config.ServiceConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.Verdict;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.FakeBodyFilter;
import io.penstock.worker.WorkerHarness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters that look at bodies part by part: what they change, how long they may wait, and what they cost others. */
final class BodyHooksTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    private static final Verdict FAILED = new Verdict.Failed(Reason.FILTER_FAILED, "for the test");
    private static final Verdict TEAPOT =
            new Verdict.Answered(new Answer(418, List.of(), "short".getBytes(StandardCharsets.UTF_8)));

    private final WorkerHarness worker = new WorkerHarness();
    private final FakeBodyFilter outer = new FakeBodyFilter();
    private final FakeBodyFilter inner = new FakeBodyFilter();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private void serve() {
        FilterConfig[] filters = {worker.filter("outer", outer), worker.filter("inner", inner)};
        worker.publish(worker.config()
                .with(WorkerHarness.listener().build())
                .with(WorkerHarness.upstream("10.0.0.1:80", "10.0.0.2:80").build())
                .with(ServiceConfig.named("backend", "backend").build())
                .with(WorkerHarness.route()
                        .filters(filters)
                        .timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(5))))
                        .build()));
    }

    private FakeChannel answered(String response) {
        FakeChannel client = worker.client(GET);
        worker.endpoint().deliver(response);
        return client;
    }

    @Nested
    class OfARequest {
        @Test
        void seeEachPartOuterFirstAndTheEndByItself() {
            outer.onRequestBody(FakeBodyFilter::upper);
            inner.onRequestBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            FakeChannel client = worker.client(POST + "he");
            worker.endpoint();
            client.deliver("llo");

            assertThat(outer.seen()).containsExactly("he", "llo", ".");
            assertThat(inner.seen()).containsExactly("HE", "LLO", ".");
            assertThat(worker.endpoint().sent())
                    .contains("Transfer-Encoding: chunked\r\n")
                    .doesNotContain("Content-Length")
                    .endsWith("\r\n\r\n2\r\nHE\r\n3\r\nLLO\r\n0\r\n\r\n");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void keepTheLengthWhereTheyPromiseTo() {
            outer.keepsLength().onRequestBody(FakeBodyFilter::upper);
            serve();
            worker.client(POST + "hello");

            assertThat(worker.endpoint().sent())
                    .contains("Content-Length: 5\r\n")
                    .endsWith("\r\n\r\nHELLO");
            worker.endpoint().deliver(OK + "hello");
        }

        @ParameterizedTest
        @ValueSource(strings = {"longer than that", "less"})
        void areRefusedWhereTheyBreakTheirPromise(String instead) {
            outer.keepsLength().onRequestBody((chunk, call) -> {
                if (chunk.length() > 0) {
                    chunk.replace(instead.getBytes(StandardCharsets.UTF_8));
                }
                return Verdict.CONTINUE;
            });
            serve();
            FakeChannel client = worker.client(POST + "hello");
            worker.endpoint();

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ").contains("filter-failed");
            assertThat(worker.endpoint().isAborted()).isTrue();
        }

        @Test
        void areNotCalledWhereThereIsNone() {
            outer.onRequestBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            answered(OK + "hello");

            assertThat(outer.seen()).isEmpty();
        }

        @Test
        void dropAPartAndAddAnotherAtTheEnd() {
            outer.onRequestBody((chunk, call) -> {
                chunk.replace(chunk.isLast() ? "bye".getBytes(StandardCharsets.UTF_8) : new byte[0]);
                return Verdict.CONTINUE;
            });
            inner.onRequestBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            worker.client(POST + "hello");

            assertThat(worker.endpoint().sent()).endsWith("\r\n\r\n3\r\nbye\r\n0\r\n\r\n");
            assertThat(inner.seen()).containsExactly("bye.");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void holdTheClientBackWhileTheyWait() {
            List<BodyChunk> chunks = new ArrayList<>();
            outer.onRequestBody((chunk, call) -> {
                chunks.add(chunk);
                return chunk.isLast() ? Verdict.CONTINUE : outer.suspend(call);
            });
            serve();
            FakeChannel client = worker.client(POST + "he");
            worker.endpoint().sent();
            client.deliver("llo");

            assertThat(client.undelivered()).isEqualTo(3);
            assertThat(text(chunks.getFirst())).isEqualTo("he");
            outer.resume(Verdict.CONTINUE);
            worker.loop().run();

            assertThat(worker.endpoint().sent()).isEqualTo("2\r\nhe\r\n");
            outer.resume(Verdict.CONTINUE);
            worker.loop().run();
            assertThat(worker.endpoint().sent()).isEqualTo("3\r\nllo\r\n0\r\n\r\n");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void mayWaitAtTheEnd() {
            outer.onRequestBody((chunk, call) -> chunk.isLast() ? outer.suspend(call) : Verdict.CONTINUE);
            serve();
            worker.client(POST + "hello");
            assertThat(worker.endpoint().sent()).endsWith("5\r\nhello\r\n");

            outer.resume(Verdict.CONTINUE);

            assertThat(worker.endpoint().sent()).isEqualTo("0\r\n\r\n");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void areCancelledWhenTheClientGoes() {
            outer.onRequestBody((chunk, call) -> outer.suspend(call));
            serve();
            FakeChannel client = worker.client(POST + "hello");
            worker.endpoint();

            client.fail(CloseCause.RESET);

            assertThat(outer.cancelled()).isEqualTo(outer.tickets()).hasSize(1);
            outer.resume(Verdict.CONTINUE);
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void areCancelledWhenTheEndpointHasAnsweredWithoutThem() {
            outer.onRequestBody((chunk, call) -> outer.suspend(call));
            serve();
            FakeChannel client = worker.client(POST + "hello");
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 403 ");
            assertThat(outer.cancelled()).isEqualTo(outer.tickets()).hasSize(1);
        }

        @Test
        void areCancelledAtTheTotalTimeout() {
            outer.onRequestBody((chunk, call) -> outer.suspend(call));
            serve();
            FakeChannel client = worker.client(POST + "hello");
            worker.endpoint();
            worker.advance(Duration.ofMillis(5100));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ");
            assertThat(outer.cancelled()).isEqualTo(outer.tickets()).hasSize(1);
        }

        @Test
        void mayRefuse() {
            outer.onRequestBody((chunk, call) -> FAILED);
            serve();
            FakeChannel client = worker.client(POST + "hello");
            worker.endpoint();

            assertThat(client.sent()).startsWith("HTTP/1.1 500 ").contains("filter-failed");
        }

        @Test
        void mayAnswerInsteadOfTheEndpoint() {
            outer.onRequestBody((chunk, call) -> TEAPOT);
            serve();
            FakeChannel client = worker.client(POST + "hello");
            worker.endpoint();

            assertThat(client.sent()).startsWith("HTTP/1.1 418 ").endsWith("short");
        }

        @Test
        void leaveOutWhoeverSaysSo() {
            outer.onRequest(call -> {
                        call.skipBody();
                        return Verdict.CONTINUE;
                    })
                    .onRequestBody(FakeBodyFilter::upper);
            serve();
            worker.client(POST + "hello");

            assertThat(worker.endpoint().sent())
                    .contains("Content-Length: 5\r\n")
                    .endsWith("\r\n\r\nhello");
            assertThat(outer.seen()).isEmpty();
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void meetAnEndpointThatTakesNoMore() {
            outer.onRequestBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            FakeChannel client = worker.client("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
            FakeChannel endpoint = worker.endpoint();
            endpoint.stall();
            for (int i = 0; i < 40; i++) {
                client.deliver("x".repeat(100_000));
            }

            assertThat(client.undelivered()).isPositive();
            endpoint.unstall();
            assertThat(client.undelivered()).isZero();
            endpoint.deliver(OK + "hello");
        }
    }

    @Nested
    class OfAResponse {
        @Test
        void seeEachPartInnerFirstAndChangeTheFraming() {
            inner.onResponseBody(FakeBodyFilter::upper);
            outer.onResponseBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            FakeChannel client = answered(OK + "hello");

            assertThat(inner.seen()).containsExactly("hello", ".");
            assertThat(outer.seen()).containsExactly("HELLO", ".");
            assertThat(client.sent())
                    .contains("Transfer-Encoding: chunked\r\n")
                    .doesNotContain("Content-Length")
                    .endsWith("\r\n\r\n5\r\nHELLO\r\n0\r\n\r\n");
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void keepTheLengthWhereTheyPromiseTo() {
            inner.keepsLength().onResponseBody(FakeBodyFilter::upper);
            serve();

            assertThat(answered(OK + "hello").sent())
                    .contains("Content-Length: 5\r\n")
                    .endsWith("\r\n\r\nHELLO");
        }

        @Test
        void breakTheTransferWhereTheyBreakTheirPromise() {
            inner.keepsLength().onResponseBody((chunk, call) -> {
                chunk.replace("much too long".getBytes(StandardCharsets.UTF_8));
                return Verdict.CONTINUE;
            });
            serve();
            FakeChannel client = answered(OK + "hello");

            assertThat(client.sent()).endsWith("\r\n\r\n");
            assertThat(client.isAborted()).isTrue();
            assertThat(worker.count(Reason.FILTER_FAILED)).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 204 No Content\r\n\r\n",
                    "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                })
        void leaveAnswersWithoutABodyAsTheyAre(String answer) {
            inner.onResponseBody(FakeBodyFilter::upper);
            serve();
            FakeChannel client = answered(answer);

            assertThat(client.sent()).doesNotContain("chunked");
            assertThat(inner.seen()).isEmpty();
        }

        @Test
        void leaveTheLengthThatHeadAsksFor() {
            inner.onResponseBody(FakeBodyFilter::upper);
            serve();
            FakeChannel client = worker.client("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");

            assertThat(client.sent()).contains("Content-Length: 5\r\n");
        }

        @Test
        void endWithTheConnectionOfAnOldClient() {
            inner.onResponseBody(FakeBodyFilter::upper);
            serve();
            FakeChannel client = worker.client("GET / HTTP/1.0\r\n\r\n");
            worker.endpoint().deliver(OK + "hello");

            assertThat(client.sent()).contains("Connection: close\r\n").endsWith("\r\n\r\nHELLO");
            assertThat(client.isOpen()).isFalse();
        }

        @Test
        void holdTheEndpointBackWhileTheyWait() {
            inner.onResponseBody((chunk, call) -> chunk.isLast() ? Verdict.CONTINUE : inner.suspend(call));
            serve();
            FakeChannel client = answered(OK + "he");
            client.sent();
            worker.endpoint().deliver("llo");

            assertThat(worker.endpoint().undelivered()).isEqualTo(3);
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();
            assertThat(client.sent()).isEqualTo("2\r\nhe\r\n");
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();

            assertThat(client.sent()).isEqualTo("3\r\nllo\r\n0\r\n\r\n");
        }

        @Test
        void mayWaitWhenTheStreamIsGivenBackAlready() {
            inner.onResponseBody((chunk, call) -> inner.suspend(call));
            serve();
            FakeChannel client = answered(OK + "hello");
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();
            assertThat(client.sent()).endsWith("5\r\nhello\r\n");
            assertThat(worker.exchanges().running()).isEqualTo(1);
            inner.resume(Verdict.CONTINUE);

            assertThat(client.sent()).isEqualTo("0\r\n\r\n");
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void areCancelledWhenTheClientGoes() {
            inner.onResponseBody((chunk, call) -> inner.suspend(call));
            serve();
            FakeChannel client = answered(OK + "he");
            client.fail(CloseCause.RESET);

            assertThat(inner.cancelled()).isEqualTo(inner.tickets()).hasSize(1);
            assertThat(worker.endpoint().isAborted()).isTrue();
        }

        @Test
        void areCancelledWhenTheEndpointBreaks() {
            inner.onResponseBody((chunk, call) -> inner.suspend(call));
            serve();
            FakeChannel client = answered(OK + "he");
            worker.endpoint().fail(CloseCause.RESET);

            assertThat(inner.cancelled()).isEqualTo(inner.tickets()).hasSize(1);
            assertThat(client.isAborted()).isTrue();
        }

        @Test
        void meetAClientThatReadsNoMore() {
            inner.onResponseBody((chunk, call) -> Verdict.CONTINUE);
            serve();
            FakeChannel client = answered("HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n");
            client.stall();
            for (int i = 0; i < 40; i++) {
                worker.endpoint().deliver("x".repeat(100_000));
            }

            assertThat(worker.endpoint().undelivered()).isPositive();
            client.unstall();
            assertThat(worker.endpoint().undelivered()).isZero();
            assertThat(worker.exchanges().running()).isZero();
        }
    }

    @Nested
    class OfTrailers {
        private static final String CHUNKED =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n";

        @Test
        void seeAndChangeThem() {
            inner.onTrailers((trailers, call) -> {
                trailers.set("X-Sum", "2");
                trailers.add("X-More", "yes");
                return Verdict.CONTINUE;
            });
            serve();

            assertThat(answered(CHUNKED).sent()).endsWith("0\r\nX-Sum: 2\r\nX-More: yes\r\n\r\n");
            assertThat(inner.seen()).containsExactly("trailers 1");
        }

        @Test
        void areCalledWhereThereAreNone() {
            inner.onTrailers((trailers, call) -> Verdict.CONTINUE);
            serve();

            assertThat(answered(OK + "hello").sent()).endsWith("hello");
            assertThat(inner.seen()).containsExactly("trailers 0");
        }

        @Test
        void mayWait() {
            inner.onTrailers((trailers, call) -> inner.suspend(call));
            serve();
            FakeChannel client = answered(CHUNKED);
            assertThat(client.sent()).endsWith("5\r\nhello\r\n");
            inner.resume(Verdict.CONTINUE);

            assertThat(client.sent()).isEqualTo("0\r\nX-Sum: 1\r\n\r\n");
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void ofOneExchangeAreNotTheNextOnes() {
            inner.onTrailers((trailers, call) -> Verdict.CONTINUE);
            serve();
            answered(CHUNKED);

            assertThat(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                            .sent())
                    .doesNotContain("X-Sum");
        }
    }

    @Nested
    class OfATry {
        @Test
        void knowTheEndpointAndEditTheHeadThatLeaves() {
            inner.onUpstreamRequest(call -> {
                call.request().fields().set("X-Signed", "yes");
                return Verdict.CONTINUE;
            });
            serve();
            worker.client(GET);

            assertThat(worker.endpoint().sent()).contains("X-Signed: yes\r\n");
            assertThat(inner.seen()).hasSize(1);
            assertThat(inner.seen().getFirst()).matches("try 1 backend 10\\.0\\.0\\.[12]:80");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void areCalledForTheNextTryToo() {
            inner.onUpstreamRequest(call -> Verdict.CONTINUE);
            serve();
            worker.publish(WorkerHarness.upstream("10.0.0.1:80").build());
            worker.client(GET);
            worker.endpoint().deliver(OK + "hello");
            FakeChannel client = worker.client(GET);
            worker.endpoint().fail(CloseCause.RESET);
            worker.endpoint().deliver(OK + "hello");

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
            assertThat(inner.seen())
                    .containsExactly(
                            "try 1 backend 10.0.0.1:80", "try 1 backend 10.0.0.1:80", "try 2 backend 10.0.0.1:80");
        }

        @Test
        void mayWait() {
            inner.onUpstreamRequest(inner::suspend);
            serve();
            worker.client(POST + "hello");
            assertThat(worker.endpoint().sent()).isEmpty();
            inner.resume(Verdict.CONTINUE);
            worker.loop().run();

            assertThat(worker.endpoint().sent()).startsWith("POST /a ").endsWith("hello");
            worker.endpoint().deliver(OK + "hello");
        }

        @Test
        void beginAgainWhereTheConnectionWasClosedWhileTheyWaited() {
            inner.onUpstreamRequest(inner::suspend);
            serve();
            FakeChannel client = worker.client(GET);
            worker.endpoint().fail(CloseCause.RESET);

            assertThat(inner.cancelled()).hasSize(1);
            worker.endpoint();
            inner.resume(Verdict.CONTINUE);
            worker.endpoint().deliver(OK + "hello");
            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
            assertThat(inner.tickets()).hasSize(2);
        }

        @Test
        void areCancelledWhenTheClientGoesAndGiveTheConnectionBack() {
            inner.onUpstreamRequest(inner::suspend);
            serve();
            FakeChannel client = worker.client(GET);
            worker.endpoint();
            client.fail(CloseCause.RESET);

            assertThat(inner.cancelled()).isEqualTo(inner.tickets()).hasSize(1);
            assertThat(worker.endpoint().isOpen()).isTrue();
        }

        @Test
        void mayAnswer() {
            inner.onUpstreamRequest(call -> TEAPOT);
            serve();
            FakeChannel client = worker.client(GET);
            worker.endpoint();

            assertThat(client.sent()).startsWith("HTTP/1.1 418 ");
        }
    }

    @Nested
    class WhoAreTold {
        @Test
        void hearOfARefusalOnceBeforeItLeaves() {
            outer.hearsErrors();
            inner.onRequest(call -> FAILED);
            serve();

            assertThat(worker.client(GET).sent()).startsWith("HTTP/1.1 500 ");
            assertThat(outer.seen()).containsExactly("error filter-failed /a");
        }

        @Test
        void hearOfAClientThatWentAway() {
            outer.hearsErrors();
            serve();
            FakeChannel client = worker.client(GET);
            worker.endpoint();
            client.fail(CloseCause.RESET);

            assertThat(outer.seen()).containsExactly("error client-closed /a");
        }

        @Test
        void hearOfTheEndWithItsFigures() {
            outer.hearsEnds();
            serve();
            worker.client(POST + "hello");
            worker.endpoint().deliver(OK + "world");

            assertThat(outer.seen()).hasSize(1);
            assertThat(outer.seen().getFirst())
                    .startsWith("log 200  5/5 backend 10.0.0.")
                    .endsWith(":80 1 /a 192.0.2.7");
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void hearOfTheEndOfExchangesThatTheWorkersEndCuts() {
            outer.hearsEnds();
            serve();
            worker.client(GET);
            worker.endpoint();
            worker.close();

            assertThat(outer.seen()).hasSize(1);
        }

        @Test
        void doNotDelayTheNextRequestOfTheConnection() {
            outer.hearsEnds();
            serve();
            FakeChannel client = worker.client(GET + GET);
            worker.endpoint().deliver(OK + "world");
            worker.endpoint().deliver(OK + "again");

            assertThat(client.sent()).endsWith("again");
            assertThat(outer.seen()).hasSize(2);
        }
    }
}
