package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AuthConfig;
import io.penstock.config.CaBundleConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.CertificateName;
import io.penstock.config.ClientCertificateAuthConfig;
import io.penstock.config.ClientCertificateConfig;
import io.penstock.config.ClientCertificateMode;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.Protocol;
import io.penstock.config.Resource;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.SecretValue;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import io.penstock.transport.tls.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of HTTP/3 that show certificates of their own: as by TCP. */
final class Http3ClientCertificatesTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;
    private static TestCertificates.Pair acme;
    private static TestCertificates.Pair stranger;
    private static TestCertificates.Pair old;

    private int port;

    @BeforeAll
    static void makeCertificates() throws Exception {
        shop = TestCertificates.make(folder, "shop.example");
        acme = TestCertificates.makeSigned(folder, "acme");
        stranger = TestCertificates.makeSigned(folder, "acme");
        old = TestCertificates.makeSigned(folder, List.of("-startdate", "-10d", "-validity", "5"), "acme");
    }

    private Resource[] resources(ClientCertificateMode mode, CaBundleConfig bundle, AuthConfig... auth)
            throws Exception {
        return new Resource[] {
            ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + port))
                    .protocol(Protocol.HTTPS)
                    .http3(true)
                    .certificates("shop")
                    .clientCertificate(new ClientCertificateConfig(mode, List.of("clients")))
                    .build(),
            CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem())),
            bundle,
            ConsumerConfig.named("acme").build(),
            RouteConfig.named("all")
                    .matches(RouteMatch.of(PathMatch.prefix("/")))
                    .service("backend")
                    .auth(auth)
                    .build()
        };
    }

    private static CaBundleConfig bundle(TestCertificates.Pair... believed) throws Exception {
        StringBuilder authorities = new StringBuilder();
        for (TestCertificates.Pair each : believed) {
            authorities.append(
                    TestCertificates.pem("CERTIFICATE", each.chain().getLast().getEncoded()));
        }
        return CaBundleConfig.of("clients", authorities.toString());
    }

    private EngineRig rig(ClientCertificateMode mode, CaBundleConfig bundle) throws Exception {
        port = ConfigRig.freePort();
        return new EngineRig(
                TransportChoice.NIO,
                1,
                folder,
                resources(mode, bundle, ClientCertificateAuthConfig.of(CertificateName.COMMON_NAME)));
    }

    private QuicPeer connect(TestCertificates.@Nullable Pair own) throws Exception {
        if (own == null) {
            return QuicPeer.connect(port).settings();
        }
        KeyStore mine = KeyStore.getInstance("PKCS12");
        mine.load(null, null);
        mine.setKeyEntry("own", own.key(), PASSWORD, own.chain().toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(mine, PASSWORD);
        return QuicPeer.connect(port, "shop.example", keys).settings();
    }

    /** Whether a request is answered; who is refused may hear of it only after it has taken the server's side as done. */
    private boolean isServed(TestCertificates.@Nullable Pair own, EngineRig rig) throws Exception {
        QuicPeer client;
        try {
            client = connect(own);
        } catch (Exception refused) {
            return false;
        }
        try (client) {
            QuicPeer.Stream stream = client.get("/");
            Awaitility.await().until(() -> !client.isOpen() || rig.metrics().value(Counter.REQUESTS_ACTIVE) > 0);
            if (rig.metrics().value(Counter.REQUESTS_ACTIVE) == 0) {
                return false;
            }
            Peer endpoint = rig.endpoint();
            endpoint.readUntil("\r\n\r\n");
            endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            return QuicPeer.answer(stream).text().equals("ok");
        }
    }

    @Test
    void aBelievedCertificateNamesTheConsumerToTheEndpoint() throws Exception {
        try (EngineRig rig = rig(ClientCertificateMode.REQUIRED, bundle(acme));
                QuicPeer client = connect(acme)) {
            QuicPeer.Stream stream = client.get("/");
            Peer endpoint = rig.endpoint();

            assertThat(endpoint.readUntil("\r\n\r\n")).contains("X-Consumer-Name: acme\r\n");
            endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(QuicPeer.answer(stream).text()).isEqualTo("ok");
        }
    }

    @Test
    void whereItIsRequiredNobodyIsServedWithoutOneThatIsBelieved() throws Exception {
        try (EngineRig rig = rig(ClientCertificateMode.REQUIRED, bundle(acme, old))) {
            assertThat(isServed(null, rig)).isFalse();
            assertThat(isServed(stranger, rig)).isFalse();
            assertThat(isServed(old, rig)).isFalse();
            assertThat(isServed(acme, rig)).isTrue();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(rig.metrics().value(Counter.TLS_FAILURES_REFUSED)
                                    + rig.metrics().value(Counter.TLS_FAILURES_ALERT))
                            .isEqualTo(3));
            assertThat(rig.metrics().value(Counter.HTTP3_CONNECTIONS)).isEqualTo(1);
            rig.settle();
        }
    }

    @Test
    void whereItIsOptionalTheRouteDecides() throws Exception {
        try (EngineRig rig = rig(ClientCertificateMode.OPTIONAL, bundle(acme))) {
            try (QuicPeer nameless = connect(null)) {
                assertThat(QuicPeer.answer(nameless.get("/")).status()).isEqualTo(401);
            }
            assertThat(isServed(acme, rig)).isTrue();
            assertThat(isServed(stranger, rig)).isFalse();
        }
    }

    @Test
    void aRevokedOneIsRefusedFromTheNextHandshakeOn() throws Exception {
        try (EngineRig rig = rig(ClientCertificateMode.REQUIRED, bundle(acme))) {
            assertThat(isServed(acme, rig)).isTrue();

            rig.publish(rig.config()
                    .with(bundle(acme).withRevocationLists(Files.readString(TestCertificates.revoke(folder, acme)))));
            assertThat(isServed(acme, rig)).isFalse();

            rig.publish(rig.config().with(bundle(acme)));
            assertThat(isServed(acme, rig)).isTrue();
        }
    }
}
