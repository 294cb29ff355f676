package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.DurationText;
import io.penstock.config.PathMatch;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.RouteTimeouts;
import io.penstock.http.WebSocketKey;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import io.penstock.http2.PeerSettings;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.TrailEntry;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets whose client speaks HTTP/2 (RFC 8441), frame by frame, through a whole worker; the endpoint speaks HTTP/1.1. */
final class Http2WebSocketTest {
    private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: ([^\r]+)\r\n");
    private static final String PING = "\u0089\u0080abcd";
    private static final String GOING_AWAY = "\u0088\u0002\u0003\u00e9";

    private final Http2Answers answers = new Http2Answers();
    private WorkerHarness worker = serving(WorkerHarness.route());
    private FakeChannel client = connected();

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private static WorkerHarness serving(RouteConfig.Builder route) {
        WorkerHarness harness = WorkerHarness.with(route, "10.0.0.1:80");
        harness.publish(WorkerHarness.listener().http2(true).build());
        return harness;
    }

    private FakeChannel connected() {
        FakeChannel made = worker.client();
        made.deliver(Http2Wire.client().take());
        return made;
    }

    private void serve(RouteConfig.Builder route) {
        worker.close();
        worker = serving(route);
        client = connected();
    }

    private static String[] connect(String... more) {
        String[] head = {
            ":method", "CONNECT",
            ":protocol", "websocket",
            ":scheme", "https",
            ":path", "/chat?room=1",
            ":authority", "a",
            "sec-websocket-version", "13",
            "sec-websocket-protocol", "chat"
        };
        String[] all = new String[head.length + more.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(more, 0, all, head.length, more.length);
        return all;
    }

    private void send(Http2Wire wire) {
        client.deliver(wire.take());
        look();
    }

    private void look() {
        worker.run();
        answers.sent(client.sent());
    }

    private static Http2Wire wire() {
        return new Http2Wire();
    }

    private void ask(int stream, String... more) {
        send(wire().headers(stream, false, Http2Wire.block(connect(more))));
    }

    // What the endpoint was asked, which it agrees to.
    private FakeChannel accept(String asked) {
        Matcher key = KEY.matcher(asked);
        assertThat(key.find()).isTrue();
        FakeChannel endpoint = worker.endpoint();
        endpoint.deliver("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: " + WebSocketKey.accept(key.group(1))
                + "\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
        look();
        return endpoint;
    }

    private FakeChannel open() {
        ask(1);
        return accept(worker.endpoint().sent());
    }

    @Nested
    class WhenItOpens {
        @Test
        void isOfferedToEveryClient() {
            look();

            String settings = answers.frames().getFirst().text();
            assertThat(settings).contains("\0\10\0\0\0\1");
        }

        @Test
        void asksTheEndpointAsByHttp1() {
            ask(1, "origin", "https://a");
            String asked = worker.endpoint().sent();

            assertThat(asked)
                    .startsWith("GET /chat?room=1 HTTP/1.1\r\nHost: a\r\n")
                    .contains("Connection: upgrade\r\n")
                    .containsIgnoringCase("Upgrade: websocket\r\n")
                    .contains("sec-websocket-version: 13\r\n", "sec-websocket-protocol: chat\r\n", "origin: https://a")
                    .doesNotContain("Transfer-Encoding")
                    .doesNotContain("Content-Length");
            accept(asked);

            assertThat(answers.head(1))
                    .startsWith(":status: 200\n")
                    .containsIgnoringCase("sec-websocket-protocol: chat\n")
                    .doesNotContainIgnoringCase("sec-websocket-accept")
                    .doesNotContainIgnoringCase("upgrade")
                    .doesNotContain("content-length");
            assertThat(answers.isEnded(1)).isFalse();
            assertThat(worker.count(Counter.TUNNELS)).isEqualTo(1);
        }

        @Test
        void keepsWhatTheClientSendsBefore() {
            ask(1);
            String asked = worker.endpoint().sent();
            send(wire().data(1, PING, false));
            assertThat(worker.endpoint().sent()).isEmpty();

            FakeChannel endpoint = accept(asked);

            assertThat(endpoint.sent()).isEqualTo(PING);
        }

        @Test
        void showsAKeyOfItsOwnEachTime() {
            ask(1, "sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==");
            Matcher first = KEY.matcher(worker.endpoint().sent());
            assertThat(first.find()).isTrue();
            assertThat(first.group(1)).isNotEqualTo("AAAAAAAAAAAAAAAAAAAAAA==").hasSize(24);
            assertThat(first.find()).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"})
        void believesNoEndpointThatDoesNotProveIt(String field) {
            ask(1);
            worker.endpoint()
                    .deliver("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + field
                            + "\r\n");
            look();

            assertThat(answers.head(1)).startsWith(":status: 502\n").contains("x-penstock-reason: upstream-protocol\n");
            assertThat(answers.resets(1)).containsExactly(ErrorCode.NO_ERROR);
        }

        @Test
        void passesARefusalOn() {
            ask(1);
            worker.endpoint().deliver("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            look();

            assertThat(answers.head(1)).startsWith(":status: 403\n");
            assertThat(answers.body(1)).isEqualTo("no");
            assertThat(answers.isEnded(1)).isTrue();
        }

        @Test
        void isNotTakenForOpenWhereTheEndpointIgnoresIt() {
            ask(1);
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
            look();

            assertThat(answers.head(1)).startsWith(":status: 502\n").contains("upstream-protocol");
        }

        @Test
        void isNotTakenForOpenWhereTheRouteAnswersItself() {
            worker.publish(RouteConfig.named("fixed")
                    .matches(RouteMatch.of(PathMatch.prefix("/chat")))
                    .respond(new RespondConfig(200, Optional.of("hi"), "text/plain", Map.of()))
                    .build());
            ask(1);

            assertThat(answers.head(1)).startsWith(":status: 403\n").contains("upgrade-refused");
        }

        @Test
        void isRefusedWhereTheRouteDoesNotAllowIt() {
            serve(WorkerHarness.route().upgrades());
            ask(1);

            assertThat(answers.head(1)).startsWith(":status: 403\n").contains("upgrade-refused");
            assertThat(worker.connects()).isZero();
        }
    }

    @Nested
    class WhileItLasts {
        @Test
        void carriesBytesBothWays() {
            FakeChannel endpoint = open();

            send(wire().data(1, PING, false));
            endpoint.deliver("\u008a\u0000");
            look();

            assertThat(endpoint.sent()).isEqualTo(PING);
            assertThat(answers.body(1)).isEqualTo("\u008a\u0000");
        }

        @Test
        void leavesRoomForOthersOnItsConnection() {
            open();
            send(wire().get(3, "/"));
            worker.endpoint().deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            look();

            assertThat(answers.body(3)).isEqualTo("ok");
            assertThat(answers.isEnded(1)).isFalse();
        }

        @Test
        void readsTheEndpointOnlyWhileTheClientTakes() {
            FakeChannel endpoint = open();

            endpoint.deliver("x".repeat(PeerSettings.WINDOW_BYTES + 1));
            look();

            assertThat(answers.body(1).length()).isEqualTo(PeerSettings.WINDOW_BYTES);
            assertThat(endpoint.isReceiving()).isFalse();
            send(wire().window(0, 1000).window(1, 1000));
            assertThat(answers.body(1).length()).isEqualTo(PeerSettings.WINDOW_BYTES + 1);
            assertThat(endpoint.isReceiving()).isTrue();
        }

        @Test
        void opensTheClientsWindowByWhatTheEndpointTakes() {
            FakeChannel endpoint = open();

            for (int i = 0; i < 4; i++) {
                send(wire().data(1, "y".repeat(16_000), false));
            }

            assertThat(endpoint.sent().length()).isEqualTo(64_000);
            assertThat(answers.frames(FrameType.WINDOW_UPDATE, 1)).isNotEmpty();
        }

        @Test
        void maySayNothingForLongerThanABody() {
            serve(WorkerHarness.route()
                    .timeouts(new RouteTimeouts(
                            Optional.empty(), Optional.of(DurationText.parse("10m")), Optional.empty())));
            ask(1);
            FakeChannel endpoint = accept(worker.endpoint().sent());

            worker.advance(Duration.ofMinutes(9));
            look();
            send(wire().data(1, PING, false));

            assertThat(endpoint.sent()).isEqualTo(PING);
            assertThat(answers.resets(1)).isEmpty();
        }
    }

    @Nested
    class WhenItEnds {
        @Test
        void passesTheEndOfEitherSideOn() {
            FakeChannel endpoint = open();

            send(wire().data(1, "last", true));
            assertThat(endpoint.sent()).isEqualTo("last");
            assertThat(endpoint.isFinished()).isTrue();
            endpoint.deliver("words");
            look();
            assertThat(answers.isEnded(1)).isFalse();
            endpoint.endInput();
            look();

            assertThat(answers.body(1)).isEqualTo("words");
            assertThat(answers.isEnded(1)).isTrue();
            assertThat(answers.resets(1)).isEmpty();
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void goesOnTheOtherWayWhenTheEndpointEndsFirst() {
            FakeChannel endpoint = open();

            endpoint.endInput();
            look();
            assertThat(answers.isEnded(1)).isTrue();
            send(wire().data(1, "more", false));
            assertThat(endpoint.sent()).isEqualTo("more");
            send(wire().data(1, "", true));

            assertThat(worker.exchanges().running()).isZero();
            assertThat(answers.resets(1)).isEmpty();
        }

        @Test
        void hearsOfAnEndpointThatIsLostByAReset() {
            FakeChannel endpoint = open();

            endpoint.fail(CloseCause.RESET);
            look();

            assertThat(answers.resets(1)).containsExactly(ErrorCode.CANCEL);
        }

        @Test
        void tellsTheEndpointOfAClientThatResets() {
            FakeChannel endpoint = open();

            send(wire().reset(1, ErrorCode.CANCEL));

            assertThat(endpoint.isAborted()).isTrue();
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void saysGoodbyeAfterItsSilence() {
            FakeChannel endpoint = open();

            worker.advance(Duration.ofSeconds(61));
            look();

            assertThat(answers.body(1)).isEqualTo(GOING_AWAY);
            assertThat(answers.isEnded(1)).isTrue();
            assertThat(endpoint.sent()).startsWith("\u0088\u0082").hasSize(8);
            assertThat(worker.count(Reason.TUNNEL_IDLE)).isEqualTo(1);
        }

        @Test
        void saysGoodbyeWhenTheWorkerStops() {
            FakeChannel endpoint = open();

            worker.drain();
            look();
            assertThat(answers.isEnded(1)).isFalse();
            worker.close();
            answers.sent(client.sent());

            assertThat(answers.body(1)).isEqualTo(GOING_AWAY);
            assertThat(answers.isEnded(1)).isTrue();
            assertThat(endpoint.sent()).hasSize(8);
        }

        @Test
        void isRecordedAsATunnel() {
            FakeChannel endpoint = open();
            send(wire().data(1, "four", true));
            endpoint.deliver("sixsix");
            endpoint.endInput();
            look();

            TrailEntry record = worker.records().getFirst();
            assertThat(record.status()).isEqualTo(101);
        }
    }

    @Nested
    class WhenItIsMalformed {
        private void refused(String reason, String... head) {
            send(wire().headers(1, false, Http2Wire.block(head)));

            assertThat(answers.head(1)).startsWith(":status: 400\n").contains("x-penstock-reason: " + reason + "\n");
            assertThat(worker.connects()).isZero();
        }

        @Test
        void isRefusedForAnotherProtocol() {
            refused(
                    "bad-upgrade",
                    ":method",
                    "CONNECT",
                    ":protocol",
                    "connect-udp",
                    ":scheme",
                    "https",
                    ":path",
                    "/",
                    ":authority",
                    "a");
        }

        @Test
        void isRefusedWithALength() {
            refused("bad-upgrade", connect("content-length", "0"));
        }

        @Test
        void isRefusedWhereItIsNoConnect() {
            refused(
                    "bad-field",
                    ":method",
                    "GET",
                    ":protocol",
                    "websocket",
                    ":scheme",
                    "https",
                    ":path",
                    "/",
                    ":authority",
                    "a");
            assertThat(answers.resets(1)).containsExactly(ErrorCode.PROTOCOL_ERROR);
        }

        @Test
        void isRefusedWithoutAPath() {
            refused("bad-request-line", ":method", "CONNECT", ":protocol", "websocket", ":authority", "a");
        }

        @Test
        void isRefusedWhereItEndsWithItsHead() {
            send(wire().headers(1, true, Http2Wire.block(connect())));

            assertThat(answers.head(1)).startsWith(":status: 400\n").contains("bad-upgrade");
        }
    }
}
