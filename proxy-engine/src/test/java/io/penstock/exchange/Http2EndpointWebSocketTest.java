package io.penstock.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.UpstreamProtocol;
import io.penstock.http.WebSocketKey;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import io.penstock.http2.PeerSettings;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.CloseCause;
import io.penstock.transport.FakeChannel;
import io.penstock.worker.WorkerHarness;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** WebSockets whose endpoint speaks HTTP/2 (RFC 8441), frame by frame, through a whole worker; clients speak either version. */
final class Http2EndpointWebSocketTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ASK = "GET /chat?room=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n\r\n";
    private static final String PING = "\u0089\u0080abcd";
    private static final String GOING_AWAY = "\u0088\u0002\u0003\u00e9";

    private final WorkerHarness worker = started();
    private final Http2Answers asked = new Http2Answers();

    private static WorkerHarness started() {
        WorkerHarness harness = WorkerHarness.to("10.0.0.1:80");
        harness.publish(
                WorkerHarness.upstream("10.0.0.1:80")
                        .protocol(UpstreamProtocol.HTTP2)
                        .build(),
                WorkerHarness.listener().http2(true).build());
        return harness;
    }

    @AfterEach
    void nothingIsLeft() {
        worker.close();
    }

    private FakeChannel endpoint() {
        return worker.endpoint();
    }

    private Http2Answers asked() {
        String sent = endpoint().sent();
        return asked.sent(sent.startsWith(Http2Wire.PREFACE) ? sent.substring(Http2Wire.PREFACE.length()) : sent);
    }

    private void says(Http2Wire wire) {
        endpoint().deliver(wire.take());
        worker.run();
    }

    private static Http2Wire wire() {
        return new Http2Wire();
    }

    private static Http2Wire welcome() {
        return wire().settings(PeerSettings.ENABLE_CONNECT_PROTOCOL, 1);
    }

    private FakeChannel open() {
        FakeChannel client = worker.client(ASK);
        says(welcome());
        asked();
        says(wire().headers(1, false, Http2Wire.block(":status", "200", "sec-websocket-protocol", "chat")));
        assertThat(client.sent()).startsWith("HTTP/1.1 101 ");
        return client;
    }

    @Nested
    class WhenItOpens {
        @Test
        void isAConnectThatNamesItsProtocol() {
            FakeChannel client = worker.client(ASK);
            assertThat(asked().head(1)).as("before the settings").isEmpty();
            says(welcome());

            assertThat(asked().head(1))
                    .startsWith(
                            ":scheme: http\n:method: CONNECT\n:path: /chat?room=1\n:protocol: websocket\n:authority: a\n")
                    .contains("sec-websocket-version: 13\n")
                    .doesNotContain("sec-websocket-key")
                    .doesNotContain("upgrade")
                    .doesNotContain("connection");
            assertThat(asked.isEnded(1)).isFalse();
            says(wire().headers(
                            1,
                            false,
                            Http2Wire.block(
                                    ":status", "200", "sec-websocket-protocol", "chat", "content-length", "7")));

            assertThat(client.sent())
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .contains("Connection: upgrade\r\n", "Upgrade: websocket\r\n", "sec-websocket-protocol: chat\r\n")
                    .contains("Sec-WebSocket-Accept: " + WebSocketKey.accept(KEY) + "\r\n")
                    .doesNotContainIgnoringCase("content-length");
            assertThat(worker.count(Counter.TUNNELS)).isEqualTo(1);
            client.fail(CloseCause.RESET);
            worker.run();
            assertThat(asked().resets(1)).containsExactly(ErrorCode.CANCEL);
        }

        @Test
        void isRefusedWhereTheEndpointDoesNotTakeIt() {
            FakeChannel client = worker.client(ASK);
            says(wire().settings());

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("upstream-no-upgrade");
            assertThat(asked().head(1)).isEmpty();
            assertThat(worker.count(Reason.UPSTREAM_NO_UPGRADE)).isEqualTo(1);
        }

        @Test
        void isRefusedOnAConnectionThatIsKnownAtOnce() {
            worker.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            says(wire().settings());
            says(wire().headers(1, true, Http2Wire.block(":status", "204")));

            FakeChannel client = worker.client(ASK);
            worker.run();

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("upstream-no-upgrade");
        }

        @Test
        void waitsForSettingsNoLongerThanForAnAnswer() {
            FakeChannel client = worker.client(ASK);
            endpoint();

            worker.advance(Duration.ofSeconds(31));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("first-byte-timeout");
        }

        @Test
        void waitsForAnAnswerNoLongerThanOthers() {
            FakeChannel client = worker.client(ASK);
            says(welcome());

            worker.advance(Duration.ofSeconds(31));

            assertThat(client.sent()).startsWith("HTTP/1.1 504 ").contains("first-byte-timeout");
            assertThat(asked().resets(1)).containsExactly(ErrorCode.CANCEL);
        }

        @Test
        void isAskedAgainWhileItsConnectionsAreLost() {
            FakeChannel client = worker.client(ASK);
            for (int i = 0; i < 4; i++) {
                assertThat(client.sent()).isEmpty();
                endpoint().fail(CloseCause.RESET);
                worker.run();
                worker.advance(Duration.ofSeconds(1));
            }
            assertThat(worker.connects()).isEqualTo(4);

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ");
        }

        @Test
        void isForgottenWithAClientThatGoesWhileItWaits() {
            FakeChannel client = worker.client(ASK);
            endpoint();
            client.fail(CloseCause.RESET);
            worker.run();
            says(welcome());

            assertThat(asked().head(1)).isEmpty();
        }

        @Test
        void passesARefusalOn() {
            FakeChannel client = worker.client(ASK);
            says(welcome());
            says(wire().headers(1, false, Http2Wire.block(":status", "403", "content-length", "2"))
                    .data(1, "no", true));

            assertThat(client.sent()).startsWith("HTTP/1.1 403 ").endsWith("\r\n\r\nno");
            assertThat(asked().resets(1)).containsExactly(ErrorCode.NO_ERROR);
        }

        @Test
        void knowsNoOtherProtocols() {
            worker.publish(WorkerHarness.route().upgrades("websocket", "spdy/3").build());
            FakeChannel client = worker.client(ASK.replace("Upgrade: websocket", "Upgrade: spdy/3"));
            says(welcome());

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("upstream-no-upgrade");
        }

        @Test
        void staysHttp2FromEndToEnd() {
            FakeChannel client = worker.client();
            client.deliver(Http2Wire.client()
                    .headers(
                            1,
                            false,
                            Http2Wire.block(
                                    ":method",
                                    "CONNECT",
                                    ":protocol",
                                    "websocket",
                                    ":scheme",
                                    "https",
                                    ":path",
                                    "/chat",
                                    ":authority",
                                    "a"))
                    .take());
            says(welcome());
            asked();
            says(wire().headers(1, false, Http2Wire.block(":status", "200")).data(1, "hello", false));

            Http2Answers answers = new Http2Answers().sent(client.sent());
            assertThat(answers.head(1)).startsWith(":status: 200\n").doesNotContainIgnoringCase("sec-websocket");
            assertThat(answers.body(1)).isEqualTo("hello");
            client.deliver(wire().data(1, PING, true).take());
            assertThat(asked().body(1)).isEqualTo(PING);
            assertThat(asked.isEnded(1)).isTrue();
            says(wire().data(1, "", true));

            assertThat(answers.sent(client.sent()).isEnded(1)).isTrue();
            assertThat(worker.exchanges().running()).isZero();
        }
    }

    @Nested
    class WhileItLasts {
        @Test
        void carriesBytesBothWays() {
            FakeChannel client = open();

            client.deliver(PING);
            says(wire().data(1, "\u008a\0", false));

            assertThat(asked().body(1)).isEqualTo(PING);
            assertThat(client.sent()).isEqualTo("\u008a\0");
        }

        @Test
        void sharesItsConnectionWithOthers() {
            open();
            FakeChannel other = worker.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            says(wire().headers(3, false, Http2Wire.block(":status", "200")).data(3, "ok", true));

            assertThat(other.sent()).contains("ok");
            assertThat(worker.connects()).isEqualTo(1);
        }

        @Test
        void readsTheClientOnlyWhileTheEndpointTakes() {
            FakeChannel client = open();

            client.deliver("x".repeat(PeerSettings.WINDOW_BYTES + 1));

            assertThat(asked().body(1).length()).isEqualTo(PeerSettings.WINDOW_BYTES);
            assertThat(client.isReceiving()).isFalse();
            says(wire().window(0, 1000).window(1, 1000));
            assertThat(asked().body(1).length()).isEqualTo(PeerSettings.WINDOW_BYTES + 1);
            assertThat(client.isReceiving()).isTrue();
        }

        @Test
        void opensTheEndpointsWindowByWhatTheClientTakes() {
            FakeChannel client = open();
            client.stall();

            for (int i = 0; i < 4; i++) {
                says(wire().data(1, "y".repeat(16_000), false));
            }
            assertThat(asked().frames(FrameType.WINDOW_UPDATE, 1)).hasSizeLessThan(2);
            client.fail(CloseCause.RESET);
            worker.run();
        }
    }

    @Nested
    class WhenItEnds {
        @Test
        void passesTheEndOfEitherSideOn() {
            FakeChannel client = open();

            client.deliver("last");
            client.endInput();
            assertThat(asked().body(1)).isEqualTo("last");
            assertThat(asked.isEnded(1)).isTrue();
            says(wire().data(1, "words", false));
            assertThat(client.sent()).isEqualTo("words");
            says(wire().data(1, "", true));

            assertThat(client.isFinished()).isTrue();
            assertThat(asked().resets(1)).isEmpty();
            assertThat(worker.exchanges().running()).isZero();
        }

        @Test
        void goesOnTheOtherWayWhenTheEndpointEndsFirst() {
            FakeChannel client = open();

            says(wire().data(1, "", true));
            assertThat(client.isFinished()).isTrue();
            client.deliver("more");
            assertThat(asked().body(1)).isEqualTo("more");
            client.endInput();

            assertThat(asked().isEnded(1)).isTrue();
            assertThat(asked.resets(1)).isEmpty();
            assertThat(worker.exchanges().running()).isZero();
            assertThat(worker.count(Counter.UPSTREAM_CONNECTIONS_IDLE)).isEqualTo(1);
        }

        @Test
        void isBrokenByAResetOfTheEndpoint() {
            FakeChannel client = open();

            says(wire().reset(1, ErrorCode.CANCEL));

            assertThat(client.isAborted()).isTrue();
            assertThat(worker.count(Reason.UPSTREAM_RESET)).isEqualTo(1);
        }

        @Test
        void saysGoodbyeAfterItsSilence() {
            FakeChannel client = open();

            worker.advance(Duration.ofSeconds(61));

            assertThat(client.sent()).isEqualTo(GOING_AWAY);
            assertThat(asked().body(1)).startsWith("\u0088\u0082").hasSize(8);
            assertThat(asked.isEnded(1)).isTrue();
            assertThat(asked.resets(1)).containsExactly(ErrorCode.NO_ERROR);
            assertThat(worker.count(Reason.TUNNEL_IDLE)).isEqualTo(1);
        }

        @Test
        void isBrokenWhereTheEndpointEndsItWithItsYes() {
            FakeChannel client = worker.client(ASK);
            says(welcome());
            says(wire().headers(1, true, Http2Wire.block(":status", "200")));

            assertThat(client.sent()).startsWith("HTTP/1.1 502 ").contains("upstream-protocol");
        }
    }

    @Test
    void takesNoSettingBack() {
        open();
        says(wire().settings(PeerSettings.ENABLE_CONNECT_PROTOCOL, 0));

        assertThat(asked().goAways()).containsExactly(ErrorCode.PROTOCOL_ERROR);
    }
}
