package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.CaBundleConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.HttpCheckConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.Resource;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.SecretValue;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.discovery.HealthCheck;
import io.penstock.metrics.Counter;
import io.penstock.transport.tls.Believed;
import io.penstock.transport.tls.ClientContext;
import io.penstock.transport.tls.TestCertificates;
import io.penstock.transport.tls.TlsLibrary;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints with which TLS is spoken: who is believed, and who is not. */
@ParameterizedClass
@ValueSource(ints = {1, 4})
final class UpstreamTlsTest {
    private static final int TIMEOUT_S = 20;

    @TempDir
    static Path folder;

    private static TestCertificates.Pair orders;
    private static TestCertificates.Pair other;
    private static TestCertificates.Pair old;

    private final int workers;
    private ConfigRig rig;
    private int port;

    UpstreamTlsTest(int workers) {
        this.workers = workers;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        orders = TestCertificates.makeSigned(folder, "orders.test", "*.shop.test");
        other = TestCertificates.makeSigned(folder, "other.test");
        old = TestCertificates.makeSigned(folder, List.of("-startdate", "-10d", "-validity", "5"), "orders.test");
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

    private static CaBundleConfig bundle(String name, TestCertificates.Pair pair) throws Exception {
        return CaBundleConfig.of(
                name, TestCertificates.pem("CERTIFICATE", pair.chain().getLast().getEncoded()));
    }

    private static UpstreamTlsConfig tls() {
        return UpstreamTlsConfig.usual().believing("root").asking("orders.test");
    }

    private ProxyConfig config(TlsEndpoint endpoint, UpstreamTlsConfig tls, Resource... more) throws Exception {
        List<Resource> all = new ArrayList<>(List.of(
                ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                        .build(),
                bundle("root", orders),
                UpstreamConfig.named("orders")
                        .targets(TargetConfig.of("127.0.0.1:" + endpoint.port()))
                        .tls(tls)
                        .build(),
                ServiceConfig.named("orders", "orders").build(),
                RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("orders")
                        .build()));
        all.addAll(List.of(more));
        return ProxyConfig.initial().with(all);
    }

    private String get(String path) throws Exception {
        try (EngineClient client = new EngineClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            return client.get(path);
        }
    }

    private long counted(Counter counter) {
        return rig.engine().readings().metrics().value(counter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void forwardsByEachVersionAndKeepsTheConnection(String version) throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(orders, Optional.empty(), version)) {
            rig.publish(config(endpoint, tls()));
            try (EngineClient client =
                    new EngineClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                for (int i = 0; i < 5; i++) {
                    assertThat(client.get("/a")).isEqualTo("200 there");
                }
            }

            assertThat(endpoint.connections()).isEqualTo(1);
            assertThat(counted(Counter.UPSTREAM_TLS_HANDSHAKES_FULL)).isEqualTo(1);
        }
    }

    @Test
    void takesTheNamesThatAreWantedInPlaceOfTheOneThatIsAskedFor() throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(orders, Optional.empty())) {
            rig.publish(config(endpoint, tls().asking("unknown.test").taking("elsewhere.test", "a.shop.test")));

            assertThat(get("/a")).isEqualTo("200 there");
        }
    }

    @Test
    void refusesWhoIsNotBelievedWithItsReason() throws Exception {
        assertThat(answerOf(other, tls().asking("other.test")))
                .startsWith("502 ")
                .contains("upstream-tls-untrusted");
        assertThat(answerOf(orders, tls().asking("wrong.test"))).contains("upstream-tls-name");
        assertThat(answerOf(orders, tls().taking("b.a.shop.test", "127.0.0.1"))).contains("upstream-tls-name");
        assertThat(answerOf(orders, UpstreamTlsConfig.usual().believing("root")))
                .contains("upstream-tls-name");
        assertThat(answerOf(orders, UpstreamTlsConfig.usual().asking("orders.test")))
                .contains("upstream-tls-untrusted");
        assertThat(answerOf(orders, tls().under("modern"), "TLSv1.2")).contains("upstream-tls-version");
        assertThat(counted(Counter.UPSTREAM_TLS_HANDSHAKES_FULL)).isZero();
        assertThat(counted(Counter.UPSTREAM_TLS_HANDSHAKES_FAILED)).isGreaterThanOrEqualTo(6);
    }

    @Test
    void refusesACertificateThatIsOver() throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(old, Optional.empty())) {
            rig.publish(config(endpoint, tls().believing("old"), bundle("old", old)));

            assertThat(get("/a")).startsWith("502 ").contains("upstream-tls-expired");
        }
    }

    private String answerOf(TestCertificates.Pair pair, UpstreamTlsConfig tls, String... versions) throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(pair, Optional.empty(), versions)) {
            rig.publish(config(endpoint, tls));
            return get("/a");
        }
    }

    @Test
    void showsItsOwnCertificateToWhoAsksForOne() throws Exception {
        try (TlsEndpoint endpoint =
                new TlsEndpoint(orders, Optional.of(other.chain().getLast()))) {
            rig.publish(config(endpoint, tls()));
            assertThat(get("/a")).startsWith("502 ");

            rig.publish(config(
                    endpoint,
                    tls().showing("gateway"),
                    CertificateConfig.of("gateway", other.pem(), new SecretValue.Given(other.keyPem()))));
            assertThat(get("/a")).isEqualTo("200 there");
        }
    }

    @Test
    void believesByTheBundleAsItIsNowAlsoOverConnectionsThatWereKept() throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(orders, Optional.empty())) {
            ProxyConfig before = config(endpoint, tls());
            rig.publish(before);
            for (int i = 0; i < 4 * workers; i++) {
                assertThat(get("/a")).isEqualTo("200 there");
            }

            rig.publish(before.with(bundle("root", other)));
            for (int i = 0; i < 4 * workers; i++) {
                assertThat(get("/a")).contains("upstream-tls-untrusted");
            }
        }
    }

    @Test
    void refusesWhatWasRevokedAlsoWhereItWasSpokenWithBefore() throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(orders, Optional.empty())) {
            ProxyConfig before = config(endpoint, tls());
            rig.publish(before);
            assertThat(get("/close")).isEqualTo("200 there");

            rig.publish(before.with(bundle("root", orders)
                    .withRevocationLists(Files.readString(TestCertificates.revoke(folder, orders)))));
            for (int i = 0; i < 2 * workers; i++) {
                assertThat(get("/a")).startsWith("502 ").contains("upstream-tls-revoked");
            }
        }
    }

    @Test
    void aBodyThatEndsWithTheConnectionIsWholeOnlyIfItsEndWasAnnounced() throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(orders, Optional.empty())) {
            rig.publish(config(endpoint, tls()));

            assertThat(wholeAnswer("/until-close")).endsWith("0\r\n\r\n").contains("there");
            assertThat(wholeAnswer("/cut")).doesNotContain("0\r\n\r\n");
        }
    }

    private String wholeAnswer(String path) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_S * 1000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder answer = new StringBuilder();
            try {
                for (int next = socket.getInputStream().read();
                        next >= 0;
                        next = socket.getInputStream().read()) {
                    answer.append((char) next);
                }
            } catch (SocketException reset) {
                // What came before it counts.
            }
            return answer.toString();
        }
    }

    @Test
    void resumesWhatItRemembers() throws Exception {
        try (TlsEndpoint endpoint = new TlsEndpoint(orders, Optional.empty(), "TLSv1.2")) {
            rig.publish(config(endpoint, tls()));
            for (int i = 0; i < 8; i++) {
                assertThat(get("/close")).isEqualTo("200 there");
            }

            assertThat(endpoint.connections()).isEqualTo(8);
            assertThat(counted(Counter.UPSTREAM_TLS_HANDSHAKES_RESUMED)).isPositive();
        }
    }

    @Test
    void checksHealthOverTlsToo() throws Exception {
        ActiveHealthConfig check =
                ActiveHealthConfig.of(RecordDefaults.of(HttpCheckConfig.class, Map.of("path", "/ok")));
        try (TlsEndpoint endpoint = new TlsEndpoint(orders, Optional.empty())) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port());
            HealthCheck.Question question = new HealthCheck.Question(
                    "orders",
                    address,
                    "orders.test:" + endpoint.port(),
                    check,
                    UpstreamProtocol.HTTP1,
                    Optional.empty());

            assertThat(asked(question, orders).isGood()).isTrue();
            assertThat(asked(question, other).isGood()).isFalse();
        }
    }

    private static HealthCheck.Answer asked(HealthCheck.Question question, TestCertificates.Pair believed)
            throws Exception {
        ClientContext context = ClientContext.of(
                TlsLibrary.JDK,
                new Believed(List.of(believed.chain().getLast()), List.of()),
                Optional.empty(),
                TlsPolicyConfig.INTERMEDIATE,
                List.of(),
                Optional.empty(),
                List.of());
        try (HealthProber prober = new HealthProber("test", upstream -> Optional.of(context))) {
            return prober.ask(question).toCompletableFuture().get(TIMEOUT_S, TimeUnit.SECONDS);
        }
    }
}
