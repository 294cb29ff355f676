package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.http.WebSocketKey;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets of clients of HTTP/2 through real sockets, many on one connection. */
final class Http2WebSocketTrafficTest {
    private static final int SOCKETS = 16;
    private static final Pattern ROOM = Pattern.compile("GET /(\\d+) ");
    private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: ([^\r]+)\r\n");

    @TempDir
    private Path logs;

    private static ListenerConfig listener() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + socket.getLocalPort()))
                    .http2(true)
                    .build();
        }
    }

    private static byte[] connects() {
        Http2Wire wire = Http2Wire.client();
        for (int i = 0; i < SOCKETS; i++) {
            wire.headers(
                    2 * i + 1,
                    false,
                    Http2Wire.block(
                            ":method",
                            "CONNECT",
                            ":protocol",
                            "websocket",
                            ":scheme",
                            "http",
                            ":path",
                            "/" + i,
                            ":authority",
                            "a",
                            "sec-websocket-version",
                            "13"));
        }
        return wire.take();
    }

    // The endpoints' ends, by the number of the WebSocket.
    private static Peer[] accept(EngineRig rig) throws Exception {
        Peer[] endpoints = new Peer[SOCKETS];
        for (int i = 0; i < SOCKETS; i++) {
            Peer endpoint = rig.endpoint();
            String asked = endpoint.readHead();
            Matcher room = ROOM.matcher(asked);
            Matcher key = KEY.matcher(asked);
            assertThat(room.find() && key.find()).isTrue();
            endpoint.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: " + WebSocketKey.accept(key.group(1)) + "\r\n\r\n");
            endpoints[Integer.parseInt(room.group(1))] = endpoint;
        }
        return endpoints;
    }

    @ParameterizedTest
    @CsvSource({"NIO, 1", "EPOLL, 1", "EPOLL, 4", "IO_URING, 4"})
    void carryEachItsOwn(TransportChoice transport, int workers) throws Exception {
        try (EngineRig rig = new EngineRig(transport, workers, logs, listener())) {
            Peer client = rig.client();
            client.send(connects());
            Peer[] endpoints = accept(rig);
            Http2Wire wire = new Http2Wire();
            for (int i = 0; i < SOCKETS; i++) {
                wire.data(2 * i + 1, "to " + i + "!", false);
            }
            client.send(wire.take());
            for (int i = 0; i < SOCKETS; i++) {
                assertThat(endpoints[i].readUntil("!")).isEqualTo("to " + i + "!");
                endpoints[i].send("fro " + i);
                endpoints[i].endOutput();
            }

            Http2Answers answers = new Http2Answers();
            while (answers.frames().stream().filter(Http2Answers.Frame::isLast).count() < SOCKETS) {
                answers.sent(client.readSome());
            }
            for (int i = 0; i < SOCKETS; i++) {
                assertThat(answers.head(2 * i + 1)).startsWith(":status: 200\n");
                assertThat(answers.body(2 * i + 1)).isEqualTo("fro " + i);
            }
            assertThat(rig.metrics().value(Counter.TUNNELS_OPEN)).isEqualTo(SOCKETS);
            rig.settle();
            assertThat(rig.metrics().value(Counter.TUNNELS_OPEN)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "4"})
    void hearThatTheGatewayGoesAwayOnceItStopsWaiting(int workers) throws Exception {
        try (EngineRig rig = new EngineRig(TransportChoice.AUTO, workers, logs, listener())) {
            Peer client = rig.client();
            client.send(connects());
            Peer[] endpoints = accept(rig);
            Http2Answers answers = new Http2Answers();
            while (answers.frames().stream().filter(frame -> frame.type() == 1).count() < SOCKETS) {
                answers.sent(client.readSome());
            }

            assertThat(rig.engine().drain(Duration.ofMillis(50))).isFalse();
            rig.stop();

            answers.sent(client.readToEnd());
            for (int i = 0; i < SOCKETS; i++) {
                assertThat(answers.body(2 * i + 1)).isEqualTo("\u0088\u0002\u0003\u00e9");
                assertThat(answers.isEnded(2 * i + 1)).isTrue();
                assertThat(endpoints[i].readToEnd()).startsWith("\u0088\u0082").hasSize(8);
            }
        }
    }
}
