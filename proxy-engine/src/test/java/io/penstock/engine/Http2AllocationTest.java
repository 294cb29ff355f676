package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.http2.FrameType;
import io.penstock.http2.Http2Wire;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As WorkerAllocationTest, for requests that come by HTTP/2 and go on by either version. */
final class Http2AllocationTest {
    private static final int CLIENTS = 4;
    private static final int STREAMS = 4;
    private static final int REQUESTS = 4_800;
    private static final int WINDOW = 1 << 30;
    private static final String BODY = "{\"id\":7,\"name\":\"widget\"}";

    @TempDir
    private Path logs;

    private final AllocationMeter meter = new AllocationMeter();
    private ServerSocket endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        endpoint.close();
        meter.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @CsvSource({"EPOLL, HTTP1", "EPOLL, HTTP2", "IO_URING, HTTP1", "IO_URING, HTTP2", "NIO, HTTP1", "NIO, HTTP2"})
    void carriesRequestsWithoutAllocating(TransportChoice transport, UpstreamProtocol protocol) throws Exception {
        ListenerConfig web = ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()))
                .http2(true)
                .build();
        UpstreamConfig backend = UpstreamConfig.named("backend")
                .protocol(protocol)
                .targets(TargetConfig.of("127.0.0.1:" + endpoint.getLocalPort()))
                .build();
        Thread.ofVirtual().start(() -> serve(protocol));
        try (EngineRig rig = new EngineRig(
                transport, 1, logs, web, backend, AllocationMeter.orders(), AllocationMeter.perClient())) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client((InetSocketAddress)
                        rig.engine().readings().status().listeners().getFirst().address()));
            }

            long least = meter.least(REQUESTS, () -> exchange(clients));

            assertThat(rig.metrics().value(Counter.REQUESTS)).isEqualTo(meter.rounds() * REQUESTS);
            assertThat(least)
                    .as("bytes of %d requests, after %d others", REQUESTS, (meter.rounds() - 1) * REQUESTS)
                    .isLessThan(REQUESTS);
            for (Client client : clients) {
                client.close();
            }
        }
    }

    private static void exchange(List<Client> clients) throws IOException {
        for (int i = 0; i < REQUESTS; i += CLIENTS * STREAMS) {
            for (Client client : clients) {
                client.send();
            }
            for (Client client : clients) {
                client.receive();
            }
        }
    }

    /** One connection that asks for some streams at once, and waits for their ends. */
    private static final class Client implements AutoCloseable {
        private final Socket socket = new Socket();
        private final DataInputStream input;
        private int next = 1;

        Client(InetSocketAddress address) throws IOException {
            socket.connect(address);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(20_000);
            input = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            socket.getOutputStream().write(Http2Wire.client().window(0, WINDOW).take());
        }

        void send() throws IOException {
            Http2Wire wire = new Http2Wire();
            for (int i = 0; i < STREAMS; i++) {
                wire.get(next, "/api/orders/7?full=yes", "user-agent", "test", "accept", "*/*", "cookie", "a=b");
                next += 2;
            }
            socket.getOutputStream().write(wire.take());
        }

        void receive() throws IOException {
            for (int ended = 0; ended < STREAMS; ) {
                int length = input.readUnsignedByte() << 16 | input.readUnsignedShort();
                int type = input.readUnsignedByte();
                int flags = input.readUnsignedByte();
                input.readInt();
                input.skipNBytes(length);
                if (type <= FrameType.HEADERS && (flags & FrameType.END_STREAM) != 0) {
                    ended++;
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Answers on every connection that the engine makes. */
    private void serve(UpstreamProtocol protocol) {
        try {
            while (true) {
                Socket accepted = endpoint.accept();
                accepted.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> {
                    try (Socket socket = accepted) {
                        if (protocol == UpstreamProtocol.HTTP2) {
                            answerHttp2(socket);
                        } else {
                            answerHttp1(socket);
                        }
                    } catch (IOException over) {
                        // The engine was closed.
                    }
                });
            }
        } catch (IOException over) {
            // The test is over.
        }
    }

    private static void answerHttp1(Socket socket) throws IOException {
        byte[] answer = ("HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: application/json\r\nContent-Length: "
                        + BODY.length() + "\r\n\r\n" + BODY)
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] end = "\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
        byte[] buffer = new byte[32 * 1024];
        Peer peer = new Peer(socket, 20_000);
        while (true) {
            peer.skipUntil(end, buffer);
            peer.send(answer);
        }
    }

    private static void answerHttp2(Socket socket) throws IOException {
        DataInputStream input = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        input.skipNBytes(Http2Wire.PREFACE.length());
        socket.getOutputStream()
                .write(new Http2Wire().settings().window(0, WINDOW).take());
        while (true) {
            int length = input.readUnsignedByte() << 16 | input.readUnsignedShort();
            int type = input.readUnsignedByte();
            input.readUnsignedByte();
            int id = input.readInt();
            input.skipNBytes(length);
            if (type == FrameType.HEADERS) {
                socket.getOutputStream()
                        .write(new Http2Wire()
                                .headers(
                                        id,
                                        false,
                                        Http2Wire.block(
                                                ":status",
                                                "200",
                                                "content-type",
                                                "application/json",
                                                "content-length",
                                                Integer.toString(BODY.length())))
                                .data(id, BODY, true)
                                .take());
            }
        }
    }
}
