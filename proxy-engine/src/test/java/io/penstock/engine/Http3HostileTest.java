package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.quic.QuicStreamType;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.ListenerTimeouts;
import io.penstock.config.Protocol;
import io.penstock.config.SecretValue;
import io.penstock.http3.Http3Error;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import io.penstock.transport.tls.TestCertificates;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients of HTTP/3 and QUIC that mean no good: what they cost is bounded, and others are served meanwhile. */
final class Http3HostileTest {
    private static final Duration HANDSHAKE = Duration.ofSeconds(3);
    private static final int HANDSHAKES_UNASKED = 64;
    private static final int REQUESTS_RESET = 50;
    private static final int ROUNDS_MAX = 40;

    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;

    private int port;

    @BeforeAll
    static void makeCertificate() throws Exception {
        shop = TestCertificates.make(folder, "shop.example");
    }

    private EngineRig rig(ListenerTimeouts timeouts) throws Exception {
        port = ConfigRig.freePort();
        return new EngineRig(
                TransportChoice.NIO,
                1,
                folder,
                ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                        .protocol(Protocol.HTTPS)
                        .http3(true)
                        .certificates("shop")
                        .timeouts(timeouts)
                        .build(),
                CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem())));
    }

    private EngineRig rig() throws Exception {
        return rig(ListenerTimeouts.DEFAULTS);
    }

    private static ListenerTimeouts timeouts(Duration head, Duration handshake) {
        ListenerTimeouts usual = ListenerTimeouts.DEFAULTS;
        return new ListenerTimeouts(
                usual.firstRequest(), head, usual.bodyProgress(), usual.writeProgress(), usual.keepAlive(), handshake);
    }

    private void assertOthersAreServed(EngineRig rig) throws Exception {
        try (QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.get("/");
            Peer endpoint = rig.endpoint();
            endpoint.readUntil("\r\n\r\n");
            endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            assertThat(QuicPeer.answer(stream).text()).isEqualTo("ok");
        }
    }

    // CVE-2023-44487, as it is for HTTP/3.
    @Test
    void aFloodOfResetsEndsItsConnection() throws Exception {
        try (EngineRig rig = rig()) {
            try (QuicPeer client = QuicPeer.connect(port).settings()) {
                for (int round = 0; round < ROUNDS_MAX && client.isOpen(); round++) {
                    beginAndReset(client, rig);
                }

                assertThat(client.closed()).isEqualTo(Http3Error.EXCESSIVE_LOAD.code());
                assertThat(rig.metrics().value(Counter.HTTP3_MISBEHAVIOURS)).isEqualTo(1);
                assertThat(rig.metrics().value(Counter.HTTP3_STREAMS_RESET)).isGreaterThan(REQUESTS_RESET);
            }
            rig.settle();
        }
    }

    // Each has a head that is whole and a body that never comes: its request runs until it is reset.
    private static void beginAndReset(QuicPeer client, EngineRig rig) throws Exception {
        List<QuicPeer.Stream> begun = new ArrayList<>();
        try {
            for (int i = 0; i < REQUESTS_RESET; i++) {
                begun.add(client.open().send(QuicPeer.headers(QuicPeer.head("POST", "/" + i, "content-length: 5"))));
            }
        } catch (ExecutionException noMoreForNow) {
            assertThat(client.isOpen() && begun.isEmpty())
                    .as("no stream at all")
                    .isFalse();
        }
        Awaitility.await()
                .until(() -> !client.isOpen() || rig.metrics().value(Counter.REQUESTS_ACTIVE) >= begun.size());
        begun.forEach(stream -> stream.reset(Http3Error.REQUEST_CANCELLED.code()));
        Awaitility.await().until(() -> !client.isOpen() || rig.metrics().value(Counter.REQUESTS_ACTIVE) == 0);
    }

    @ParameterizedTest
    @CsvSource({
        // What comes on the control stream: settings twice the same, of HTTP/2, cut short; pushes and goodbyes.
        "00040401000100, SETTINGS_ERROR",
        "0004020200, SETTINGS_ERROR",
        "00040101, FRAME_ERROR",
        "0004000100, FRAME_UNEXPECTED",
        "000400050100, FRAME_UNEXPECTED",
        "000400030100, ID_ERROR",
        "0004000d01050d0104, ID_ERROR",
        "000400070104070108, ID_ERROR",
        "00040007020400, FRAME_ERROR",
        "0004000d00, FRAME_ERROR",
        "0004000600, FRAME_UNEXPECTED",
        "000400218000ffff, EXCESSIVE_LOAD",
        // On the encoder's and the decoder's: a table with room, an entry, an acknowledgment, an increment.
        "023fe11f, QPACK_ENCODER_STREAM_ERROR",
        "02c00178, QPACK_ENCODER_STREAM_ERROR",
        "0380, QPACK_DECODER_STREAM_ERROR",
        "0301, QPACK_DECODER_STREAM_ERROR",
    })
    void faultsOnAClientsOwnStreamsHaveTheErrorsOfTheStandard(String octets, Http3Error error) throws Exception {
        try (EngineRig rig = rig();
                QuicPeer client = QuicPeer.connect(port)) {
            client.open(QuicStreamType.UNIDIRECTIONAL).send(HexFormat.of().parseHex(octets));

            assertThat(client.closed()).isEqualTo(error.code());
            assertThat(rig.metrics().value(Counter.HTTP3_CONNECTION_ERRORS)).isEqualTo(1);
            rig.settle();
        }
    }

    @ParameterizedTest
    @CsvSource({"00", "02", "03"})
    void thereIsOneOfEachOfAClientsOwnStreams(String type) throws Exception {
        byte[] begun = HexFormat.of().parseHex(type.equals("00") ? "000400" : type);
        try (EngineRig rig = rig();
                QuicPeer client = QuicPeer.connect(port)) {
            client.open(QuicStreamType.UNIDIRECTIONAL).send(begun);
            client.open(QuicStreamType.UNIDIRECTIONAL).send(begun);

            assertThat(client.closed()).isEqualTo(Http3Error.STREAM_CREATION_ERROR.code());
            rig.settle();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "03, FRAME_UNEXPECTED",
        "05, FRAME_UNEXPECTED",
        "06, FRAME_UNEXPECTED",
        "07, FRAME_UNEXPECTED",
        "0d, FRAME_UNEXPECTED"
    })
    void controlFramesHaveNoPlaceOnARequestsStream(String type, Http3Error error) throws Exception {
        try (EngineRig rig = rig();
                QuicPeer client = QuicPeer.connect(port).settings()) {
            client.open().send(HexFormat.of().parseHex(type + "0100"));

            assertThat(client.closed()).isEqualTo(error.code());
            rig.settle();
        }
    }

    @Test
    void aFloodOfFramesThatNobodyKnowsEndsItsConnection() throws Exception {
        try (EngineRig rig = rig();
                QuicPeer client = QuicPeer.connect(port).settings()) {
            client.open().send(HexFormat.of().parseHex("2100".repeat(5000)));

            assertThat(client.closed()).isEqualTo(Http3Error.EXCESSIVE_LOAD.code());
            rig.settle();
        }
    }

    @ParameterizedTest
    @CsvSource({"01", "0140", "014064000050"})
    void aHeadThatNeverEndsIsRefusedInTime(String begun) throws Exception {
        try (EngineRig rig = rig(timeouts(Duration.ofMillis(300), HANDSHAKE))) {
            try (QuicPeer client = QuicPeer.connect(port).settings()) {
                QuicPeer.Stream stream = client.open().send(HexFormat.of().parseHex(begun));

                QuicPeer.Answer answer = QuicPeer.answer(stream);
                assertThat(answer.status()).isEqualTo(408);
                assertThat(answer.head()).contains("x-penstock-reason: head-timeout");
            }
            rig.settle();
        }
    }

    @Test
    void anAddressThatAnswersNothingGetsThreeTimesWhatItSentAtMost() throws Exception {
        try (EngineRig rig = rig(timeouts(Duration.ofSeconds(10), HANDSHAKE));
                QuicRelay relay = new QuicRelay(port, true);
                QuicCrowd crowd = new QuicCrowd(relay.port())) {
            crowd.begin(1);

            // RFC 9000 section 8.1. Until the gateway gives it up both sides send again.
            Awaitility.await().until(() -> rig.metrics().value(Counter.TLS_FAILURES_TIMEOUT) == 1);
            assertThat(relay.bytesAnswered()).isPositive().isLessThanOrEqualTo(3 * relay.bytesSent());
        }
    }

    @Test
    void handshakesBegunAndLeftCostAProofOfTheAddressAndEndInTime() throws Exception {
        try (EngineRig rig = rig(timeouts(Duration.ofSeconds(10), HANDSHAKE));
                QuicRelay mute = new QuicRelay(port, true)) {
            try (QuicCrowd crowd = new QuicCrowd(mute.port())) {
                crowd.begin(3 * HANDSHAKES_UNASKED);
                Awaitility.await().until(() -> rig.metrics().value(Counter.QUIC_ADDRESSES_ASKED) > 0);

                assertThat(rig.metrics().value(Counter.CONNECTIONS_OPEN)).isLessThanOrEqualTo(HANDSHAKES_UNASKED);
                // Who answers the question is served.
                assertOthersAreServed(rig);
            }
            rig.settle();
        }
    }

    @Test
    void aTokenIsGoodForItsAddressOnly() throws Exception {
        try (EngineRig rig = rig(timeouts(Duration.ofSeconds(10), Duration.ofSeconds(30)));
                QuicRelay mute = new QuicRelay(port, true);
                QuicCrowd crowd = new QuicCrowd(mute.port());
                QuicRelay relay = new QuicRelay(port, false);
                DatagramSocket elsewhere = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            crowd.begin(HANDSHAKES_UNASKED + 8);
            Awaitility.await().until(() -> rig.metrics().value(Counter.QUIC_ADDRESSES_ASKED) > 0);
            CompletableFuture<QuicPeer> asked = CompletableFuture.supplyAsync(() -> {
                try {
                    return QuicPeer.connect(relay.port());
                } catch (Exception failed) {
                    throw new IllegalStateException(failed);
                }
            });
            try (QuicPeer client = asked.get()) {
                assertThat(client.isOpen()).isTrue();
                long accepted = rig.metrics().value(Counter.CONNECTIONS_ACCEPTED);
                List<byte[]> withToken =
                        relay.sent().stream().filter(Http3HostileTest::hasToken).toList();
                assertThat(withToken).isNotEmpty();

                for (byte[] packet : withToken) {
                    elsewhere.send(new DatagramPacket(
                            packet, packet.length, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
                }
                // Whoever comes later is behind it in the same socket.
                try (QuicPeer later = QuicPeer.connect(port)) {
                    assertThat(later.isOpen()).isTrue();
                }
                assertThat(rig.metrics().value(Counter.CONNECTIONS_ACCEPTED)).isEqualTo(accepted + 1);
            }
        }
    }

    // An Initial packet, RFC 9000 section 17.2.2, whose token is not empty.
    private static boolean hasToken(byte[] packet) {
        if ((packet[0] & 0xf0) != 0xc0) {
            return false;
        }
        int at = 6 + packet[5];
        at += 1 + packet[at];
        return packet[at] != 0;
    }
}
