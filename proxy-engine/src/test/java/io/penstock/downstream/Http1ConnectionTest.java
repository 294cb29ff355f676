package io.penstock.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.ListenerTimeouts;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteTimeouts;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import io.penstock.worker.WorkerReply;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1 towards clients, byte for byte, through a whole worker. */
final class Http1ConnectionTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String EMPTY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private static final String CHUNKED_POST = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final WorkerHarness worker = WorkerHarness.to("10.0.0.1:80");

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static String post(int length) {
        return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static String get(String target, String fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    }

    private static String answerWith(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    @Nested
    class OnOneConnection {
        @Test
        void servesOneRequestAfterAnother() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);
            assertThat(client.sent()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");

            client.deliver(GET);
            worker.endpoint().deliver(answerWith("again"));

            assertThat(client.sent()).endsWith("\r\n\r\nagain");
            assertThat(worker.connects()).isEqualTo(1);
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void answersPipelinedRequestsInOrder() {
            FakeChannel client = worker.client(get("/1", "") + get("/2", "") + get("/3", "Connection: close\r\n"));

            for (int i = 1; i <= 3; i++) {
                assertThat(worker.endpoint().sent()).startsWith("GET /" + i + " HTTP/1.1\r\n");
                worker.endpoint().deliver(answerWith("answer " + i));
            }

            String sent = client.sent();
            assertThat(sent.indexOf("answer 1")).isPositive().isLessThan(sent.indexOf("answer 2"));
            assertThat(sent.indexOf("answer 2")).isLessThan(sent.indexOf("answer 3"));
            assertThat(client.isClosed()).isTrue();
        }

        @Test
        void reassemblesAHeadThatComesByteByByte() {
            FakeChannel client = worker.client();
            for (int i = 0; i < GET.length(); i++) {
                client.deliver(GET.substring(i, i + 1));
            }
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void readsNoFurtherRequestWhileItsAnswersAreNotTaken() {
            FakeChannel client = worker.client();
            client.stall();
            client.deliver(GET + GET);
            worker.endpoint().deliver(answerWith("x".repeat(Channel.HIGH_WATER_BYTES)));

            assertThat(client.undelivered()).isEqualTo(GET.length());
            assertThat(worker.exchanges().running()).isZero();
            worker.endpoint().sent();
            client.unstall();

            assertThat(worker.endpoint().sent()).startsWith("GET / ");
        }

        @Test
        void answersAClientThatHasHalfClosed() {
            FakeChannel client = worker.client(GET);
            client.endInput();

            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
            assertThat(client.isClosed()).isTrue();
        }

        @Test
        void answersAllThatWasPipelinedBeforeTheHalfClose() {
            FakeChannel client = worker.client(GET + GET);
            client.endInput();

            worker.endpoint().deliver(answerWith("one"));
            worker.endpoint().deliver(answerWith("two"));

            assertThat(client.sent()).contains("\r\n\r\none").endsWith("\r\n\r\ntwo");
            assertThat(client.isClosed()).isTrue();
        }

        @Test
        void closesSilentlyWhereNothingWasAsked() {
            FakeChannel client = worker.client();

            client.endInput();

            assertThat(client.sent()).isEmpty();
            assertThat(client.isClosed()).isTrue();
            assertThat(worker.count(Counter.REQUESTS)).isZero();
        }

        @Test
        void refusesAHeadBeyondRepairAndLingersUntilTheClientCloses() {
            FakeChannel client = worker.client("GET /\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 400 ")
                    .contains("Connection: close\r\n")
                    .contains("X-Penstock-Reason: ");
            assertThat(client.isFinished()).isTrue();
            client.deliver("more of it");
            assertThat(client.isAborted()).isFalse();
            client.endInput();
            assertThat(client.isOpen()).isFalse();
            assertThat(worker.connects()).isZero();
        }

        @Test
        void lingersForTwoSecondsAtMost() {
            FakeChannel client = worker.client("nonsense\r\n\r\n");

            worker.advance(Duration.ofMillis(2100));

            assertThat(client.isAborted()).isTrue();
        }

        @Test
        void endsWithTheRequestsUnderWayWhenItsListenerIsRemovedWhileAHeadArrives() {
            FakeChannel idle = worker.client();
            idle.deliver(GET);
            worker.endpoint().deliver(EMPTY);
            idle.sent();
            FakeChannel half = worker.client("GET / HTTP/1.1\r\nHo");

            worker.publish(worker.config().without(ResourceType.LISTENERS, WorkerHarness.WEB));
            half.deliver("st: a\r\n\r\n");
            worker.endpoint().deliver(EMPTY);

            assertThat(idle.isClosed()).isTrue();
            assertThat(half.sent()).contains("Connection: close\r\n");
            assertThat(half.isClosed()).isTrue();
        }
    }

    @Nested
    class Responses {
        @Test
        void ofHeadHaveTheLengthAndNoBody() {
            FakeChannel client = worker.client("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");

            assertThat(client.sent()).contains("Content-Length: 1000\r\n").endsWith("\r\n\r\n");
            client.deliver(GET);
            worker.endpoint().deliver(OK);
            assertThat(client.sent()).endsWith("\r\n\r\nok");
        }

        @ParameterizedTest
        @ValueSource(strings = {"204 No Content", "304 Not Modified"})
        void withoutABodyEndWithTheirHead(String status) {
            FakeChannel client = worker.client(GET + GET);
            worker.endpoint().deliver("HTTP/1.1 " + status + "\r\n\r\n");

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 " + status + "\r\n")
                    .doesNotContain("Content-Length")
                    .doesNotContain("Transfer-Encoding")
                    .endsWith("\r\n\r\n");
            worker.endpoint().deliver(OK);
            assertThat(client.sent()).endsWith("\r\n\r\nok");
        }

        @Test
        void areChunkedWithTheirTrailers() {
            FakeChannel client = worker.client(GET);
            FakeChannel endpoint = worker.endpoint();
            endpoint.deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
            endpoint.deliver("3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n");

            assertThat(client.sent())
                    .contains("Transfer-Encoding: chunked\r\n")
                    .contains("abc")
                    .doesNotContain("ext")
                    .endsWith("0\r\nX-Sum: 5\r\n\r\n");
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void thatEndWithTheEndpointsConnectionBecomeChunked() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.0 200 OK\r\n\r\nall");
            worker.endpoint().endInput();

            assertThat(client.sent()).contains("Transfer-Encoding: chunked\r\n").endsWith("3\r\nall\r\n0\r\n\r\n");
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void ofUnknownLengthEndAnOldClientsConnection() {
            FakeChannel client = worker.client("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");

            assertThat(client.sent())
                    .contains("Connection: close\r\n")
                    .doesNotContain("chunked")
                    .endsWith("\r\n\r\nabc");
            assertThat(client.isClosed()).isTrue();
        }

        @Test
        void tellAnOldClientThatTheConnectionIsKept() {
            FakeChannel client = worker.client("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).containsIgnoringCase("Connection: keep-alive\r\n");
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void endTheConnectionOfAnOldClientThatDidNotAskToKeepIt() {
            FakeChannel client = worker.client("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("\r\n\r\nok");
            assertThat(client.isClosed()).isTrue();
        }

        @Test
        void thatAreTruncatedAreBrokenAtTheClient() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");

            worker.endpoint().endInput();

            assertThat(client.sent()).doesNotContain("0\r\n\r\n");
            assertThat(client.isAborted()).isTrue();
            assertThat(worker.count(Reason.UPSTREAM_RESET)).isEqualTo(1);
        }

        @Test
        void passInformationalHeadsOnButNotToAnOldClient() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + OK);
            FakeChannel old = worker.client("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
            worker.endpoint().deliver("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + OK);

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 103 ")
                    .contains("Link: </a.css>\r\n")
                    .endsWith("ok");
            assertThat(old.sent()).doesNotContain(" 103 ");
        }
    }

    @Nested
    class RequestBodies {
        @Test
        void arePassedOnWithTheirLength() {
            FakeChannel client = worker.client(post(10) + "hello");
            FakeChannel endpoint = worker.endpoint();
            client.deliver("world");

            assertThat(endpoint.sent()).contains("Content-Length: 10\r\n").endsWith("\r\n\r\nhelloworld");
            endpoint.deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void areChunkedWithTheirTrailers() {
            FakeChannel client =
                    worker.client(CHUNKED_POST + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n" + GET);
            FakeChannel endpoint = worker.endpoint();

            assertThat(endpoint.sent())
                    .contains("Transfer-Encoding: chunked\r\n")
                    .contains("hello")
                    .doesNotContain("x=y")
                    .endsWith("0\r\nX-Sum: 11\r\n\r\n");
            endpoint.deliver(OK);
            endpoint.deliver(OK);
            assertThat(client.sent().split("HTTP/1.1 200 OK", -1)).hasSize(3);
        }

        @Test
        void thatBreakTheChunkGrammarAreRefused() {
            FakeChannel client = worker.client(CHUNKED_POST);
            worker.endpoint();
            client.deliver("zz\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 400 ").contains("X-Penstock-Reason: bad-chunk\r\n");
            assertThat(worker.endpoint().isAborted()).isTrue();
            assertThat(client.isFinished()).isTrue();
        }

        @Test
        void declaredTooLongAreRefusedBeforeAnyByte() {
            worker.publish(WorkerHarness.route()
                    .body(new BodyConfig(Optional.of(ByteSize.parse("1KiB"))))
                    .build());
            FakeChannel client = worker.client(post(1025));

            assertThat(client.sent()).startsWith("HTTP/1.1 413 ").contains("X-Penstock-Reason: body-too-large\r\n");
            assertThat(worker.connects()).isZero();
            client.deliver("x".repeat(1025) + GET);
            worker.endpoint().deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void thatGrowTooLongAreRefusedOnTheWay() {
            worker.publish(WorkerHarness.route()
                    .body(new BodyConfig(Optional.of(ByteSize.parse("1KiB"))))
                    .build());
            FakeChannel client = worker.client(CHUNKED_POST);
            worker.endpoint();
            client.deliver("400\r\n" + "x".repeat(1024) + "\r\n");
            assertThat(client.sent()).isEmpty();
            client.deliver("1\r\nx\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 413 ").contains("Connection: close\r\n");
            assertThat(worker.endpoint().isAborted()).isTrue();
            assertThat(client.isFinished()).isTrue();
        }

        @Test
        void areReadAndDroppedAfterAnEarlyAnswer() {
            FakeChannel client = worker.client(post(10) + "hello");
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");

            assertThat(client.sent()).startsWith("HTTP/1.1 403 ").endsWith("no");
            client.deliver("world" + GET);
            worker.endpoint().deliver(OK);

            assertThat(client.sent()).endsWith("ok");
            assertThat(worker.connects()).isEqualTo(2);
        }

        @Test
        void thatGoOnAndOnAfterAnEarlyAnswerEndTheConnection() {
            FakeChannel client = worker.client(post(10_000_000) + "hello");
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            for (int i = 0; i < 17; i++) {
                client.deliver("x".repeat(32 * 1024));
            }

            assertThat(client.sent()).endsWith("no");
            assertThat(client.isOpen() && !client.isFinished()).isFalse();
        }

        @Test
        void thatGoOnAndOnDoNotCostTheClientItsEarlyAnswer() {
            FakeChannel client = worker.client(post(10_000_000) + "hello");
            client.stall();
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");

            for (int i = 0; i < 100; i++) {
                client.deliver("x".repeat(32 * 1024));
            }
            worker.advance(Duration.ofSeconds(5));

            assertThat(client.isAborted()).isFalse();
            client.unstall();
            worker.advance(Duration.ofMillis(2100));
            assertThat(client.isAborted()).isTrue();
        }

        @Test
        void thatGoOnAndOnAreNotTakenForLongFromAClientThatReadsNothing() {
            FakeChannel client = worker.client(post(10_000_000) + "hello");
            client.stall();
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            for (int i = 0; i < 9; i++) {
                client.deliver("x".repeat(32 * 1024));
            }

            worker.advance(Duration.ofSeconds(61));

            assertThat(client.isAborted()).isTrue();
        }

        @Test
        void ofWhichTheRestNeverComesAreNotWaitedForAfterAnEarlyAnswer() {
            FakeChannel client = worker.client(post(10) + "hello");
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");

            worker.advance(Duration.ofSeconds(6));

            assertThat(client.isOpen()).isFalse();
        }
    }

    @Nested
    class WhenTheClientExpectsToBeToldToContinue {
        private static final String EXPECTING =
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";

        @Test
        void passesTheEndpoints100On() {
            FakeChannel client = worker.client(EXPECTING);
            FakeChannel endpoint = worker.endpoint();
            assertThat(endpoint.sent()).containsIgnoringCase("Expect: 100-continue\r\n");

            endpoint.deliver("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(client.sent()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.deliver("hello");

            assertThat(endpoint.sent()).isEqualTo("hello");
            endpoint.deliver(OK);
            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
            assertThat(client.isOpen()).isTrue();
        }

        @Test
        void tellsItAfterASecondWhereTheEndpointIsSilent() {
            FakeChannel client = worker.client(EXPECTING);
            FakeChannel endpoint = worker.endpoint();
            endpoint.sent();
            worker.advance(Duration.ofMillis(900));
            assertThat(client.sent()).isEmpty();

            worker.advance(Duration.ofMillis(200));

            assertThat(client.sent()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            client.deliver("hello");
            assertThat(endpoint.sent()).isEqualTo("hello");
            endpoint.deliver(OK);
        }

        @Test
        void tellsItOnceWhereTheEndpointIsLate() {
            FakeChannel client = worker.client(EXPECTING);
            FakeChannel endpoint = worker.endpoint();
            worker.advance(Duration.ofMillis(1100));
            client.sent();

            endpoint.deliver("HTTP/1.1 100 Continue\r\n\r\n");
            client.deliver("hello");
            endpoint.deliver("HTTP/1.1 100 Continue\r\n\r\n" + OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        }

        @Test
        void tellsItOnceWhereTheRequestIsSentAgain() {
            worker.client(GET);
            FakeChannel stale = worker.endpoint();
            stale.deliver(OK);
            FakeChannel client = worker.client(EXPECTING.replace("POST", "PUT"));
            worker.advance(Duration.ofMillis(1100));
            assertThat(client.sent()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");

            stale.fail(CloseCause.RESET);
            FakeChannel fresh = worker.endpoint();
            client.deliver("hello");
            fresh.deliver("HTTP/1.1 100 Continue\r\n\r\n" + OK);

            assertThat(fresh.sent()).endsWith("hello");
            assertThat(client.sent()).startsWith("HTTP/1.1 200 ").endsWith("ok");
        }

        @Test
        void endsTheConnectionWhereTheEndpointAnswersAtOnce() {
            FakeChannel client = worker.client(EXPECTING);
            worker.endpoint().deliver("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.sent()).startsWith("HTTP/1.1 417 ").contains("Connection: close\r\n");
            assertThat(client.isFinished()).isTrue();
            client.endInput();
            assertThat(client.isOpen()).isFalse();
        }

        @Test
        void takesABodyThatComesUnasked() {
            FakeChannel client = worker.client(EXPECTING + "hello");
            FakeChannel endpoint = worker.endpoint();
            endpoint.deliver("HTTP/1.1 100 Continue\r\n\r\n");

            assertThat(endpoint.sent()).endsWith("hello");
            endpoint.deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }
    }

    @Nested
    class WhereTheClientExpectsNothing {
        @Test
        void dropsAnEndpoints100() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 100 Continue\r\n\r\n" + OK);

            assertThat(client.sent()).startsWith("HTTP/1.1 200 ");
        }

        @Test
        void pilesNoEarlyHintsUpForAClientThatDoesNotRead() {
            String hint = "HTTP/1.1 103 Early Hints\r\nLink: <" + "x".repeat(6000) + ">\r\n\r\n";
            FakeChannel client = worker.client(GET);
            client.stall();

            worker.endpoint().deliver(hint.repeat(60));

            assertThat(client.pendingBytes()).isLessThan(Channel.HIGH_WATER_BYTES + hint.length());
            client.unstall();
            worker.endpoint().deliver(OK);
            assertThat(client.sent()).endsWith("ok");
        }

        @Test
        void endsAnExchangeWhoseEndpointNeverStopsHinting() {
            FakeChannel client = worker.client(GET);

            worker.endpoint().deliver("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(65));

            assertThat(client.sent()).contains("HTTP/1.1 502 ").contains("X-Penstock-Reason: upstream-protocol\r\n");
        }
    }

    @Nested
    class WhenTheClientStopsReadingTheLastAnswer {
        @Test
        void itIsCutEvenWhereItHasTakenMostOfIt() {
            FakeChannel client = worker.client(get("/", "Connection: close\r\n"));
            client.stall();
            worker.endpoint().deliver(answerWith("x".repeat(100_000)));

            client.drain(80_000);
            assertThat(client.isAborted()).isFalse();
            worker.advance(Duration.ofMinutes(3));

            assertThat(client.isAborted()).isTrue();
        }
    }

    @Nested
    class WhenAHeadIsRefused {
        @ParameterizedTest
        @ValueSource(
                strings = {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", "?"})
        void recordsThePeerThatSentIt(String head) {
            worker.client(head);
            worker.advance(Duration.ofSeconds(61));

            assertThat(worker.records()).hasSize(1);
            TrailEntry record = worker.records().getFirst();
            assertThat(record.clientAddress()).isEqualTo("192.0.2.7");
            assertThat(record.reason()).isPresent();
            assertThat(record.status()).isBetween(400, 499);
        }

        @Test
        void recordsNoAddressOfTheRequestBefore() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);
            client.deliver("GET\r\n\r\n");

            assertThat(worker.records()).extracting(TrailEntry::clientAddress).containsOnly("192.0.2.7");
            assertThat(worker.records()).extracting(TrailEntry::status).containsExactly(400, 200);
        }
    }

    @Nested
    class WhenTheClientResets {
        @Test
        void beforeItsHeadIsCompleteNothingIsLogged() {
            worker.client("GET / HT").fail(CloseCause.RESET);

            assertThat(worker.exchanges().running()).isZero();
            assertThat(worker.count(Counter.REQUESTS)).isZero();
        }

        @Test
        void whileConnectingTheConnectionIsGivenUp() {
            worker.client(GET).fail(CloseCause.RESET);

            assertThat(worker.loop().lastConnect().isAborted()).isTrue();
            assertThat(worker.exchanges().running()).isZero();
            assertThat(worker.count(Reason.CLIENT_CLOSED)).isEqualTo(1);
        }

        @Test
        void whileItsBodyIsComingTheEndpointSeesABrokenRequest() {
            FakeChannel client = worker.client(post(10) + "hello");
            worker.endpoint();
            client.fail(CloseCause.RESET);

            assertThat(worker.endpoint().isAborted()).isTrue();
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void whileTheAnswerIsAwaitedTheEndpointIsLetGo() {
            FakeChannel client = worker.client(GET);
            worker.endpoint();
            client.fail(CloseCause.RESET);

            assertThat(worker.endpoint().isAborted()).isTrue();
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void whileTheAnswerIsComingTheEndpointIsLetGo() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
            client.fail(CloseCause.RESET);

            assertThat(worker.endpoint().isAborted()).isTrue();
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void whileTheRestOfItsBodyIsDroppedNothingIsHeld() {
            FakeChannel client = worker.client(post(10) + "hello");
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            client.fail(CloseCause.RESET);

            assertThat(worker.exchanges().running()).isZero();
            assertThat(worker.listenerPermits()).isZero();
        }

        @Test
        void orHalfClosesInsideItsBodyTheExchangeEnds() {
            FakeChannel client = worker.client(post(10) + "hello");
            worker.endpoint();
            client.endInput();

            assertThat(worker.endpoint().isAborted()).isTrue();
            assertThat(client.isOpen()).isFalse();
        }
    }

    @Nested
    class Timeouts {
        @Test
        void closeAConnectionThatNeverAsks() {
            FakeChannel client = worker.client();

            worker.advance(Duration.ofMillis(10_100));

            assertThat(client.isClosed()).isTrue();
            assertThat(client.sent()).isEmpty();
        }

        @Test
        void refuseAFirstHeadThatTrickles() {
            FakeChannel client = worker.client("GET / HTTP/1.1\r\n");
            for (int i = 0; i < 9; i++) {
                worker.advance(Duration.ofSeconds(1));
                client.deliver("X-" + i + ": 1\r\n");
            }
            assertThat(client.sent()).isEmpty();

            worker.advance(Duration.ofMillis(1100));

            assertThat(client.sent()).startsWith("HTTP/1.1 408 ").contains("X-Penstock-Reason: head-timeout\r\n");
        }

        @Test
        void refuseALaterHeadThatTrickles() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);
            worker.advance(Duration.ofSeconds(30));
            client.sent();
            client.deliver("GET / HT");

            worker.advance(Duration.ofMillis(10_100));

            assertThat(client.sent()).startsWith("HTTP/1.1 408 ").contains("X-Penstock-Reason: head-timeout\r\n");
        }

        @Test
        void closeAnIdleConnection() {
            FakeChannel client = worker.client(GET);
            worker.endpoint().deliver(OK);
            client.sent();

            worker.advance(Duration.ofSeconds(59));
            assertThat(client.isOpen()).isTrue();
            worker.advance(Duration.ofMillis(1100));

            assertThat(client.isClosed()).isTrue();
            assertThat(client.sent()).isEmpty();
        }

        @Test
        void refuseABodyWithoutProgress() {
            FakeChannel client = worker.client(post(10));
            worker.endpoint();
            worker.advance(Duration.ofSeconds(9));
            client.deliver("hello");
            worker.advance(Duration.ofSeconds(9));
            assertThat(client.sent()).isEmpty();

            worker.advance(Duration.ofMillis(1100));

            assertThat(client.sent()).startsWith("HTTP/1.1 408 ").contains("X-Penstock-Reason: body-timeout\r\n");
            assertThat(worker.endpoint().isAborted()).isTrue();
        }

        @Test
        void doNotCountAgainstAClientWhoseBodyNobodyTakes() {
            FakeChannel client = worker.client(post(1_000_000));
            FakeChannel endpoint = worker.endpoint();
            endpoint.stall();
            client.deliver("x".repeat(Channel.HIGH_WATER_BYTES));
            assertThat(client.isReceiving()).isFalse();

            worker.advance(Duration.ofSeconds(11));

            assertThat(client.sent()).isEmpty();
        }

        @Test
        void breakAResponseThatIsNotTaken() {
            FakeChannel client = worker.client(GET);
            client.stall();
            worker.endpoint().deliver(answerWith("x".repeat(100_000)));

            worker.advance(Duration.ofMillis(10_100));

            assertThat(client.isAborted()).isTrue();
        }

        @Test
        void countAnUntakenResponseUnderItsReason() {
            FakeChannel client = worker.client(GET);
            client.stall();
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(100_000));

            worker.advance(Duration.ofMillis(10_100));

            assertThat(worker.count(Reason.WRITE_TIMEOUT)).isEqualTo(1);
            assertThat(worker.endpoint().isAborted()).isTrue();
        }

        @Test
        void letASlowClientGoOnTakingBytes() {
            FakeChannel client = worker.client(GET);
            client.stall();
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000));

            for (int i = 0; i < 5; i++) {
                worker.advance(Duration.ofSeconds(9));
                client.drain(10_000);
            }

            assertThat(client.isAborted()).isFalse();
        }

        @Test
        void endTheExchangeAtItsTotal() {
            worker.publish(WorkerHarness.route()
                    .timeouts(new RouteTimeouts(Optional.of(Duration.ofSeconds(3))))
                    .build());
            FakeChannel early = worker.client(GET);
            worker.endpoint();
            worker.advance(Duration.ofMillis(3100));
            FakeChannel late = worker.client(GET);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
            worker.advance(Duration.ofMillis(3100));

            assertThat(early.sent()).startsWith("HTTP/1.1 504 ").contains("X-Penstock-Reason: total-timeout\r\n");
            assertThat(late.isAborted()).isTrue();
        }

        @Test
        void areTheListenersOwn() {
            worker.publish(WorkerHarness.listener()
                    .timeouts(new ListenerTimeouts(
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1)))
                    .build());
            FakeChannel client = worker.client();

            worker.advance(Duration.ofMillis(1100));

            assertThat(client.isClosed()).isTrue();
        }
    }

    @Nested
    class BackPressure {
        @Test
        void stopsTheClientWhileTheEndpointTakesNoMore() {
            FakeChannel client = worker.client(post(1_000_000));
            FakeChannel endpoint = worker.endpoint();
            endpoint.stall();

            client.deliver("x".repeat(Channel.HIGH_WATER_BYTES));
            assertThat(client.isReceiving()).isFalse();
            client.deliver("y".repeat(100));
            assertThat(client.undelivered()).isEqualTo(100);
            endpoint.unstall();

            assertThat(client.isReceiving()).isTrue();
            assertThat(endpoint.sent()).endsWith("y".repeat(100));
        }

        @Test
        void stopsTheEndpointWhileTheClientTakesNoMore() {
            FakeChannel client = worker.client(GET);
            FakeChannel endpoint = worker.endpoint();
            client.stall();

            endpoint.deliver("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            endpoint.deliver("x".repeat(Channel.HIGH_WATER_BYTES));
            endpoint.deliver("y".repeat(100));
            assertThat(endpoint.undelivered()).isEqualTo(100);
            client.unstall();

            assertThat(endpoint.undelivered()).isZero();
            assertThat(client.sent()).endsWith("y".repeat(100));
        }
    }

    @Nested
    class Draining {
        @Test
        void closesIdleConnectionsAndAnswersWhatRuns() {
            FakeChannel idle = worker.client(GET);
            worker.endpoint().deliver(OK);
            FakeChannel busy = worker.client(GET);

            worker.drain();
            assertThat(idle.isClosed()).isTrue();
            assertThat(worker.replies()).noneMatch(reply -> reply instanceof WorkerReply.Drained);
            worker.endpoint().deliver(OK);

            assertThat(busy.sent()).contains("Connection: close\r\n").endsWith("ok");
            assertThat(busy.isClosed()).isTrue();
            assertThat(worker.replies()).anyMatch(reply -> reply instanceof WorkerReply.Drained);
        }

        @Test
        void answersOneMoreRequestOfAnIdleConnectionAndSaysThatItEnds() {
            FakeChannel idle = worker.client(GET);
            worker.endpoint().deliver(OK);

            worker.drain(Duration.ofSeconds(5));
            boolean isClosedAtOnce = idle.isClosed();
            idle.deliver(GET);
            worker.endpoint().deliver(OK);

            assertThat(isClosedAtOnce).isFalse();
            assertThat(idle.sent()).contains("Connection: close\r\n").endsWith("ok");
            assertThat(idle.isClosed()).isTrue();
            assertThat(worker.replies()).anyMatch(reply -> reply instanceof WorkerReply.Drained);
        }

        @Test
        void closesAnIdleConnectionOnceItsTimeIsOver() {
            FakeChannel idle = worker.client(GET);
            worker.endpoint().deliver(OK);
            worker.drain(Duration.ofSeconds(5));

            worker.advance(Duration.ofMillis(4900));
            boolean isClosedEarly = idle.isClosed();
            worker.advance(Duration.ofMillis(200));

            assertThat(isClosedEarly).isFalse();
            assertThat(idle.isClosed()).isTrue();
            assertThat(worker.replies()).anyMatch(reply -> reply instanceof WorkerReply.Drained);
        }

        @Test
        void isNotOverWhileTheBacklogIsStillTakenThoughTheLastConnectionHasEnded() {
            FakeChannel leaving = worker.client();
            worker.loop().holdBacklogs();

            worker.drain();
            leaving.endInput();
            FakeChannel waited = worker.client(GET);
            worker.loop().closeDrained();
            boolean isToldEarly = worker.replies().stream().anyMatch(WorkerReply.Drained.class::isInstance);
            worker.endpoint().deliver(OK);

            assertThat(leaving.isClosed()).isTrue();
            assertThat(isToldEarly).isFalse();
            assertThat(waited.sent()).contains("Connection: close\r\n").endsWith("ok");
            assertThat(worker.replies()).anyMatch(reply -> reply instanceof WorkerReply.Drained);
        }

        @Test
        void servesTheFirstRequestOfAConnectionThatHasJustBeenAccepted() {
            FakeChannel fresh = worker.client();

            worker.drain();
            fresh.deliver(GET);
            worker.endpoint().deliver(OK);

            assertThat(fresh.sent()).contains("Connection: close\r\n").endsWith("ok");
            assertThat(fresh.isClosed()).isTrue();
        }

        @Test
        void waitsOnlyASecondForThatFirstRequest() {
            FakeChannel fresh = worker.client();
            worker.drain();

            worker.advance(Duration.ofMillis(1100));

            assertThat(fresh.isClosed()).isTrue();
            assertThat(worker.replies()).anyMatch(reply -> reply instanceof WorkerReply.Drained);
        }
    }
}
