package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ResourceLeakDetector;
import io.penstock.config.CertificateConfig;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.Protocol;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.SecretValue;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.http3.Http3Error;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.spi.FilterCall;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.transport.TransportChoice;
import io.penstock.transport.tls.TestCertificates;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of single streams of HTTP/3 that are answered early, meet a defect, or promise more than they bring. */
final class Http3StreamsTest {
    private static final int STREAMS = 100;
    private static final int CLAIMED_BYTES = 60_000;

    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;

    private final int port = ConfigRig.freePort();

    @BeforeAll
    static void makeCertificate() throws Exception {
        shop = TestCertificates.make(folder, "shop.example");
    }

    private List<Resource> secure() throws Exception {
        return List.of(
                ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                        .protocol(Protocol.HTTPS)
                        .http3(true)
                        .build(),
                CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem())));
    }

    private EngineRig rig(Resource more) throws Exception {
        List<Resource> own = secure();
        return new EngineRig(TransportChoice.NIO, 1, folder, own.get(0), own.get(1), more);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areAnsweredWithoutTheBodyThatCameWithTheirHead(boolean isWhole) throws Exception {
        byte[] request = joined(QuicPeer.headers(QuicPeer.head("POST", "/here")), QuicPeer.data("unwanted"));
        try (EngineRig rig = rig(ConfigRig.fixed("here", "/here").build());
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.open();

            assertThat(QuicPeer.answer(isWhole ? stream.sendLast(request) : stream.send(request))
                            .status())
                    .isEqualTo(200);
            assertThat(rig.metrics().value(Counter.HTTP3_STREAMS_RESET)).isZero();
        }
    }

    @Test
    void endWhereNobodyTookTheirBodyBeforeTheAnswer() throws Exception {
        UpstreamConfig nobody = UpstreamConfig.named("backend")
                .targets(TargetConfig.of("127.0.0.1:" + ConfigRig.freePort()))
                .build();
        try (EngineRig rig = rig(nobody);
                QuicPeer client = QuicPeer.connect(port).settings()) {
            QuicPeer.Stream stream = client.open()
                    .sendLast(joined(QuicPeer.headers(QuicPeer.head("POST", "/")), QuicPeer.data("untaken")));
            assertThat(QuicPeer.answer(stream).status()).isEqualTo(502);

            assertThat(rig.engine().drain(Duration.ofSeconds(10)))
                    .as("whether the connection has come to its end")
                    .isTrue();
            assertThat(client.closed()).isEqualTo(Http3Error.NO_ERROR.code());
        }
    }

    /** Breaks its contract in a way that nobody reckons with. */
    private static final class Speechless implements StandInFilter {
        @Override
        public String name() {
            return "speechless";
        }

        @Override
        public boolean hasRequestHook() {
            return true;
        }

        @Override
        @SuppressWarnings("NullAway") // That is the point.
        public Verdict onRequest(RequestView request, FilterCall call) {
            return null;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areAnsweredWhereADefectOfOursIsMet(boolean isWhole) throws Exception {
        try (ConfigRig rig = new ConfigRig(1, folder, new Speechless())) {
            rig.publish(ProxyConfig.initial()
                    .with(secure())
                    .with(ConfigRig.fixed("all", "/")
                            .filters(new HeadersFilterConfig(HeaderEdits.DEFAULTS, HeaderEdits.DEFAULTS))
                            .build()));
            try (QuicPeer client = QuicPeer.connect(port).settings()) {
                byte[] head = QuicPeer.headers(QuicPeer.head(isWhole ? "GET" : "POST", "/"));
                QuicPeer.Stream stream = client.open();

                assertThat(QuicPeer.answer(isWhole ? stream.sendLast(head) : stream.send(head))
                                .status())
                        .isEqualTo(500);
            }
            assertThat(rig.engine().readings().metrics().value(Reason.INTERNAL)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(bytes = {2, 3})
    void ofFieldCompressionComeOnceEach(byte type) throws Exception {
        try (EngineRig rig = rig(ConfigRig.fixed("here", "/here").build());
                QuicPeer client = QuicPeer.connect(port).settings()) {
            client.open(QuicStreamType.UNIDIRECTIONAL).send(new byte[] {type});
            assertThat(QuicPeer.answer(client.get("/here")).status()).isEqualTo(200);
            client.open(QuicStreamType.UNIDIRECTIONAL).send(new byte[] {type});

            assertThat(client.closed()).isEqualTo(Http3Error.STREAM_CREATION_ERROR.code());
            rig.settle();
        }
    }

    @Test
    void getMemoryForWhatHasComeOfTheirHeadsNotForWhatIsAnnounced() throws Exception {
        // The detector of the other tests remembers where each buffer came from, the more of it the slower the machine.
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        try (EngineRig rig = rig(ConfigRig.fixed("here", "/here").build())) {
            allocatedFor(1);
            long little = allocatedFor(1);
            long much = allocatedFor(CLAIMED_BYTES);

            assertThat(much - little)
                    .as("bytes that %s streams cost more which announce more and have sent as little", STREAMS)
                    .isLessThan(STREAMS * (long) CLAIMED_BYTES / 2);
            assertThat(rig.metrics().value(Counter.HTTP3_CONNECTION_ERRORS)).isZero();
        } finally {
            ResourceLeakDetector.setLevel(before);
        }
    }

    // What the worker allocates while streams of one more client begin with frames of so many octets, of which few
    // come.
    private long allocatedFor(int announcedBytes) throws Exception {
        byte[] begun = Arrays.copyOf(QuicPeer.headers("a: " + "b".repeat(announcedBytes)), 6);
        try (QuicPeer client = QuicPeer.connect(port).settings()) {
            assertThat(QuicPeer.answer(client.get("/here")).status()).isEqualTo(200);
            long allocated = allocatedByTheWorker();
            for (int i = 0; i < STREAMS; i++) {
                client.open().send(begun);
            }
            assertThat(QuicPeer.answer(client.get("/here")).status()).isEqualTo(200);
            return allocatedByTheWorker() - allocated;
        }
    }

    private static long allocatedByTheWorker() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(Objects::nonNull)
                .filter(thread -> thread.getThreadName().equals("penstock-worker-0"))
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getThreadId()))
                .findFirst()
                .orElseThrow();
    }
}
