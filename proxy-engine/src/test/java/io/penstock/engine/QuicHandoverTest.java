package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.CertificateConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.Protocol;
import io.penstock.config.Resource;
import io.penstock.config.SecretValue;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.http3.FrameTypes;
import io.penstock.http3.Http3Error;
import io.penstock.metrics.Counter;
import io.penstock.transport.HandedSocket;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.SocketHandover;
import io.penstock.transport.TransportChoice;
import io.penstock.transport.tls.TestCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One engine takes another's place while clients of HTTP/3 are there. Both are in this process; the sockets go over as between two. */
final class QuicHandoverTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int CLIENTS = 12;

    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;

    private int port;

    @BeforeAll
    static void makeCertificate() throws Exception {
        shop = TestCertificates.make(folder, "shop.example");
    }

    private EngineRig rig(
            TransportChoice transport, int workers, Optional<InheritedSockets> inherited, Resource... more)
            throws Exception {
        List<Resource> all = new ArrayList<>(List.of(
                ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                        .protocol(Protocol.HTTPS)
                        .http3(true)
                        .certificates("shop")
                        .build(),
                CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem()))));
        all.addAll(List.of(more));
        return new EngineRig(transport, workers, folder, inherited, all.toArray(Resource[]::new));
    }

    private static UpstreamConfig backend(ToyEndpoint endpoint) {
        return UpstreamConfig.named("backend")
                .targets(TargetConfig.of("127.0.0.1:" + endpoint.port()))
                .build();
    }

    /** What an engine hands over, as the other one has it. */
    private static InheritedSockets handedOver(EngineRig from) throws Exception {
        List<ListenerSockets> given = new ArrayList<>(from.engine().handover().listenerSockets());
        given.addAll(from.engine().handover().packetWays());
        List<HandedSocket> sockets = new ArrayList<>();
        given.forEach(each -> sockets.addAll(each.sockets()));
        Path path = folder.resolve("sockets");
        try (SocketHandover taker = SocketHandover.open(path)) {
            CompletableFuture<Void> giving = CompletableFuture.runAsync(() -> {
                try {
                    SocketHandover.give(path, sockets, TIMEOUT);
                } catch (java.io.IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                }
            });
            Iterator<Integer> taken = taker.take(sockets.size(), TIMEOUT).iterator();
            giving.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            InheritedSockets inherited = new InheritedSockets();
            for (ListenerSockets each : given) {
                each.sockets().forEach(socket -> inherited.add(each.listener(), each.address(), taken.next()));
            }
            return inherited;
        }
    }

    private static void takePlace(EngineRig from, EngineRig by) {
        from.engine().handover().leaveFiles();
        from.engine().handover().leavePackets();
        by.engine().handover().admit();
        from.engine().handover().handedOver();
    }

    private List<QuicPeer> clients(String answeredBy) throws Exception {
        List<QuicPeer> made = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            QuicPeer client = QuicPeer.connect(port).settings();
            made.add(client);
            assertAnswered(client, answeredBy);
        }
        return made;
    }

    private static void assertAnswered(QuicPeer client, String by) throws Exception {
        assertThat(QuicPeer.answer(client.get("/")).text()).isEqualTo(by);
    }

    @ParameterizedTest
    @CsvSource({"EPOLL, 1, 1", "EPOLL, 4, 1", "EPOLL, 1, 4", "IO_URING, 4, 3", "IO_URING, 1, 2", "IO_URING, 3, 1"})
    void keepsConnectionsWhereTheyAreAndBringsNewOnesToTheNewEngine(TransportChoice transport, int before, int after)
            throws Exception {
        port = ConfigRig.freePort();
        try (ToyEndpoint first = new ToyEndpoint("old", ToyEndpoint.Manner.GOOD);
                ToyEndpoint second = new ToyEndpoint("new", ToyEndpoint.Manner.GOOD);
                EngineRig old = rig(transport, before, Optional.empty(), backend(first))) {
            List<QuicPeer> early = clients("old");

            try (EngineRig next = rig(transport, after, Optional.of(handedOver(old)), backend(second))) {
                // It is prepared and reads nothing yet.
                early.addAll(clients("old"));
                takePlace(old, next);

                List<QuicPeer> late = clients("new");
                for (QuicPeer client : early) {
                    assertAnswered(client, "old");
                }
                assertThat(next.metrics().value(Counter.QUIC_PACKETS_PASSED_ON)).isPositive();
                assertThat(next.metrics().value(Counter.QUIC_PACKETS_DROPPED)).isZero();

                assertThat(old.engine().drain(TIMEOUT)).isTrue();
                for (QuicPeer client : early) {
                    assertThat(client.closed()).isEqualTo(Http3Error.NO_ERROR.code());
                    client.close();
                }
                old.stop();
                for (QuicPeer client : late) {
                    assertAnswered(client, "new");
                    client.close();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"EPOLL, 2, 2", "IO_URING, 1, 3"})
    void bodiesUnderWayComeWholeBothWays(TransportChoice transport, int before, int after) throws Exception {
        port = ConfigRig.freePort();
        byte[] much = new byte[3_000_000];
        Arrays.fill(much, (byte) 'x');
        try (EngineRig old = rig(transport, before, Optional.empty());
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream up = client.open()
                    .send(QuicPeer.headers(QuicPeer.head("PUT", "/up", "content-length: " + much.length)))
                    .send(QuicPeer.frame(FrameTypes.DATA, much))
                    .end();
            Peer upTo = old.endpoint();
            upTo.readUntil("\r\n\r\n");
            QuicPeer.Stream down = client.get("/down");
            Peer downFrom = old.endpoint();
            downFrom.readUntil("\r\n\r\n");

            try (EngineRig next = rig(transport, after, Optional.of(handedOver(old)))) {
                takePlace(old, next);

                assertThat(upTo.read(much.length)).hasSize(much.length);
                upTo.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                assertThat(QuicPeer.answer(up).status()).isEqualTo(200);
                downFrom.send("HTTP/1.1 200 OK\r\nContent-Length: " + much.length + "\r\n\r\n");
                downFrom.send(new String(much, java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(QuicPeer.answer(down).body()).isEqualTo(much);
                assertThat(next.metrics().value(Counter.QUIC_PACKETS_PASSED_ON)).isPositive();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"EPOLL, 2", "IO_URING, 2"})
    void thirdEngineReachesConnectionsOfBothBeforeIt(TransportChoice transport, int workers) throws Exception {
        port = ConfigRig.freePort();
        try (ToyEndpoint endpoint = new ToyEndpoint("toy", ToyEndpoint.Manner.GOOD);
                EngineRig first = rig(transport, workers, Optional.empty(), backend(endpoint))) {
            List<QuicPeer> ofFirst = clients("toy");
            try (EngineRig second = rig(transport, workers, Optional.of(handedOver(first)), backend(endpoint))) {
                takePlace(first, second);
                List<QuicPeer> ofSecond = clients("toy");
                try (EngineRig third = rig(transport, 1, Optional.of(handedOver(second)), backend(endpoint))) {
                    takePlace(second, third);

                    for (QuicPeer client : ofFirst) {
                        assertAnswered(client, "toy");
                    }
                    for (QuicPeer client : ofSecond) {
                        assertAnswered(client, "toy");
                    }
                    assertThat(first.metrics().value(Counter.CONNECTIONS_OPEN)).isEqualTo(CLIENTS);
                    assertThat(second.metrics().value(Counter.CONNECTIONS_OPEN)).isEqualTo(CLIENTS);
                    ofFirst.forEach(QuicPeer::close);
                    ofSecond.forEach(QuicPeer::close);
                }
            }
        }
    }

    @Test
    void readsAgainWhereTheNewEngineComesToNothing() throws Exception {
        port = ConfigRig.freePort();
        try (ToyEndpoint endpoint = new ToyEndpoint("old", ToyEndpoint.Manner.GOOD);
                EngineRig old = rig(TransportChoice.EPOLL, 2, Optional.empty(), backend(endpoint))) {
            List<QuicPeer> early = clients("old");
            InheritedSockets inherited = handedOver(old);
            old.engine().handover().leavePackets();
            inherited.close();
            old.engine().handover().keepPackets();

            for (QuicPeer client : early) {
                assertAnswered(client, "old");
                client.close();
            }
            clients("old").forEach(QuicPeer::close);
        }
    }
}
