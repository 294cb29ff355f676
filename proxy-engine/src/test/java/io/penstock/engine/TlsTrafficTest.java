package io.penstock.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.CertificateConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.Protocol;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.config.TlsVersion;
import io.penstock.metrics.Counter;
import io.penstock.transport.tls.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of an https listener, beside changes of what it shows. */
@ParameterizedClass
@ValueSource(ints = {1, 4})
final class TlsTrafficTest {
    private static final int SWAPS = 100;
    private static final int CLIENTS = 3;

    @TempDir
    static Path folder;

    private static TestCertificates.Pair first;
    private static TestCertificates.Pair second;
    private static TestCertificates.Pair other;
    private static TestCertificates.Pair local;
    private static TrustManager[] trust;

    private final int workers;
    private ConfigRig rig;
    private int port;

    TlsTrafficTest(int workers) {
        this.workers = workers;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        first = TestCertificates.makeSigned(folder, "shop.example", "*.shop.example");
        second = TestCertificates.makeSigned(folder, "shop.example", "*.shop.example");
        other = TestCertificates.make(folder, "other.example");
        local = TestCertificates.make(folder, "localhost");
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("first", first.chain().getLast());
        trusted.setCertificateEntry("second", second.chain().getLast());
        trusted.setCertificateEntry("other", other.certificate());
        trusted.setCertificateEntry("local", local.certificate());
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        trust = factory.getTrustManagers();
    }

    @BeforeEach
    void open() throws Exception {
        rig = new ConfigRig(workers, folder);
        port = ConfigRig.freePort();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private ListenerConfig.Builder secure() {
        return ListenerConfig.named("secure", ListenAddress.parse("127.0.0.1:" + port))
                .protocol(Protocol.HTTPS);
    }

    private static CertificateConfig certificate(String name, TestCertificates.Pair pair)
            throws GeneralSecurityException {
        return CertificateConfig.of(name, pair.pem(), new SecretValue.Given(pair.keyPem()));
    }

    private ProxyConfig config() throws GeneralSecurityException {
        return ProxyConfig.initial()
                .with(List.of(
                        secure().build(),
                        certificate("shop", first),
                        ConfigRig.fixed("all", "/").build()));
    }

    /** A client that has nothing to resume. */
    private static SSLContext fresh() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust, null);
        return context;
    }

    private SSLSocket dial(String name, String... versions) throws IOException, GeneralSecurityException {
        return dial(fresh(), name, versions);
    }

    private SSLSocket dial(SSLContext context, String name, String... versions) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), name, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (versions.length > 0) {
            parameters.setProtocols(versions);
        }
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static X509Certificate shown(SSLSocket socket) throws IOException {
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    private long counted(Counter counter) {
        return rig.engine().readings().metrics().value(counter);
    }

    @Test
    void answersByBothVersionsAndByTheNameThatIsAskedFor() throws Exception {
        rig.publish(config().with(certificate("other", other)));

        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            for (Map.Entry<String, TestCertificates.Pair> asked : Map.of(
                            "shop.example", first, "a.shop.example", first, "other.example", other)
                    .entrySet()) {
                try (SSLSocket socket = dial(asked.getKey(), version);
                        EngineClient client = new EngineClient(socket)) {
                    assertThat(client.get("/x")).isEqualTo("200 all");
                    assertThat(client.get("/y")).isEqualTo("200 all");
                    assertThat(shown(socket)).isEqualTo(asked.getValue().certificate());
                    assertThat(socket.getSession().getProtocol()).isEqualTo(version);
                }
            }
        }
    }

    @Test
    void aNewPairIsShownAtOnceWhileOpenConnectionsGoOn() throws Exception {
        rig.publish(config());
        try (SSLSocket before = dial("shop.example");
                EngineClient open = new EngineClient(before)) {
            assertThat(open.get("/")).isEqualTo("200 all");

            rig.publish(config().with(certificate("shop", second)));

            try (SSLSocket after = dial("shop.example");
                    EngineClient fresh = new EngineClient(after)) {
                assertThat(fresh.get("/")).isEqualTo("200 all");
                assertThat(shown(after)).isEqualTo(second.certificate());
            }
            assertThat(open.get("/")).isEqualTo("200 all");
            assertThat(shown(before)).isEqualTo(first.certificate());
        }
    }

    @Test
    void aHundredNewPairsUnderLoadFailNoHandshake() throws Exception {
        rig.publish(config());
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        List<CompletableFuture<Void>> load = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            boolean resumes = i == 0;
            SSLContext remembering = fresh();
            load.add(CompletableFuture.runAsync(() -> {
                while (!isOver.get()) {
                    try (SSLSocket socket = dial(resumes ? remembering : fresh(), "shop.example");
                            EngineClient client = new EngineClient(socket)) {
                        assertThat(client.get("/")).isEqualTo("200 all");
                        answered.incrementAndGet();
                    } catch (IOException | GeneralSecurityException failed) {
                        throw new AssertionError("after " + answered + " answers", failed);
                    }
                }
            }));
        }
        for (int i = 0; i < SWAPS; i++) {
            rig.publish(config().with(certificate("shop", i % 2 == 0 ? second : first)));
            int wanted = answered.get() + 1;
            Awaitility.await()
                    .until(() -> answered.get() >= wanted || load.stream().anyMatch(CompletableFuture::isDone));
        }
        isOver.set(true);
        CompletableFuture.allOf(load.toArray(CompletableFuture[]::new)).join();

        assertThat(answered.get()).isGreaterThan(SWAPS);
        assertThat(counted(Counter.TLS_HANDSHAKES_FULL) + counted(Counter.TLS_HANDSHAKES_RESUMED))
                .isEqualTo(answered.get());
        assertThat(counted(Counter.TLS_FAILURES_REFUSED) + counted(Counter.TLS_FAILURES_ALERT))
                .isZero();
    }

    @Test
    void whatCannotBeShownIsRefusedAndTheOldPairStays() throws Exception {
        rig.publish(config());

        Preparation bad = rig.engine()
                .prepare(config().with(
                                CertificateConfig.of("shop", second.pem(), new SecretValue.Given("no key at all"))));

        assertThat(bad).isInstanceOf(Preparation.Refused.class);
        assertThat(((Preparation.Refused) bad).problems())
                .extracting(problem -> problem.documentPointer() + " " + problem.detail())
                .containsExactly("/certificates/shop it cannot be shown: found no \"-----BEGIN PRIVATE KEY-----\"");
        try (SSLSocket socket = dial("shop.example");
                EngineClient client = new EngineClient(socket)) {
            assertThat(client.get("/")).isEqualTo("200 all");
            assertThat(shown(socket)).isEqualTo(first.certificate());
        }
        rig.publish(config().with(certificate("shop", second)));
        try (SSLSocket socket = dial("shop.example")) {
            assertThat(shown(socket)).isEqualTo(second.certificate());
        }
    }

    @Test
    void clientsResumeAlsoOnAnotherWorkerAndAfterANewPair() throws Exception {
        rig.publish(config());
        SSLContext one = fresh();
        for (int i = 0; i < 8; i++) {
            if (i == 4) {
                rig.publish(config().with(certificate("shop", second)));
            }
            try (SSLSocket socket = dial(one, "shop.example");
                    EngineClient client = new EngineClient(socket)) {
                assertThat(client.get("/")).isEqualTo("200 all");
            }
        }
        assertThat(counted(Counter.TLS_HANDSHAKES_FULL)).isEqualTo(1);
        assertThat(counted(Counter.TLS_HANDSHAKES_RESUMED)).isEqualTo(7);
    }

    @Test
    void aPolicySaysWhatIsSpoken() throws Exception {
        rig.publish(config().with(secure().tlsPolicy("modern").build()));
        try (SSLSocket socket = dial("shop.example", "TLSv1.2")) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
        }
        Awaitility.await().until(() -> counted(Counter.TLS_FAILURES_REFUSED) == 1);

        rig.publish(config().with(List.of(
                secure().tlsPolicy("mine").build(),
                TlsPolicyConfig.named(
                        "mine",
                        Map.of(
                                "maxVersion",
                                TlsVersion.TLS_1_2,
                                "ciphers",
                                List.of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
                                "groups",
                                List.of("P-384"),
                                "sessionTickets",
                                false)))));
        for (int i = 0; i < 2; i++) {
            try (SSLSocket socket = dial("shop.example")) {
                assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
                assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
            }
        }
        Awaitility.await().until(() -> counted(Counter.TLS_HANDSHAKES_FULL) == 2);
        try (SSLSocket socket = dial("shop.example")) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setNamedGroups(new String[] {"x25519"});
            socket.setSSLParameters(parameters);
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void clientsThatAskForHttp2GetItWhereTheListenerHasIt() throws Exception {
        for (boolean hasHttp2 : List.of(true, false)) {
            rig.publish(config().with(List.of(secure().http2(hasHttp2).build(), certificate("local", local))));
            try (HttpClient client = HttpClient.newBuilder()
                    .sslContext(fresh())
                    .version(HttpClient.Version.HTTP_2)
                    .build()) {
                for (int i = 0; i < 3; i++) {
                    HttpResponse<String> answer = client.send(
                            HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.body()).isEqualTo("all");
                    assertThat(answer.version())
                            .isEqualTo(hasHttp2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
                }
            }
        }
    }

    @Test
    void theAuthoritysWordIsStapledForClientsThatAsk() throws Exception {
        byte[] word = {0x30, 0x07, 0x0a, 0x01, 0x00, (byte) 0xa0, 0x02, 0x30, 0x00};
        rig.publish(config().with(certificate("shop", first).withOcspResponse(word)));
        try (SSLSocket socket = dial("shop.example", "TLSv1.2")) {
            assertThat(((ExtendedSSLSession) socket.getSession()).getStatusResponses())
                    .containsExactly(word);
        }
        try (SSLSocket socket = dial("shop.example", "TLSv1.3")) {
            // It has come: here the JDK reads it at once, and this one is no authority's. perf/conformance/tls.py has a
            // real one.
            assertThatThrownBy(socket::startHandshake).rootCause().hasMessage("Too short");
        }
        rig.publish(config().with(certificate("shop", first)));
        try (SSLSocket socket = dial("shop.example")) {
            assertThat(((ExtendedSSLSession) socket.getSession()).getStatusResponses())
                    .isEmpty();
        }
    }

    @Test
    void aRequestInClearTextIsToldSo() throws Exception {
        rig.publish(config());
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("X-Penstock-Reason: clear-text\r\n")
                    .endsWith("https:// instead of http://\n");
        }
        assertThat(counted(Counter.TLS_FAILURES_CLEAR_TEXT)).isEqualTo(1);
    }

    @Test
    void aConnectionWithoutAHelloEndsAndGivesItsPlaceBack() throws Exception {
        rig.publish(config());
        for (int i = 0; i < 5; i++) {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.close();
        }
        Awaitility.await().until(() -> counted(Counter.TLS_FAILURES_CLOSED) == 5);
        assertThat(counted(Counter.CONNECTIONS_OPEN)).isZero();
    }

    @Test
    void aListenerTurnsFromClearTextToTlsAndBack() throws Exception {
        rig.publish(config().with(secure().protocol(Protocol.HTTP).build()));
        try (EngineClient client = new EngineClient(new Socket(InetAddress.getLoopbackAddress(), port))) {
            assertThat(client.get("/")).isEqualTo("200 all");
            rig.publish(config());
            assertThat(client.get("/")).isEqualTo("200 all");
        }
        try (SSLSocket socket = dial("shop.example");
                EngineClient client = new EngineClient(socket)) {
            assertThat(client.get("/")).isEqualTo("200 all");
        }
        rig.publish(config().with(secure().protocol(Protocol.HTTP).build()));
        try (EngineClient client = new EngineClient(new Socket(InetAddress.getLoopbackAddress(), port))) {
            assertThat(client.get("/")).isEqualTo("200 all");
        }
    }
}
