package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.AcmeAccountConfig;
import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.Protocol;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.metrics.Counter;
import io.penstock.transport.tls.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificate authorities that ask whether a name is served here, beside clients. */
@ParameterizedClass
@ValueSource(ints = {1, 4})
final class DomainProofTest {
    private static final int TIMEOUT_S = 20;
    private static final String FOLDER = "/.well-known/acme-challenge/";

    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;
    private static TestCertificates.Pair proof;

    private final int workers;
    private ConfigRig rig;
    private int port;
    private int securePort;

    DomainProofTest(int workers) {
        this.workers = workers;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        shop = TestCertificates.make(folder, "shop.example");
        proof = TestCertificates.make(folder, "new.example");
    }

    @BeforeEach
    void open() throws Exception {
        rig = new ConfigRig(workers, folder);
        port = ConfigRig.freePort();
        securePort = ConfigRig.freePort();
        rig.publish(ProxyConfig.initial()
                .with(List.of(
                        ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                                .build(),
                        ListenerConfig.named("secure", ListenAddress.parse("127.0.0.1:" + securePort))
                                .protocol(Protocol.HTTPS)
                                .build(),
                        CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem())),
                        ConfigRig.fixed("all", "/").build())));
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void prove(DomainProof... proofs) throws Exception {
        rig.engine().prove(List.of(proofs)).toCompletableFuture().get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    private EngineClient client() throws IOException {
        return new EngineClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    @Test
    void aTextIsShownAheadOfRoutesByEveryWorkerAsLongAsItIsToBe() throws Exception {
        prove(new DomainProof.Http("token-1", "token-1.print"));
        for (int i = 0; i < 8; i++) {
            try (EngineClient client = client()) {
                assertThat(client.get(FOLDER + "token-1")).isEqualTo("200 token-1.print");
            }
        }
        assertThat(rig.engine().readings().metrics().value(Counter.HTTP_PROOFS)).isEqualTo(8);

        prove();
        for (int i = 0; i < 8; i++) {
            try (EngineClient client = client()) {
                assertThat(client.get(FOLDER + "token-1")).isEqualTo("200 all");
            }
        }
    }

    @Test
    void whateverElseLiesThereIsForTheRoutes() throws Exception {
        prove(new DomainProof.Http("token-1", "token-1.print"));
        try (EngineClient client = client()) {
            for (String path : List.of(
                    FOLDER + "token-2",
                    FOLDER,
                    FOLDER + "token-1/",
                    FOLDER + "x/token-1",
                    "/.well-known/acme-challenge",
                    "/.well-known/ACME-challenge/token-1",
                    "/a" + FOLDER + "token-1")) {
                assertThat(client.get(path)).as(path).isEqualTo("200 all");
            }
            assertThat(client.ask("POST " + FOLDER + "token-1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"))
                    .isEqualTo("200 all");
            assertThat(client.get(FOLDER + "%74oken-1?x=1")).isEqualTo("200 token-1.print");
            assertThat(client.get("/b/.." + FOLDER + "token-1")).isEqualTo("200 token-1.print");
        }
    }

    @Test
    void overTlsARequestForATextIsLikeAnyOther() throws Exception {
        prove(new DomainProof.Http("token-1", "token-1.print"));
        try (SSLSocket socket = dial("shop.example", "http/1.1");
                EngineClient client = new EngineClient(socket)) {
            assertThat(client.get(FOLDER + "token-1")).isEqualTo("200 all");
        }
    }

    @Test
    void aHandshakeForAProofGetsItAndNothingIsSpokenBehindIt() throws Exception {
        prove(new DomainProof.Tls("new.example", proof.certificate(), proof.key()));
        for (int i = 0; i < 8; i++) {
            try (SSLSocket socket = dial("new.example", "acme-tls/1")) {
                socket.startHandshake();
                assertThat(shown(socket)).isEqualTo(proof.certificate());
                assertThat(socket.getApplicationProtocol()).isEqualTo("acme-tls/1");
                assertThat(socket.getInputStream().read()).isNegative();
            }
        }
        assertThat(rig.engine().readings().metrics().value(Counter.TLS_PROOFS)).isEqualTo(8);
        assertThat(rig.engine().readings().metrics().value(Counter.TLS_HANDSHAKES_FULL))
                .isZero();
    }

    @Test
    void clientsThatDoNotAskForItAreShownTheCertificate() throws Exception {
        prove(new DomainProof.Tls("new.example", proof.certificate(), proof.key()));
        for (String name : List.of("new.example", "shop.example")) {
            try (SSLSocket socket = dial(name, "http/1.1");
                    EngineClient client = new EngineClient(socket)) {
                assertThat(client.get("/")).isEqualTo("200 all");
                assertThat(shown(socket)).isEqualTo(shop.certificate());
            }
        }
        try (SSLSocket socket = dial("new.example", "http/1.1", "acme-tls/1");
                EngineClient client = new EngineClient(socket)) {
            assertThat(client.get("/")).isEqualTo("200 all");
            assertThat(shown(socket)).isEqualTo(shop.certificate());
        }
    }

    @Test
    void aHandshakeForAProofThatNobodyPromisedAgreesOnNothing() throws Exception {
        prove(new DomainProof.Tls("new.example", proof.certificate(), proof.key()));
        try (SSLSocket socket = dial("shop.example", "acme-tls/1")) {
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isEmpty();
            assertThat(shown(socket)).isEqualTo(shop.certificate());
        }
        assertThat(rig.engine().readings().metrics().value(Counter.TLS_PROOFS)).isZero();
    }

    @Test
    void aListenerWhoseCertificateIsStillToBeIssuedTakesProofsAndTellsOthersThatItKnowsNoSuchName() throws Exception {
        rig.publish(ProxyConfig.initial()
                .with(List.of(
                        ListenerConfig.named("secure", ListenAddress.parse("127.0.0.1:" + securePort))
                                .protocol(Protocol.HTTPS)
                                .build(),
                        AcmeAccountConfig.of("authority", "https://127.0.0.1:14000/dir"),
                        CertificateConfig.ordered("new", CertificateAcmeConfig.of("authority", "new.example")),
                        ConfigRig.fixed("all", "/").build())));
        prove(new DomainProof.Tls("new.example", proof.certificate(), proof.key()));

        try (SSLSocket socket = dial("new.example", "http/1.1")) {
            assertThatThrownBy(socket::startHandshake)
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("unrecognized_name");
        }
        try (SSLSocket socket = dial("new.example", "acme-tls/1")) {
            socket.startHandshake();
            assertThat(shown(socket)).isEqualTo(proof.certificate());
        }
    }

    private static X509Certificate shown(SSLSocket socket) throws IOException {
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    private SSLSocket dial(String name, String... protocols) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), securePort), name, securePort, true);
        socket.setSoTimeout(TIMEOUT_S * 1000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        return socket;
    }

    /** An authority believes whatever certificate it is shown as a proof; what counts is what it holds. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
