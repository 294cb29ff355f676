package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.AnonymousAuthConfig;
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
import io.penstock.config.Protocol;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.metrics.Counter;
import io.penstock.transport.tls.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that show certificates of their own. */
final class MutualTlsTest {
    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;
    private static TestCertificates.Pair acme;
    private static TestCertificates.Pair stranger;
    private static TestCertificates.Pair old;
    private static TestCertificates.Pair partner;

    private ConfigRig rig;
    private int port;

    @BeforeAll
    static void makeCertificates() throws Exception {
        shop = TestCertificates.make(folder, "shop.example");
        partner = TestCertificates.make(folder, "partner.example");
        acme = TestCertificates.makeSigned(folder, "acme");
        stranger = TestCertificates.makeSigned(folder, "acme");
        old = TestCertificates.makeSigned(folder, List.of("-startdate", "-10d", "-validity", "5"), "acme");
    }

    @BeforeEach
    void open() throws Exception {
        rig = new ConfigRig(1, folder);
        port = ConfigRig.freePort();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private ProxyConfig config(ClientCertificateMode mode, CaBundleConfig bundle, AuthConfig... auth) throws Exception {
        ListenerConfig listener = ListenerConfig.named("secure", ListenAddress.parse("127.0.0.1:" + port))
                .protocol(Protocol.HTTPS)
                .clientCertificate(new ClientCertificateConfig(mode, List.of("clients")))
                .build();
        return ProxyConfig.initial()
                .with(List.of(
                        listener,
                        CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem())),
                        bundle,
                        ConsumerConfig.named("acme").build(),
                        ConfigRig.fixed("all", "/").auth(auth).build()));
    }

    private static CaBundleConfig bundle() throws Exception {
        return CaBundleConfig.of(
                "clients",
                TestCertificates.pem("CERTIFICATE", acme.chain().getLast().getEncoded()));
    }

    private SSLSocket dial(Optional<TestCertificates.Pair> own) throws Exception {
        return dial("shop.example", own);
    }

    private SSLSocket dial(String name, Optional<TestCertificates.Pair> own) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("shop", shop.certificate());
        trusted.setCertificateEntry("partner", partner.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManager[] keys = {};
        if (own.isPresent()) {
            KeyStore mine = KeyStore.getInstance("PKCS12");
            mine.load(null, null);
            mine.setKeyEntry(
                    "own",
                    own.get().key(),
                    "changeit".toCharArray(),
                    own.get().chain().toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(mine, "changeit".toCharArray());
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return (SSLSocket) context.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), name, port, true);
    }

    private String get(Optional<TestCertificates.Pair> own) throws Exception {
        try (SSLSocket socket = dial(own);
                EngineClient client = new EngineClient(socket)) {
            return client.get("/");
        }
    }

    @Test
    void aBelievedCertificateNamesTheConsumer() throws Exception {
        rig.publish(config(
                ClientCertificateMode.REQUIRED, bundle(), ClientCertificateAuthConfig.of(CertificateName.COMMON_NAME)));

        assertThat(get(Optional.of(acme))).isEqualTo("200 all");
        Awaitility.await()
                .until(() -> rig.engine().readings().trail().recent(10).stream()
                        .anyMatch(entry -> entry.toString().contains("acme")));
    }

    @Test
    void clientsWithoutOneOrWithAStrangersAreRefused() throws Exception {
        rig.publish(config(ClientCertificateMode.REQUIRED, bundle(), new AnonymousAuthConfig()));

        assertThatThrownBy(() -> get(Optional.empty())).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> get(Optional.of(stranger))).isInstanceOf(IOException.class);
        assertThat(get(Optional.of(acme))).isEqualTo("200 all");
        Awaitility.await()
                .until(() -> rig.engine().readings().metrics().value(Counter.TLS_FAILURES_REFUSED)
                                + rig.engine().readings().metrics().value(Counter.TLS_FAILURES_ALERT)
                        == 2);
    }

    @Test
    void whereItIsOptionalTheRouteDecides() throws Exception {
        rig.publish(config(
                ClientCertificateMode.OPTIONAL, bundle(), ClientCertificateAuthConfig.of(CertificateName.DNS_NAME)));

        assertThat(get(Optional.empty())).startsWith("401 ");
        assertThat(get(Optional.of(acme))).isEqualTo("200 all");
        assertThatThrownBy(() -> get(Optional.of(stranger))).isInstanceOf(IOException.class);
    }

    @Test
    void aCertificateThatNamesNoConsumerIsRefusedByTheRoute() throws Exception {
        rig.publish(config(
                ClientCertificateMode.REQUIRED, bundle(), ClientCertificateAuthConfig.of(CertificateName.FINGERPRINT)));
        assertThat(get(Optional.of(acme))).startsWith("401 ");

        rig.publish(config(
                ClientCertificateMode.REQUIRED, bundle(), new ClientCertificateAuthConfig(Optional.empty(), true)));
        assertThat(get(Optional.of(acme))).isEqualTo("200 all");
    }

    @Test
    void aDnsNameIsOneThatTheAuthorityCalledSoAndNotTheCommonName() throws Exception {
        TestCertificates.Pair bySubject = TestCertificates.makeNamedBySubject(folder, "acme");
        CaBundleConfig believed =
                CaBundleConfig.of("clients", pem(bySubject.chain().subList(1, 2)));
        rig.publish(config(
                ClientCertificateMode.REQUIRED, believed, ClientCertificateAuthConfig.of(CertificateName.DNS_NAME)));
        assertThat(get(Optional.of(bySubject))).startsWith("401 ");

        rig.publish(config(
                ClientCertificateMode.REQUIRED, believed, ClientCertificateAuthConfig.of(CertificateName.COMMON_NAME)));
        assertThat(get(Optional.of(bySubject))).isEqualTo("200 all");
    }

    @Test
    void aRevokedOneIsRefusedFromTheNextHandshakeOn() throws Exception {
        rig.publish(config(ClientCertificateMode.REQUIRED, bundle(), new AnonymousAuthConfig()));
        assertThat(get(Optional.of(acme))).isEqualTo("200 all");

        CaBundleConfig revoking = bundle().withRevocationLists(Files.readString(TestCertificates.revoke(folder, acme)));
        rig.publish(config(ClientCertificateMode.REQUIRED, revoking, new AnonymousAuthConfig()));
        assertThatThrownBy(() -> get(Optional.of(acme))).isInstanceOf(IOException.class);

        rig.publish(config(ClientCertificateMode.REQUIRED, bundle(), new AnonymousAuthConfig()));
        assertThat(get(Optional.of(acme))).isEqualTo("200 all");
    }

    @Test
    void whomARevokedAuthoritySignedIsRefusedWhetherItShowsThatOneOrNot() throws Exception {
        TestCertificates.Pair below = TestCertificates.makeBelow(folder, 1, "acme");
        CaBundleConfig both = CaBundleConfig.of("clients", pem(below.chain().subList(1, 3)));
        rig.publish(config(ClientCertificateMode.REQUIRED, both, new AnonymousAuthConfig()));
        assertThat(get(Optional.of(below.alone()))).isEqualTo("200 all");

        CaBundleConfig revoking = both.withRevocationLists(Files.readString(
                TestCertificates.revoke(folder, below, below.chain().get(1))));
        rig.publish(config(ClientCertificateMode.REQUIRED, revoking, new AnonymousAuthConfig()));
        assertThatThrownBy(() -> get(Optional.of(below))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> get(Optional.of(below.alone()))).isInstanceOf(IOException.class);
    }

    private static String pem(List<X509Certificate> certificates) throws Exception {
        StringBuilder text = new StringBuilder();
        for (X509Certificate each : certificates) {
            text.append(TestCertificates.pem("CERTIFICATE", each.getEncoded()));
        }
        return text.toString();
    }

    @Test
    void whoIsRefusedIsToldWhy() throws Exception {
        CaBundleConfig both = CaBundleConfig.of(
                        "clients",
                        TestCertificates.pem(
                                        "CERTIFICATE", acme.chain().getLast().getEncoded())
                                + TestCertificates.pem(
                                        "CERTIFICATE", old.chain().getLast().getEncoded()))
                .withRevocationLists(Files.readString(TestCertificates.revoke(folder, acme)));
        rig.publish(config(ClientCertificateMode.REQUIRED, both, new AnonymousAuthConfig()));

        assertThatThrownBy(() -> shake(stranger)).hasMessageContaining("unknown_ca");
        assertThatThrownBy(() -> shake(old)).hasMessageContaining("certificate_expired");
        assertThatThrownBy(() -> shake(acme)).hasMessageContaining("certificate_revoked");
    }

    // Nothing is sent behind the handshake: bytes that nobody reads any more would have the alert lost on its way.
    private void shake(TestCertificates.Pair own) throws Exception {
        try (SSLSocket socket = dial(Optional.of(own))) {
            socket.startHandshake();
            assertThat(socket.getInputStream().read()).isNegative();
        }
    }

    @Nested
    class AskedByTheNameOfTheCertificate {
        @BeforeEach
        void publish() throws Exception {
            CertificateConfig open = CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem()))
                    .withSnis("shop.example", "www.shop.example");
            CertificateConfig closed = CertificateConfig.of(
                            "partner", partner.pem(), new SecretValue.Given(partner.keyPem()))
                    .withClientCertificate(
                            new ClientCertificateConfig(ClientCertificateMode.REQUIRED, List.of("clients")));
            rig.publish(ProxyConfig.initial()
                    .with(List.of(
                            ListenerConfig.named("secure", ListenAddress.parse("127.0.0.1:" + port))
                                    .protocol(Protocol.HTTPS)
                                    .certificates("shop", "partner")
                                    .build(),
                            open,
                            closed,
                            bundle(),
                            ConfigRig.fixed("all", "/").build())));
        }

        private String get(String name, String host, Optional<TestCertificates.Pair> own) throws Exception {
            try (SSLSocket socket = dial(name, own);
                    EngineClient client = new EngineClient(socket)) {
                return client.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            }
        }

        @Test
        void onlyClientsOfThatNameShowOne() throws Exception {
            assertThat(get("shop.example", "shop.example", Optional.empty())).isEqualTo("200 all");
            assertThatThrownBy(() -> get("partner.example", "partner.example", Optional.empty()))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get("partner.example", "partner.example", Optional.of(stranger)))
                    .isInstanceOf(IOException.class);
            assertThat(get("partner.example", "partner.example", Optional.of(acme)))
                    .isEqualTo("200 all");
        }

        @Test
        void aConnectionForAnotherNameIsNoWayAroundIt() throws Exception {
            for (String host : List.of("partner.example", "PARTNER.example:443", "partner.example.")) {
                assertThat(get("shop.example", host, Optional.empty()))
                        .as(host)
                        .startsWith("421 ")
                        .contains("misdirected");
            }
            assertThat(get("partner.example", "shop.example", Optional.of(acme)))
                    .startsWith("421 ");
            assertThat(get("shop.example", "www.shop.example", Optional.empty()))
                    .isEqualTo("200 all");
            assertThat(get("strange.example", "shop.example", Optional.empty())).isEqualTo("200 all");
            assertThat(get("strange.example", "partner.example", Optional.empty()))
                    .startsWith("421 ");
        }

        @Test
        void neitherIsATicketOfAnotherName() throws Exception {
            for (int i = 0; i < 3; i++) {
                assertThat(get("shop.example", "shop.example", Optional.empty()))
                        .isEqualTo("200 all");
                assertThatThrownBy(() -> get("partner.example", "partner.example", Optional.empty()))
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void suchClientsDoNotResume() throws Exception {
        rig.publish(config(ClientCertificateMode.REQUIRED, bundle(), new AnonymousAuthConfig()));
        for (int i = 0; i < 3; i++) {
            assertThat(get(Optional.of(acme))).isEqualTo("200 all");
        }
        assertThat(rig.engine().readings().metrics().value(Counter.TLS_HANDSHAKES_RESUMED))
                .isZero();
    }
}
