package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Wire;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 on real sockets: many streams on each of many connections, on every transport and with one worker or four. */
final class Http2TrafficTest {
    private static final int CONNECTIONS = 8;
    private static final int STREAMS = 100;

    @TempDir
    private Path logs;

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static byte[] requests() {
        Http2Wire wire = Http2Wire.client().window(0, 1 << 20);
        for (int i = 0; i < STREAMS; i++) {
            wire.get(2 * i + 1, "/" + i);
        }
        return wire.take();
    }

    @ParameterizedTest
    @CsvSource({"NIO, 1", "NIO, 4", "EPOLL, 1", "EPOLL, 4", "IO_URING, 1"})
    void answersEveryStreamOfEveryConnection(TransportChoice transport, int workers) throws Exception {
        ListenerConfig web = ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()))
                .http2(true)
                .build();
        try (ToyEndpoint endpoint = new ToyEndpoint("toy", ToyEndpoint.Manner.GOOD);
                EngineRig rig = new EngineRig(
                        transport,
                        workers,
                        logs,
                        web,
                        UpstreamConfig.named("backend")
                                .targets(TargetConfig.of("127.0.0.1:" + endpoint.port()))
                                .build())) {
            List<Peer> clients = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Peer client = rig.client();
                client.send(requests());
                clients.add(client);
            }

            for (Peer client : clients) {
                Http2Answers answers = new Http2Answers();
                while (!isAnswered(answers)) {
                    answers.sent(client.readSome());
                }
                for (int i = 0; i < STREAMS; i++) {
                    assertThat(answers.head(2 * i + 1)).startsWith(":status: 200\n");
                    assertThat(answers.body(2 * i + 1)).isEqualTo("toy");
                }
                assertThat(answers.goAways()).isEmpty();
            }
            assertThat(rig.metrics().value(Counter.HTTP2_CONNECTIONS)).isEqualTo(CONNECTIONS);
            assertThat(endpoint.requests()).isEqualTo(CONNECTIONS * STREAMS);
            assertThat(rig.metrics().value(Counter.REQUESTS_ACTIVE)).isZero();
        }
    }

    private static boolean isAnswered(Http2Answers answers) {
        return answers.frames().stream().filter(Http2Answers.Frame::isLast).count() == STREAMS;
    }

    @ParameterizedTest
    @CsvSource({"NIO, 1", "EPOLL, 4"})
    void survivesWhateverComes(TransportChoice transport, int workers) throws Exception {
        ListenerConfig web = ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()))
                .http2(true)
                .build();
        try (EngineRig rig = new EngineRig(transport, workers, logs, web)) {
            Random random = new Random(9113);
            for (int i = 0; i < 300; i++) {
                Peer client = rig.client();
                byte[] noise = new byte[200];
                random.nextBytes(noise);
                client.send(Http2Wire.client()
                        .frame(random.nextInt(10), random.nextInt(256), random.nextInt(6), noise)
                        .text(new String(noise, StandardCharsets.ISO_8859_1))
                        .take());
                client.endOutput();
                client.readToEnd();
            }

            rig.settle();
        }
    }
}
