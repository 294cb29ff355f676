package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.transport.tls.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What certificates, TLS policies and https listeners must keep, and what is said where they do not. */
final class TlsRulesTest {
    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;
    private static TestCertificates.Pair other;

    @BeforeAll
    static void make() throws Exception {
        shop = TestCertificates.makeSigned(folder, "shop.example", "*.shop.example");
        other = TestCertificates.make(folder, "other.example");
    }

    private static CertificateConfig certificate(String name, TestCertificates.Pair pair)
            throws GeneralSecurityException {
        return CertificateConfig.of(name, pair.pem(), new SecretValue.Given(pair.keyPem()));
    }

    @Test
    void warnsOfAListOfRevokedOnesThatIsOver() throws Exception {
        // Over since February 2024.
        String old = """
                -----BEGIN X509 CRL-----
                MIGZMEAwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJb2xkIGxpc3RzFw0yNDAxMDEw
                MDAwMDBaFw0yNDAyMDEwMDAwMDBaMAoGCCqGSM49BAMCA0kAMEYCIQCPyKmrKjiD
                iV0bAkpUOSuNEGK/GAHaiyKBsgmPBmSPwwIhAPpXbKugSXJs9UnqohtUAFoS43U6
                dqtQLKLcxr9OUsyp
                -----END X509 CRL-----
                """;
        CaBundleConfig bundle = CaBundleConfig.of("clients", other.pem());

        assertThat(warnings(bundle.withRevocationLists(old))).containsExactly("/revocationLists out-of-date");
        assertThat(warnings(bundle.withRevocationLists(Files.readString(TestCertificates.revoke(folder, shop)))))
                .isEmpty();
    }

    private static List<String> warnings(Resource resource) {
        ProxyConfig before = ProxyConfig.initial();
        return ConfigValidator.warnings(before, before.with(resource)).stream()
                .map(warning -> warning.pointer() + " " + warning.code())
                .toList();
    }

    private static ListenerConfig.Builder secure() {
        return ListenerConfig.named("secure", ListenAddress.parse("127.0.0.1:8443"))
                .protocol(Protocol.HTTPS);
    }

    private static List<String> problems(Resource... resources) {
        ProxyConfig before = ProxyConfig.initial();
        return ConfigValidator.validate(before, before.with(List.of(resources))).stream()
                .map(problem -> problem.documentPointer() + " " + problem.code() + ": " + problem.detail())
                .toList();
    }

    @Test
    void aListenerShowsEveryCertificateOrThoseItNames() throws Exception {
        assertThat(problems(secure().build(), certificate("shop", shop))).isEmpty();
        assertThat(problems(secure().certificates("shop").tlsPolicy("modern").build(), certificate("shop", shop)))
                .isEmpty();
        assertThat(problems(secure().certificates("shpo").build(), certificate("shop", shop)))
                .singleElement()
                .asString()
                .contains("/listeners/secure/certificates/0 unknown-reference");
        assertThat(problems(secure().tlsPolicy("old").build(), certificate("shop", shop)))
                .singleElement()
                .asString()
                .contains("/listeners/secure/tlsPolicy unknown-reference");
    }

    @Test
    void aListenerWithoutACertificateIsRefused() throws Exception {
        CertificateConfig disabled = new CertificateConfig(
                "shop",
                List.of(),
                Optional.of(shop.pem()),
                Optional.of(new SecretValue.Given(shop.keyPem())),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                false,
                Optional.empty());

        assertThat(problems(secure().build()))
                .containsExactly("/listeners/secure/certificates required: found no enabled certificate that it could"
                        + " show, wanted at least one");
        assertThat(problems(secure().build(), disabled)).hasSize(1);
        assertThat(problems(secure().enabled(false).build())).isEmpty();
        ProxyConfig served = ProxyConfig.initial().with(List.of(secure().build(), certificate("shop", shop)));
        assertThat(ConfigValidator.validate(served, served.without(ResourceType.CERTIFICATES, "shop")))
                .extracting(ConfigProblem::documentPointer)
                .containsExactly("/listeners/secure/certificates");
    }

    @Test
    void aNameHasOneCertificate() throws Exception {
        assertThat(problems(certificate("shop", shop), certificate("twin", shop)))
                .containsExactly(
                        "/certificates/twin/certificate duplicate: certificate \"shop\" is for \"shop.example\" too");
        assertThat(problems(
                        certificate("shop", shop).withSnis("a.shop.example"),
                        certificate("twin", shop).withSnis("b.shop.example")))
                .isEmpty();
        assertThat(problems(
                        certificate("shop", shop), certificate("other", other).withSnis("shop.example")))
                .containsExactly("/certificates/shop/certificate duplicate: certificate \"other\" is for"
                        + " \"shop.example\" too");
    }

    @Test
    void aChainInDisorderIsRefused() throws Exception {
        String turned = TestCertificates.pem("CERTIFICATE", shop.chain().get(1).getEncoded())
                + TestCertificates.pem("CERTIFICATE", shop.chain().get(0).getEncoded());

        assertThat(problems(CertificateConfig.of("a", turned, new SecretValue.Given(shop.keyPem()))))
                .singleElement()
                .asString()
                .contains("/certificates/a/certificate bad-value: certificate 1 (CN=authority of shop.example) is not"
                        + " signed by certificate 2 (CN=shop.example)");
        assertThat(problems(CertificateConfig.of("a", "no certificate", new SecretValue.Given(shop.keyPem()))))
                .containsExactly("/certificates/a/certificate bad-value: found no \"-----BEGIN CERTIFICATE-----\"");
    }

    @Test
    void aShortKeyIsRefused() throws Exception {
        TestCertificates.Pair weak = TestCertificates.make(
                folder, List.of("-keyalg", "RSA", "-keysize", "1024", "-validity", "7"), "weak.example");

        assertThat(problems(certificate("weak", weak)))
                .singleElement()
                .asString()
                .contains("found an RSA key of 1024 bits in the certificate, wanted 2048 or more");
    }

    @Test
    void namesAreCanonicalAndOfTheCertificate() throws Exception {
        ProxyConfig before = ProxyConfig.initial();

        assertThat(problems(certificate("shop", shop).withSnis("Shop.example", "*.*.example", "a b")))
                .hasSize(3)
                .allMatch(problem -> problem.contains("wanted a name in lower case"));
        assertThat(ConfigValidator.warnings(
                        before, before.with(certificate("shop", shop).withSnis("strange.example"))))
                .extracting(warning -> warning.pointer() + " " + warning.detail())
                .containsExactly("/snis the certificate is not for \"strange.example\", so clients that ask for it will"
                        + " refuse it");
        assertThat(ConfigValidator.warnings(
                        before, before.with(certificate("shop", shop).withSnis("a.shop.example"))))
                .isEmpty();
    }

    @Test
    void whatOnlyHttpsHasIsRefusedElsewhere() throws Exception {
        assertThat(problems(
                        secure().protocol(Protocol.HTTP)
                                .certificates("shop")
                                .tlsPolicy("modern")
                                .build(),
                        certificate("shop", shop)))
                .containsExactly(
                        "/listeners/secure/certificates bad-value: found certificates on a listener with protocol http,"
                                + " which needs none",
                        "/listeners/secure/tlsPolicy bad-value: found a TLS policy on a listener with protocol http,"
                                + " which needs none");
    }

    @Test
    void unknownCiphersAndGroupsAreToldWithWhatWasMeant() {
        TlsPolicyConfig policy = TlsPolicyConfig.named(
                "mine",
                Map.of(
                        "ciphers",
                        List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265", "TLS_AES_128_GCM_SHA256"),
                        "groups",
                        List.of("P-265")));
        ProxyConfig before = ProxyConfig.initial();

        assertThat(ConfigValidator.validate(before, before.with(policy)))
                .extracting(problem -> problem.pointer() + " " + problem.hint().orElse(""))
                .containsExactly(
                        "/ciphers/0 did you mean \"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"?",
                        "/ciphers/1 leave it out",
                        "/groups/0 did you mean \"P-256\"?");
    }

    @Test
    void aPolicySaysWhatCanBe() {
        assertThat(problems(TlsPolicyConfig.named(
                        "mine", Map.of("minVersion", TlsVersion.TLS_1_3, "maxVersion", TlsVersion.TLS_1_2))))
                .singleElement()
                .asString()
                .contains("/tlsPolicies/mine/minVersion bad-value: found TLSv1.3 to TLSv1.2");
        assertThat(problems(TlsPolicyConfig.named("modern", Map.of())))
                .singleElement()
                .asString()
                .contains("is there already");
        assertThat(problems(TlsPolicyConfig.named(
                        "mine",
                        Map.of("minVersion", TlsVersion.TLS_1_3, "ciphers", List.of(TlsPolicyConfig.CIPHERS.get(0))))))
                .singleElement()
                .asString()
                .contains("only TLS 1.3");
    }

    @Test
    void listsOfRevokedOnesAreSignedByTheBundle() throws Exception {
        String list = Files.readString(TestCertificates.revoke(folder, shop));
        String authority =
                TestCertificates.pem("CERTIFICATE", shop.chain().getLast().getEncoded());

        assertThat(problems(CaBundleConfig.of("root", authority).withRevocationLists(list)))
                .isEmpty();
        assertThat(problems(CaBundleConfig.of("root", other.pem()).withRevocationLists(list)))
                .singleElement()
                .asString()
                .contains(
                        "/caBundles/root/revocationLists bad-value: the list of CN=authority of shop.example is signed by"
                                + " none");
        assertThat(problems(CaBundleConfig.of("root", authority).withRevocationLists("no list")))
                .singleElement()
                .asString()
                .contains("found no \"-----BEGIN X509 CRL-----\"");
    }

    @Test
    void anOcspResponseIsOne() throws Exception {
        // RFC 6960: a sequence, the status successful, and what a signer said.
        byte[] response = {0x30, 0x07, 0x0a, 0x01, 0x00, (byte) 0xa0, 0x02, 0x30, 0x00};
        byte[] tryLater = {0x30, 0x03, 0x0a, 0x01, 0x03};

        assertThat(problems(certificate("shop", shop).withOcspResponse(response)))
                .isEmpty();
        assertThat(problems(certificate("shop", shop).withOcspResponse(tryLater)))
                .singleElement()
                .asString()
                .contains("/certificates/shop/ocspResponse bad-value");
    }

    @Test
    void clientsAreAskedOnHttpsOnlyAndByBundlesThatAre() throws Exception {
        ClientCertificateConfig asked = new ClientCertificateConfig(ClientCertificateMode.REQUIRED, List.of("root"));

        assertThat(problems(
                        secure().clientCertificate(asked).build(),
                        certificate("shop", shop),
                        CaBundleConfig.of("root", other.pem())))
                .isEmpty();
        assertThat(problems(secure().clientCertificate(asked).build(), certificate("shop", shop)))
                .singleElement()
                .asString()
                .contains("/listeners/secure/clientCertificate/ca/0 unknown-reference");
        assertThat(problems(
                        secure().protocol(Protocol.HTTP)
                                .clientCertificate(asked)
                                .build(),
                        CaBundleConfig.of("root", other.pem())))
                .singleElement()
                .asString()
                .contains("/listeners/secure/clientCertificate bad-value");
    }

    @Test
    void aBundleIsReadable() throws Exception {
        assertThat(problems(CaBundleConfig.of("root", other.pem() + shop.pem())))
                .isEmpty();
        assertThat(problems(CaBundleConfig.of("root", "nothing")))
                .containsExactly("/caBundles/root/certificates bad-value: found no \"-----BEGIN CERTIFICATE-----\"");
    }
}
