package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Http1UpstreamConnectionTest {
    private static final Fields NO_TRAILERS = new Fields();

    private final UpstreamHarness harness = UpstreamHarness.of("10.0.0.1:80");

    private FakeChannel channel() {
        return harness.channel();
    }

    private FakeExchange post(String framing) {
        FakeExchange exchange = harness.exchange();
        exchange.stream()
                .sendHead(UpstreamHarness.head("POST /p HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n"), false);
        return exchange;
    }

    private static void send(FakeExchange exchange, String text) {
        exchange.stream().sendBody(UpstreamHarness.bytes(text), 0, text.length());
    }

    @Nested
    final class WhenSending {
        @Test
        void writesTheHeadAfreshWithoutHopByHopFields() {
            FakeExchange exchange = harness.exchange();

            exchange.stream()
                    .sendHead(
                            UpstreamHarness.head(
                                    "GET /a/../b?q=1 HTTP/1.1\r\nHost: shop\r\nConnection: x-y\r\nX-Y: 1\r\nAccept: */*\r\n\r\n"),
                            true);

            assertThat(channel().sent())
                    .startsWith("GET /b?q=1 HTTP/1.1\r\nHost: shop\r\n")
                    .contains("Accept: */*\r\n")
                    .doesNotContain("X-Y")
                    .endsWith("\r\n\r\n");
        }

        @Test
        void sendsABodyOfDeclaredLengthAsItIs() {
            FakeExchange exchange = post("Content-Length: 5");
            send(exchange, "hel");
            send(exchange, "lo");
            exchange.stream().sendEnd(NO_TRAILERS);

            assertThat(channel().sent()).contains("Content-Length: 5\r\n").endsWith("\r\n\r\nhello");
        }

        @Test
        void framesABodyOfUnknownLengthInChunksAndSendsTrailers() {
            Fields trailers = new Fields();
            trailers.add("X-Sum", "7");

            FakeExchange exchange = post("Transfer-Encoding: chunked");
            send(exchange, "hello, gateway!!");
            exchange.stream().sendEnd(trailers);

            assertThat(channel().sent())
                    .contains("Transfer-Encoding: chunked\r\n")
                    .endsWith("\r\n\r\n10\r\nhello, gateway!!\r\n0\r\nX-Sum: 7\r\n\r\n");
        }

        @Test
        void leavesAnEmptyPartOfAChunkedBodyOut() {
            FakeExchange exchange = post("Transfer-Encoding: chunked");
            channel().sent();
            send(exchange, "");

            assertThat(channel().sent()).isEmpty();
        }

        @Test
        void refusesMoreBodyThanWasDeclared() {
            FakeExchange exchange = post("Content-Length: 2");

            assertThatThrownBy(() -> send(exchange, "abc")).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void refusesToEndABodyThatIsTooShort() {
            FakeExchange exchange = post("Content-Length: 2");
            send(exchange, "a");

            assertThatThrownBy(() -> exchange.stream().sendEnd(NO_TRAILERS)).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void tellsWhenTheConnectionTakesOutputAgain() {
            FakeExchange exchange = post("Transfer-Encoding: chunked");
            channel().stall();
            send(exchange, "x".repeat(70_000));
            assertThat(exchange.stream().isSendable()).isFalse();
            exchange.events();

            channel().drain(60_000);

            assertThat(exchange.events()).containsExactly("sendable");
        }
    }

    @Nested
    final class WhenTheAnswerComes {
        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3, 7, 1000})
        void readsAnyFramingHoweverItIsCut(int cut) {
            String[] answers = {
                "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-T: 1\r\n\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
            };
            for (String answer : answers) {
                FakeExchange exchange = harness.get();
                for (int at = 0; at < answer.length(); at += cut) {
                    channel().deliver(answer.substring(at, Math.min(answer.length(), at + cut)));
                }

                assertThat(exchange.body()).isEqualTo("hello world");
                assertThat(exchange.events())
                        .contains("head 200")
                        .last()
                        .asString()
                        .startsWith("end");
            }
            assertThat(harness.loop().connects()).hasSize(1);
        }

        @Test
        void givesTheTrailers() {
            FakeExchange exchange = harness.get();
            channel().deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 9\r\n\r\n");

            assertThat(exchange.events()).endsWith("head 200", "end X-Sum=9");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 204 No Content\r\n\r\n",
                    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                })
        void endsWithTheHeadWhereNoBodyFollows(String answer) {
            FakeExchange exchange = harness.get();
            exchange.events();
            channel().deliver(answer);

            assertThat(exchange.events())
                    .singleElement()
                    .asString()
                    .startsWith("head ")
                    .endsWith(" last");
            assertThat(harness.upstream().endpoint(0).idleConnections()).isEqualTo(1);
        }

        @Test
        void takesNoBodyForHead() {
            FakeExchange exchange = harness.exchange();
            exchange.stream().sendHead(UpstreamHarness.head("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), true);
            exchange.events();
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");

            assertThat(exchange.events()).containsExactly("head 200 last");
            assertThat(harness.upstream().endpoint(0).idleConnections()).isEqualTo(1);
        }

        @Test
        void takesTheEndOfTheConnectionForTheEndOfABodyWithoutLength() {
            FakeExchange exchange = harness.get();
            channel().deliver("HTTP/1.1 200 OK\r\n\r\nhello");
            channel().endInput();

            assertThat(exchange.body()).isEqualTo("hello");
            assertThat(exchange.events()).endsWith("end");
            assertThat(channel().isClosed()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
                    "HTTP/1.1 200 OK\r\nConte"
                })
        void takesATruncatedAnswerForABrokenTransfer(String answer) {
            FakeExchange exchange = harness.get();
            channel().deliver(answer);
            channel().endInput();

            assertThat(exchange.events()).endsWith("failed upstream-reset UNSAFE");
            assertThat(channel().isAborted()).isTrue();
        }

        @Test
        void takesAResetForABrokenTransferEvenWhereTheEndOfInputWouldDo() {
            FakeExchange exchange = harness.get();
            channel().deliver("HTTP/1.1 200 OK\r\n\r\nhello");
            channel().fail(CloseCause.RESET);

            assertThat(exchange.events()).endsWith("failed upstream-reset UNSAFE");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "garbage\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                    "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n",
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
                })
        void refusesBrokenAnswers(String answer) {
            FakeExchange exchange = harness.get();
            channel().deliver(answer);

            assertThat(exchange.events()).endsWith("failed upstream-protocol UNSAFE");
            assertThat(channel().isAborted()).isTrue();
        }

        @Test
        void boundsTheHead() {
            FakeExchange exchange = harness.get();
            channel().deliver("HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 100 && exchange.stream() != null && !channel().isAborted(); i++) {
                channel().deliver("X-" + i + ": " + "v".repeat(1000) + "\r\n");
            }

            assertThat(exchange.events()).endsWith("failed upstream-head-too-large UNSAFE");
        }

        @Test
        void boundsInformationalHeads() {
            FakeExchange exchange = harness.get();
            channel().deliver("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(Http1Response.INFORMATIONAL_MAX + 1));

            assertThat(exchange.events()).endsWith("informational 103", "failed upstream-protocol UNSAFE");
        }

        @Test
        void closesTheConnectionOverBytesThatAreLeft() {
            FakeExchange exchange = harness.get();
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n");

            assertThat(exchange.events()).endsWith("head 200", "end");
            assertThat(channel().isClosed()).isTrue();
            assertThat(harness.upstream().connections()).isZero();
        }

        @Test
        void closesTheConnectionOverBytesBehindAHeadWithoutBody() {
            harness.get();
            channel().deliver("HTTP/1.1 204 No Content\r\n\r\nx");

            assertThat(channel().isClosed()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=0\r\nContent-Length: 0\r\n\r\n"
                })
        void keepsNoConnectionThatTheEndpointWillClose(String answer) {
            harness.get();
            channel().deliver(answer);

            assertThat(channel().isClosed()).isTrue();
        }

        @Test
        void letsAnAnswerComeBeforeTheRequestIsComplete() {
            FakeExchange exchange = post("Content-Length: 100");
            send(exchange, "half");
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
            send(exchange, "more");
            channel().deliver("k");

            assertThat(exchange.body()).isEqualTo("ok");
            assertThat(exchange.events()).endsWith("head 200", "end");
            assertThat(channel().isClosed())
                    .as("the rest of the request is not coming")
                    .isTrue();
        }

        @Test
        void keepsTheConnectionWhereTheRequestWasCompletedDuringTheAnswer() {
            FakeExchange exchange = post("Content-Length: 4");
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
            send(exchange, "body");
            exchange.stream().sendEnd(NO_TRAILERS);
            channel().deliver("k");

            assertThat(harness.upstream().endpoint(0).idleConnections()).isEqualTo(1);
        }

        @Test
        void passes100On() {
            FakeExchange exchange = post("Content-Length: 4\r\nExpect: 100-continue");
            exchange.events();
            channel().deliver("HTTP/1.1 100 Continue\r\n\r\n");
            send(exchange, "body");
            exchange.stream().sendEnd(NO_TRAILERS);
            channel().deliver("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");

            assertThat(exchange.events()).containsExactly("informational 100", "head 201 last");
        }
    }

    @Nested
    final class WhenTheClientIsSlow {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n8\r\nlo world\r\n0\r\n\r\n",
                })
        void holdsTheRestBackAndGivesItAgain(String answer) {
            FakeExchange exchange = harness.get().takes(4);
            channel().deliver(answer);
            assertThat(exchange.body()).isEqualTo("hell");
            assertThat(channel().isReceiving()).isFalse();

            exchange.takes(3);
            exchange.stream().demand(true);
            harness.loop().run();
            assertThat(exchange.body()).isEqualTo("hello w");

            exchange.takes(100);
            exchange.stream().demand(true);
            harness.loop().run();
            assertThat(exchange.body()).isEqualTo("hello world");
            assertThat(exchange.events()).endsWith("end");
        }

        @Test
        void stopsBetweenTwoChunksWhenAskedTo() {
            FakeExchange exchange = harness.get();
            exchange.onBody(() -> exchange.stream().demand(false));
            channel().deliver("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n");

            assertThat(exchange.body()).isEqualTo("a");
            assertThat(exchange.events()).doesNotContain("end");
        }

        @Test
        void receivesAgainWhenTheConnectionBecomesIdle() {
            FakeExchange exchange = harness.get();
            exchange.onBody(() -> exchange.stream().demand(false));
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(exchange.events()).endsWith("end");
            assertThat(channel().isReceiving()).isTrue();
        }

        @Test
        void holdsNoTimeAgainstTheEndpoint() {
            FakeExchange exchange = harness.get().takes(1);
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            exchange.events();

            harness.loop().advance(Duration.ofMinutes(10));

            assertThat(exchange.events()).isEmpty();
        }
    }

    @Nested
    final class WhenAConnectionIsUsedAgain {
        @Test
        void servesTheNextRequestOnTheSameConnection() {
            harness.wholeGet();
            FakeExchange second = harness.get();
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");

            assertThat(second.body()).isEqualTo("two");
            assertThat(second.events()).startsWith("opened reused");
            assertThat(harness.loop().connects()).hasSize(1);
        }

        @Test
        void mayBeginTheNextOneInsideTheEndOfTheLast() {
            FakeExchange next = new FakeExchange();
            FakeExchange first = harness.get();
            first.onEnd(() -> {
                harness.upstream().open(next.request, next);
                next.stream().sendHead(UpstreamHarness.head("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"), true);
            });
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");

            assertThat(next.body()).isEqualTo("two");
            assertThat(harness.loop().connects()).hasSize(1);
        }

        @Test
        void callsALossBeforeTheAnswerStale() {
            harness.wholeGet();
            FakeExchange second = harness.get();
            channel().endInput();

            assertThat(second.events()).endsWith("failed upstream-reset STALE_CONNECTION");
        }

        @Test
        void callsALossAfterOneByteUnsafe() {
            harness.wholeGet();
            FakeExchange second = harness.get();
            channel().deliver("H");
            channel().fail(CloseCause.RESET);

            assertThat(second.events()).endsWith("failed upstream-reset UNSAFE");
        }

        @Test
        void callsALossOfANewConnectionUnsafe() {
            FakeExchange exchange = harness.get();
            channel().endInput();

            assertThat(exchange.events()).endsWith("failed upstream-reset UNSAFE");
        }

        @Test
        void callsALossBeforeTheHeadHarmless() {
            FakeExchange exchange = harness.exchange();
            channel().endInput();

            assertThat(exchange.events()).endsWith("failed upstream-reset NOTHING_SENT");
        }

        @Test
        void takesAFreshOneWhereAskedTo() {
            harness.wholeGet();
            FakeExchange exchange = new FakeExchange();
            exchange.request.needFreshConnection();
            harness.open(exchange, 0);

            assertThat(exchange.events()).containsExactly("opened");
            assertThat(harness.loop().connects()).hasSize(2);
        }

        @Test
        void leavesThePoolWhenTheEndpointClosesIt() {
            harness.wholeGet();
            channel().endInput();

            assertThat(harness.upstream().endpoint(0).idleConnections()).isZero();
            assertThat(harness.upstream().connections()).isZero();
        }

        @Test
        void leavesThePoolWhenTheEndpointSpeaksUnasked() {
            harness.wholeGet();
            channel().deliver("HTTP/1.1 408 Request Timeout\r\n\r\n");

            assertThat(harness.upstream().connections()).isZero();
            assertThat(channel().isClosed()).isTrue();
        }

        @Test
        void goesBackUnusedWhereNothingWasSent() {
            FakeExchange exchange = harness.exchange();
            exchange.stream().reset();

            assertThat(harness.upstream().endpoint(0).idleConnections()).isEqualTo(1);
        }
    }

    @Nested
    final class WhenItIsGivenUp {
        @Test
        void dropsTheConnectionInTheMiddleOfAnExchange() {
            FakeExchange exchange = harness.get();
            exchange.stream().reset();
            harness.loop().run();

            assertThat(channel().isAborted()).isTrue();
            assertThat(harness.upstream().connections()).isZero();
            assertThat(harness.upstream().endpoint(0).inFlightRequests()).isZero();
        }

        @Test
        void tellsNothingMoreAfterAResetInsideABodyCall() {
            FakeExchange exchange = harness.get();
            exchange.onBody(() -> exchange.stream().reset());
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(exchange.events()).endsWith("head 200");
        }

        @Test
        void tellsNothingMoreAfterAResetInsideTheHeadCall() {
            FakeExchange exchange = harness.get();
            exchange.onHead(() -> exchange.stream().reset());
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            assertThat(exchange.body()).isEmpty();
            assertThat(exchange.events()).endsWith("head 200");
        }
    }

    @Nested
    final class WhenItBecomesATunnel {
        private FakeExchange tunnel() {
            FakeExchange exchange = harness.exchange();
            RequestHead head = UpstreamHarness.head(
                    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
            head.forwarding().upgrade(true);
            exchange.stream().sendHead(head, true);
            exchange.onHead(() -> exchange.stream().becomeTunnel());
            exchange.events();
            return exchange;
        }

        private static final String SWITCH =
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

        @Test
        void carriesBytesBothWays() {
            FakeExchange exchange = tunnel();
            channel().deliver(SWITCH + "early");
            channel().sent();
            send(exchange, "from the client");
            channel().deliver(", late");

            assertThat(exchange.events()).containsExactly("head 101");
            assertThat(exchange.body()).isEqualTo("early, late");
            assertThat(channel().sent()).isEqualTo("from the client");
        }

        @Test
        void keepsBytesUntilTheExchangeTakesThem() {
            FakeExchange exchange = tunnel().onHead(() -> {});
            channel().deliver(SWITCH + "early");
            assertThat(exchange.body()).isEmpty();

            exchange.stream().becomeTunnel();
            harness.loop().run();

            assertThat(exchange.body()).isEqualTo("early");
        }

        @Test
        void letsTheClientsDirectionGoOnAfterTheEndpointEnded() {
            FakeExchange exchange = tunnel();
            channel().deliver(SWITCH);
            channel().endInput();
            assertThat(exchange.events()).endsWith("end");
            channel().sent();

            send(exchange, "still here");
            assertThat(channel().sent()).isEqualTo("still here");
            exchange.stream().sendEnd(NO_TRAILERS);
            harness.loop().run();

            assertThat(channel().isFinished()).isTrue();
            assertThat(harness.upstream().connections()).isZero();
            assertThat(harness.upstream().endpoint(0).inFlightRequests()).isZero();
        }

        @Test
        void letsTheEndpointsDirectionGoOnAfterTheClientEnded() {
            FakeExchange exchange = tunnel();
            channel().deliver(SWITCH);
            exchange.stream().sendEnd(NO_TRAILERS);
            channel().deliver("answer");
            channel().endInput();

            assertThat(exchange.body()).isEqualTo("answer");
            assertThat(exchange.events()).endsWith("end");
            assertThat(harness.upstream().connections()).isZero();
        }

        @Test
        void leavesItToTheExchangeHowLongItMayBeSilent() {
            FakeExchange exchange = tunnel();
            channel().deliver(SWITCH);

            harness.loop().advance(Duration.ofHours(25));

            assertThat(exchange.events()).containsExactly("head 101");
        }

        @Test
        void closesInOrderWhatTheExchangeEnds() {
            FakeExchange exchange = tunnel();
            channel().deliver(SWITCH);
            channel().sent();
            channel().stall();
            send(exchange, "last words");

            exchange.stream().closeTunnel();
            harness.loop().run();

            assertThat(channel().sent()).isEqualTo("last words");
            assertThat(channel().isAborted()).isFalse();
            channel().unstall();
            assertThat(harness.upstream().connections()).isZero();
        }
    }

    @Nested
    final class WhenTheEndpointIsSlow {
        @Test
        void failsWithoutAFirstByte() {
            FakeExchange exchange = harness.get();
            harness.loop().advance(Duration.ofMillis(29_900));
            assertThat(exchange.events()).containsExactly("opened");

            harness.loop().advance(Duration.ofMillis(200));

            assertThat(exchange.events()).containsExactly("failed first-byte-timeout UNSAFE");
            assertThat(channel().isAborted()).isTrue();
        }

        @Test
        void countsTheFirstByteFromTheEndOfTheRequest() {
            FakeExchange exchange = post("Content-Length: 2");
            send(exchange, "a");
            harness.loop().advance(Duration.ofSeconds(50));
            assertThat(exchange.events()).as("the client is slow").containsExactly("opened");
            send(exchange, "b");
            exchange.stream().sendEnd(NO_TRAILERS);
            harness.loop().advance(Duration.ofSeconds(29));
            assertThat(exchange.events()).isEmpty();

            harness.loop().advance(Duration.ofMillis(1100));

            assertThat(exchange.events()).containsExactly("failed first-byte-timeout UNSAFE");
        }

        @Test
        void keepsTheTimeForTheFirstByteOverManyRequestsOnOneConnection() {
            for (int i = 0; i < 20; i++) {
                harness.wholeGet();
                harness.loop().advance(Duration.ofMillis(3700));
            }
            FakeExchange exchange = harness.get();
            harness.loop().advance(Duration.ofMillis(29_900));
            assertThat(exchange.events()).containsExactly("opened reused");

            harness.loop().advance(Duration.ofMillis(200));

            assertThat(exchange.events()).containsExactly("failed first-byte-timeout UNSAFE");
        }

        @Test
        void givesTheFinalHeadItsFullTimeAfterAnInformationalOne() {
            FakeExchange exchange = harness.get();
            harness.loop().advance(Duration.ofSeconds(20));
            channel().deliver("HTTP/1.1 103 Early Hints\r\n\r\n");
            harness.loop().advance(Duration.ofSeconds(29));
            assertThat(exchange.events()).containsExactly("opened", "informational 103");

            harness.loop().advance(Duration.ofMillis(1100));

            assertThat(exchange.events()).containsExactly("failed first-byte-timeout UNSAFE");
        }

        @Test
        void letsNoHeadTrickle() {
            FakeExchange exchange = harness.get();
            for (int i = 0; i < 59; i++) {
                channel()
                        .deliver("HTTP/1.1 200 OK\r\nA: 012345678901234567890123456789012345678901234"
                                .substring(i, i + 1));
                harness.loop().advance(Duration.ofSeconds(1));
            }
            assertThat(exchange.events()).containsExactly("opened");

            harness.loop().advance(Duration.ofMillis(1100));

            assertThat(exchange.events()).containsExactly("failed upstream-idle-timeout UNSAFE");
        }

        @Test
        void failsABodyWithoutProgressAndOnlyThen() {
            FakeExchange exchange = harness.get();
            channel().deliver("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
            for (int i = 0; i < 5; i++) {
                harness.loop().advance(Duration.ofSeconds(59));
                channel().deliver("x");
            }
            assertThat(exchange.events()).containsExactly("opened", "head 200");

            harness.loop().advance(Duration.ofMillis(60_100));

            assertThat(exchange.events()).containsExactly("failed upstream-idle-timeout UNSAFE");
        }

        @Test
        void failsWhereTheEndpointStopsTakingTheRequest() {
            FakeExchange exchange = post("Content-Length: 1000000");
            channel().stall();
            send(exchange, "x".repeat(100_000));
            for (int i = 0; i < 10; i++) {
                harness.loop().advance(Duration.ofSeconds(30));
                channel().drain(1000);
            }
            assertThat(exchange.events()).containsExactly("opened");

            harness.loop().advance(Duration.ofSeconds(80));

            assertThat(exchange.events()).containsExactly("failed upstream-idle-timeout UNSAFE");
        }

        @Test
        void abortsAClosedConnectionThatDoesNotDrain() {
            FakeExchange exchange = post("Content-Length: 1000000");
            channel().stall();
            send(exchange, "x".repeat(100_000));
            channel().deliver("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
            assertThat(exchange.events()).endsWith("head 413 last");
            assertThat(harness.upstream().connections()).isEqualTo(1);

            harness.loop().advance(Duration.ofMillis(2100));

            assertThat(channel().isAborted()).isTrue();
            assertThat(harness.upstream().connections()).isZero();
        }
    }
}
