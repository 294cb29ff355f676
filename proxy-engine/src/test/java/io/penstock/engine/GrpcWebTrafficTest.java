package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.PathMatch;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Responder;
import io.penstock.http2.Http2Wire;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of gRPC-Web through real sockets, in both forms, to an endpoint of gRPC that gives each message back. */
final class GrpcWebTrafficTest {
    private static final int CLIENTS = 8;
    private static final int CALLS = 20;

    @TempDir
    private Path logs;

    private ServerSocket endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void close() throws IOException {
        endpoint.close();
    }

    private void serve() {
        try {
            while (true) {
                Socket accepted = endpoint.accept();
                Thread.ofVirtual().start(() -> {
                    try (Socket socket = accepted) {
                        Http2Responder responder = GrpcWebTrafficTest::answer;
                        responder.serve(socket);
                    } catch (IOException over) {
                        // The engine was closed.
                    }
                });
            }
        } catch (IOException over) {
            // The test is over.
        }
    }

    private static Http2Wire answer(Http2Answers asked, int id) {
        return new Http2Wire()
                .headers(id, false, Http2Wire.block(":status", "200", "content-type", "application/grpc"))
                .data(id, asked.body(id), false)
                .frame(
                        FrameType.HEADERS,
                        FrameType.END_HEADERS | FrameType.END_STREAM,
                        id,
                        Http2Wire.block("grpc-status", "0"));
    }

    private static String text(String octets) {
        return Base64.getEncoder().encodeToString(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String chunk(String body) {
        return Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    }

    @ParameterizedTest
    @CsvSource({"NIO, 1", "EPOLL, 4", "IO_URING, 1", "IO_URING, 4"})
    void areAnsweredInTheFormInWhichTheyAsk(TransportChoice transport, int workers) throws Exception {
        UpstreamConfig backend = UpstreamConfig.named("backend")
                .protocol(UpstreamProtocol.HTTP2)
                .targets(TargetConfig.of("127.0.0.1:" + endpoint.getLocalPort()))
                .build();
        RouteConfig all = RouteConfig.named("all")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .service("backend")
                .grpcWeb(true)
                .build();
        try (EngineRig rig = new EngineRig(transport, workers, logs, backend, all)) {
            List<Peer> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(rig.client());
            }
            for (int call = 0; call < CALLS; call++) {
                for (int i = 0; i < CLIENTS; i++) {
                    String message = "\0\0\0\0\1" + (char) ('a' + i);
                    String body = i % 2 == 0 ? message : text(message);
                    clients.get(i)
                            .send("POST /echo.Echo/Say HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web"
                                    + (i % 2 == 0 ? "" : "-text") + "\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body);
                }
                for (int i = 0; i < CLIENTS; i++) {
                    String message = "\0\0\0\0\1" + (char) ('a' + i);
                    String done = "\u0080\0\0\0\17grpc-status:0\r\n";
                    assertThat(clients.get(i).readHead())
                            .startsWith("HTTP/1.1 200 OK\r\n")
                            .contains("content-type: application/grpc-web" + (i % 2 == 0 ? "" : "-text") + "\r\n");
                    assertThat(clients.get(i).readUntil("\r\n0\r\n\r\n"))
                            .isEqualTo((i % 2 == 0
                                            ? chunk(message) + chunk(done)
                                            : chunk(text(message)) + chunk(text(done)))
                                    + "0\r\n\r\n");
                }
            }

            assertThat(rig.metrics().value(Counter.GRPC_WEB_CALLS)).isEqualTo((long) CLIENTS * CALLS);
            assertThat(rig.metrics().value(Counter.REQUESTS_ACTIVE)).isZero();
        }
    }
}
