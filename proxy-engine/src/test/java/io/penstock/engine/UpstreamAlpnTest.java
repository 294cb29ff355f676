package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.CaBundleConfig;
import io.penstock.config.HealthConfig;
import io.penstock.config.HttpCheckConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.config.UpstreamProtocol;
import io.penstock.config.UpstreamTimeouts;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.discovery.HealthView;
import io.penstock.metrics.Counter;
import io.penstock.transport.tls.TestCertificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What is spoken with endpoints over TLS, as both choose it (RFC 7301). */
@ParameterizedClass
@ValueSource(ints = {1, 4})
final class UpstreamAlpnTest {
    private static final int REQUESTS = 100;
    private static final int CLIENTS = 8;

    @TempDir
    static Path folder;

    private static TestCertificates.Pair orders;

    private final int workers;
    private ConfigRig rig;
    private TlsEndpoint endpoint;
    private int port;

    UpstreamAlpnTest(int workers) {
        this.workers = workers;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        orders = TestCertificates.makeSigned(folder, "orders.test");
    }

    @BeforeEach
    void open() throws Exception {
        rig = new ConfigRig(workers, folder);
        endpoint = new TlsEndpoint(orders, Optional.empty());
        port = ConfigRig.freePort();
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        endpoint.close();
    }

    private UpstreamConfig.Builder upstream(UpstreamProtocol protocol) {
        return UpstreamConfig.named("orders")
                .targets(TargetConfig.of("127.0.0.1:" + endpoint.port()))
                .protocol(protocol)
                // A machine that builds beside has made handshakes wait for longer than the usual 2 s.
                .timeouts(RecordDefaults.of(UpstreamTimeouts.class, Map.of("connect", Duration.ofSeconds(20))))
                .tls(UpstreamTlsConfig.usual().believing("root").asking("orders.test"));
    }

    private void publish(UpstreamConfig.Builder upstream) throws Exception {
        rig.publish(ProxyConfig.initial()
                .with(List.of(
                        ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                                .build(),
                        CaBundleConfig.of(
                                "root",
                                TestCertificates.pem(
                                        "CERTIFICATE", orders.chain().getLast().getEncoded())),
                        upstream.build(),
                        ServiceConfig.named("orders", "orders").build(),
                        RouteConfig.named("all")
                                .matches(RouteMatch.of(PathMatch.prefix("/")))
                                .service("orders")
                                .build())));
    }

    private EngineClient client() throws Exception {
        return new EngineClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private String get() throws Exception {
        try (EngineClient client = client()) {
            return client.get("/a");
        }
    }

    // From many clients at once.
    private void allAreAnswered() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                answers.add(threads.submit(this::get));
            }
            for (Future<String> answer : answers) {
                assertThat(answer.get()).isEqualTo("200 there");
            }
        }
    }

    private long counted(Counter counter) {
        return rig.engine().readings().metrics().value(counter);
    }

    @Test
    void sharesAConnectionOfEachWorkerWhereHttp2IsChosen() throws Exception {
        endpoint.offers("h2");
        publish(upstream(UpstreamProtocol.HTTP2));

        allAreAnswered();

        assertThat(endpoint.connections()).isLessThanOrEqualTo(workers * 2);
        assertThat(counted(Counter.UPSTREAM_REUSES)).isGreaterThanOrEqualTo(REQUESTS - 4L * workers);
    }

    @Test
    void doesTheSameWhereTheEndpointIsLeftTheChoice() throws Exception {
        endpoint.offers("h2", "http/1.1");
        publish(upstream(UpstreamProtocol.AUTO));

        allAreAnswered();

        assertThat(endpoint.connections()).isLessThanOrEqualTo(workers * 2);
    }

    @Test
    void speaksHttp1WhereThatIsChosen() throws Exception {
        endpoint.offers("http/1.1");
        publish(upstream(UpstreamProtocol.AUTO));

        allAreAnswered();
        try (EngineClient client = client()) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.get("/a")).isEqualTo("200 there");
            }
            long before = endpoint.connections();
            assertThat(client.get("/a")).isEqualTo("200 there");
            assertThat(endpoint.connections()).isEqualTo((int) before);
        }
    }

    @Test
    void speaksHttp1WhereNothingIsChosen() throws Exception {
        publish(upstream(UpstreamProtocol.AUTO));

        allAreAnswered();
    }

    @Test
    void refusesWhatIsNoHttp2WhereNothingElseIsSpoken() throws Exception {
        publish(upstream(UpstreamProtocol.HTTP2));

        assertThat(get()).startsWith("502 ").contains("upstream-tls-no-http2");
    }

    @Test
    void followsAnEndpointThatChoosesAnew() throws Exception {
        endpoint.offers("http/1.1");
        publish(upstream(UpstreamProtocol.AUTO));
        for (int i = 0; i < 4; i++) {
            try (EngineClient client = client()) {
                assertThat(client.get("/close")).isEqualTo("200 there");
            }
        }

        endpoint.offers("h2");
        allAreAnswered();
        endpoint.offers("http/1.1");
        publish(upstream(UpstreamProtocol.HTTP1));
        allAreAnswered();
        publish(upstream(UpstreamProtocol.AUTO));
        allAreAnswered();
    }

    @Test
    void checksHealthByWhatIsChosen() throws Exception {
        endpoint.offers("h2");
        HttpCheckConfig check = RecordDefaults.of(
                HttpCheckConfig.class, Map.of("interval", Duration.ofMillis(100), "path", "/healthz"));
        publish(upstream(UpstreamProtocol.AUTO)
                .health(RecordDefaults.of(
                        HealthConfig.class, Map.of("active", Optional.of(ActiveHealthConfig.of(check))))));

        Awaitility.await()
                .untilAsserted(() -> assertThat(rig.engine().readings().endpoints("orders"))
                        .hasSize(1)
                        .allMatch(status ->
                                status.health().map(HealthView::state).orElseThrow() == HealthView.State.HEALTHY));
    }
}
