package io.penstock.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
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
import io.penstock.metrics.Reason;
import io.penstock.transport.TransportChoice;
import io.penstock.transport.tls.TestCertificates;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/3 on real sockets, of clients good and bad. */
final class Http3TrafficTest {
    private static final int CONNECTIONS = 8;
    private static final int STREAMS = 100;

    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;
    private static TestCertificates.Pair other;

    private int port;

    @BeforeAll
    static void makeCertificates() throws Exception {
        shop = TestCertificates.make(folder, "shop.example");
        other = TestCertificates.make(folder, "other.example");
    }

    private EngineRig rig(TransportChoice transport, int workers, Resource... more) throws Exception {
        port = ConfigRig.freePort();
        List<Resource> all = new ArrayList<>(List.of(
                ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                        .protocol(Protocol.HTTPS)
                        .http2(true)
                        .http3(true)
                        .certificates("shop", "other")
                        .build(),
                CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem())),
                CertificateConfig.of("other", other.pem(), new SecretValue.Given(other.keyPem()))));
        all.addAll(List.of(more));
        return new EngineRig(transport, workers, folder, all.toArray(Resource[]::new));
    }

    private static UpstreamConfig backend(ToyEndpoint endpoint) {
        return UpstreamConfig.named("backend")
                .targets(TargetConfig.of("127.0.0.1:" + endpoint.port()))
                .build();
    }

    @ParameterizedTest
    @CsvSource({"NIO, 1", "NIO, 4", "EPOLL, 1", "EPOLL, 4", "IO_URING, 1", "IO_URING, 4"})
    void answersEveryStreamOfEveryConnection(TransportChoice transport, int workers) throws Exception {
        try (ToyEndpoint endpoint = new ToyEndpoint("toy", ToyEndpoint.Manner.GOOD);
                EngineRig rig = rig(transport, workers, backend(endpoint))) {
            List<QuicPeer> clients = new ArrayList<>();
            List<QuicPeer.Stream> asked = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                QuicPeer client = QuicPeer.connect(port).settings();
                clients.add(client);
                for (int j = 0; j < STREAMS; j++) {
                    asked.add(client.get("/" + j));
                }
            }

            for (QuicPeer.Stream stream : asked) {
                QuicPeer.Answer answer = QuicPeer.answer(stream);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).isEqualTo("toy");
            }
            assertThat(rig.metrics().value(Counter.HTTP3_CONNECTIONS)).isEqualTo(CONNECTIONS);
            assertThat(endpoint.requests()).isGreaterThanOrEqualTo(CONNECTIONS * STREAMS);
            assertThat(rig.metrics().value(Counter.HTTP3_CONNECTION_ERRORS)).isZero();
            assertThat(rig.metrics().value(Counter.REQUESTS_ACTIVE)).isZero();
            clients.forEach(QuicPeer::close);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportChoice.class,
            names = {"NIO", "EPOLL", "IO_URING"})
    void passesBodiesBothWaysAndTrailersOn(TransportChoice transport) throws Exception {
        try (EngineRig rig = rig(transport, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.open()
                    .send(QuicPeer.headers(QuicPeer.head("POST", "/up", "te: trailers")))
                    .send(QuicPeer.data("first "))
                    .send(QuicPeer.data("second"))
                    .send(QuicPeer.headers("sum: 12"))
                    .end();

            Peer endpoint = rig.endpoint();
            String request = endpoint.readUntil("\r\n\r\n");
            assertThat(request).startsWith("POST /up HTTP/1.1\r\n").contains("Transfer-Encoding: chunked");
            assertThat(endpoint.readUntil("0\r\nsum: 12\r\n\r\n"))
                    .contains("first ")
                    .contains("second");
            endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: grpc-status\r\n\r\n");
            endpoint.send("5\r\nhello\r\n0\r\ngrpc-status: 0\r\n\r\n");

            QuicPeer.Answer answer = QuicPeer.answer(stream);
            assertThat(answer.text()).isEqualTo("hello");
            assertThat(answer.trailers()).isEqualTo("grpc-status: 0\n");
        }
    }

    @Test
    void sendsARequestWithoutBodyOnWithoutOne() throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.get("/plain");

            Peer endpoint = rig.endpoint();
            assertThat(endpoint.readUntil("\r\n\r\n"))
                    .startsWith("GET /plain HTTP/1.1\r\n")
                    .contains("X-Forwarded-Proto: https")
                    .doesNotContain("Transfer-Encoding");
            endpoint.send("HTTP/1.1 204 No Content\r\n\r\n");
            assertThat(QuicPeer.answer(stream).status()).isEqualTo(204);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportChoice.class,
            names = {"NIO", "EPOLL", "IO_URING"})
    void holdsAClientBackWhoseBodyNobodyTakes(TransportChoice transport) throws Exception {
        int much = 8 * 1024 * 1024;
        try (EngineRig rig = rig(transport, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.open()
                    .send(QuicPeer.headers(QuicPeer.head("PUT", "/big", "content-length: " + much)))
                    .send(QuicPeer.frame(FrameTypes.DATA, new byte[much]))
                    .end();
            Peer endpoint = rig.endpoint();
            endpoint.readUntil("\r\n\r\n");
            // Small requests pass by while the big one waits.
            QuicPeer.Stream small = client.get("/small");
            Peer second = rig.endpoint();
            second.readUntil("\r\n\r\n");
            second.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(QuicPeer.answer(small).text()).isEqualTo("ok");

            assertThat(endpoint.read(much)).hasSize(much);
            endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            assertThat(QuicPeer.answer(stream).status()).isEqualTo(200);
        }
    }

    @Test
    void tellsClientsOfTcpThatThereIsHttp3UnlessTheyAreToldOtherwise() throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1)) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            try (Peer client =
                    new Peer(context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port), 20_000)) {
                client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
                Peer endpoint = rig.endpoint();
                endpoint.readUntil("\r\n\r\n");
                endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                assertThat(client.readUntil("\r\n\r\n")).contains("Alt-Svc: h3=\":" + port + "\"; ma=86400\r\n");

                client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
                endpoint.readUntil("\r\n\r\n");
                endpoint.send("HTTP/1.1 200 OK\r\nAlt-Svc: clear\r\nContent-Length: 0\r\n\r\n");
                assertThat(client.readUntil("\r\n\r\n"))
                        .contains("Alt-Svc: clear\r\n")
                        .doesNotContain("h3=");
            }
        }
    }

    @Test
    void showsTheCertificateOfTheNameThatIsAskedFor() throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1)) {
            for (String name : List.of("shop.example", "other.example", "unknown.example", "")) {
                try (QuicPeer client = QuicPeer.connect(port, name, null)) {
                    assertThat(requireNonNull(client.connection().sslEngine())
                                    .getSession()
                                    .getPeerCertificates()[0])
                            .as("what a client is shown that asks for \"%s\"", name)
                            .isEqualTo(name.equals("other.example") ? other.certificate() : shop.certificate());
                }
            }
            rig.settle();
        }
    }

    @Test
    void aStreamThatIsResetEndsItsExchangeAndNoOther() throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream first = client.get("/first");
            Peer firstEndpoint = rig.endpoint();
            firstEndpoint.readUntil("\r\n\r\n");
            QuicPeer.Stream second = client.open().send(QuicPeer.headers(QuicPeer.head("POST", "/second")));
            Peer secondEndpoint = rig.endpoint();
            secondEndpoint.readUntil("\r\n\r\n");

            second.reset(0x10c);

            secondEndpoint.readToEnd();
            firstEndpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(QuicPeer.answer(first).text()).isEqualTo("ok");
            assertThat(rig.metrics().value(Counter.HTTP3_STREAMS_RESET)).isEqualTo(1);
        }
    }

    @Test
    void aBrokenAnswerResetsItsStream() throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.get("/");
            Peer endpoint = rig.endpoint();
            endpoint.readUntil("\r\n\r\n");
            endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            endpoint.close();

            assertThatThrownBy(stream::read)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            QuicStreamResetException.class,
                            reset -> assertThat(reset.applicationProtocolCode())
                                    .isEqualTo(Http3Error.INTERNAL_ERROR.code()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ":method: GET\\n:scheme: https\\n:path: / | bad-host",
                ":method: GET\\n:path: /\\n:authority: a | bad-request-line",
                ":method: GET\\n:scheme: https\\n:path: /\\n:authority: a\\nConnection: x | bad-field",
                ":method: GET\\n:scheme: https\\n:path: /\\n:authority: a\\nconnection: close | bad-field",
                ":method: GET\\n:scheme: https\\n:path: /\\n:authority: a\\nhost: b | bad-host",
                ":method: GET\\n:scheme: https\\n:path: /\\n:authority: a\\nUpper: x | bad-field",
                ":method: CONNECT\\n:protocol: websocket\\n:scheme: https\\n:path: /\\n:authority: a | bad-field",
                ":method: POST\\n:scheme: https\\n:path: /\\n:authority: a\\ncontent-length: 5 | bad-framing",
            })
    void refusesHeadsByTheRulesOfHttp2(String head, String reason) throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Answer answer = QuicPeer.answer(client.open()
                    .send(QuicPeer.headers(head.replace("\\n", "\n")))
                    .end());

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.head()).contains("x-penstock-reason: " + reason);
            assertThat(client.isOpen()).isTrue();
            assertThat(rig.metrics().value(Counter.HTTP3_CONNECTION_ERRORS)).isZero();
        }
    }

    @Test
    void holdsABodyToItsDeclaredLength() throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Answer answer = QuicPeer.answer(client.open()
                    .send(QuicPeer.headers(QuicPeer.head("POST", "/", "content-length: 5")))
                    .send(QuicPeer.data("too much")));

            assertThat(answer.head()).startsWith(":status: 400").contains("bad-framing");
            assertThat(rig.metrics().value(Counter.HTTP3_STREAM_ERRORS)).isEqualTo(1);
        }
    }

    @Test
    void refusesAHeadThatIsTooLarge() throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            for (String filler : List.of("a".repeat(70_000), "a".repeat(65_500))) {
                QuicPeer.Answer answer = QuicPeer.answer(
                        client.open().send(QuicPeer.headers(QuicPeer.head("GET", "/", "x: " + filler))));
                assertThat(answer.status()).isEqualTo(431);
            }
            assertThat(rig.metrics().value(Reason.HEAD_TOO_LARGE)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // What comes on a request's stream, and how the connection ends.
        "0000, FRAME_UNEXPECTED",
        "0400, FRAME_UNEXPECTED",
        "0200, FRAME_UNEXPECTED",
        "0102ff00, QPACK_DECOMPRESSION_FAILED",
        "01020100, QPACK_DECOMPRESSION_FAILED",
        "0105, FRAME_ERROR",
        "01, FRAME_ERROR",
    })
    void endsAConnectionWhoseClientBreaksTheProtocol(String octets, Http3Error error) throws Exception {
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            client.open().send(HexFormat.of().parseHex(octets)).end();

            assertThat(client.closed()).isEqualTo(error.code());
            assertThat(rig.metrics().value(Counter.HTTP3_CONNECTION_ERRORS)).isEqualTo(1);
            rig.settle();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "00, CLOSED_CRITICAL_STREAM, true",
        "000000, MISSING_SETTINGS, false",
        "0004000400, FRAME_UNEXPECTED, false",
        "0004000001, FRAME_UNEXPECTED, false",
        "01, STREAM_CREATION_ERROR, false",
        "023f, QPACK_ENCODER_STREAM_ERROR, false",
    })
    void endsAConnectionWhoseClientBreaksItsOwnStreams(String octets, Http3Error error, boolean isEnded)
            throws Exception {
        byte[] sent = HexFormat.of().parseHex(octets);
        try (EngineRig rig = rig(TransportChoice.NIO, 1);
                QuicPeer client = QuicPeer.connect(port)) {
            QuicPeer.Stream stream = client.open(QuicStreamType.UNIDIRECTIONAL).send(sent);
            if (isEnded) {
                stream.end();
            }

            assertThat(client.closed()).isEqualTo(error.code());
            rig.settle();
        }
    }

    @ParameterizedTest
    @CsvSource({"NIO, 1", "EPOLL, 4", "IO_URING, 1"})
    void answersWhatRunsBeforeItStops(TransportChoice transport, int workers) throws Exception {
        try (EngineRig rig = rig(transport, workers);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.get("/slow");
            Peer endpoint = rig.endpoint();
            endpoint.readUntil("\r\n\r\n");

            CompletableFuture<Boolean> drained =
                    CompletableFuture.supplyAsync(() -> rig.engine().drain(Duration.ofSeconds(10)));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> saysGoodbye(client.control().readSoFar()));
            endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast");

            assertThat(QuicPeer.answer(stream).text()).isEqualTo("last");
            assertThat(client.closed()).isEqualTo(Http3Error.NO_ERROR.code());
            assertThat(drained.get()).isTrue();
        }
    }

    private static boolean saysGoodbye(byte[] control) {
        // Stream type and SETTINGS, then GOAWAY.
        int settings = 3 + (control.length > 2 ? control[2] : 0);
        return control.length > settings && control[settings] == FrameTypes.GOAWAY;
    }

    @Test
    void survivesWhateverComes() throws Exception {
        Random random = new Random(9114);
        try (EngineRig rig = rig(TransportChoice.NIO, 1)) {
            for (int i = 0; i < 40; i++) {
                try (QuicPeer client = QuicPeer.connect(port)) {
                    byte[] noise = new byte[200];
                    random.nextBytes(noise);
                    client.open(random.nextBoolean() ? QuicStreamType.BIDIRECTIONAL : QuicStreamType.UNIDIRECTIONAL)
                            .send(noise)
                            .end();
                    client.open()
                            .send(QuicPeer.frame(random.nextInt(16), noise))
                            .send(new String(noise, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.UTF_8))
                            .end();
                }
            }
            rig.settle();
        }
    }
}
