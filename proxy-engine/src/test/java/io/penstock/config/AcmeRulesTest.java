package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.transport.tls.TestCertificates;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What certificates must keep that authorities issue, and the accounts that order them. */
final class AcmeRulesTest {
    private static final AcmeAccountConfig ACCOUNT = AcmeAccountConfig.of("authority", "https://ca.example/dir");

    @TempDir
    static Path folder;

    private static TestCertificates.Pair shop;

    @BeforeAll
    static void make() throws Exception {
        shop = TestCertificates.makeSigned(folder, "shop.example");
    }

    private static List<String> problems(Resource... resources) {
        ProxyConfig before = ProxyConfig.initial();
        return ConfigValidator.validate(before, before.with(List.of(resources))).stream()
                .map(problem -> problem.documentPointer() + " " + problem.code() + ": " + problem.detail())
                .toList();
    }

    private static CertificateConfig ordered(String... names) {
        return CertificateConfig.ordered("shop", CertificateAcmeConfig.of("authority", names));
    }

    @Test
    void aCertificateIsOrderedInPlaceOfAPair() {
        ListenerConfig secure = ListenerConfig.named("secure", ListenAddress.parse("127.0.0.1:8443"))
                .protocol(Protocol.HTTPS)
                .build();

        assertThat(problems(ACCOUNT, ordered("shop.example", "www.shop.example"), secure))
                .isEmpty();
    }

    @Test
    void oneWithNeitherIsRefusedAndSoIsHalfAPair() throws Exception {
        CertificateConfig none = CertificateConfig.of("shop", shop.pem(), new SecretValue.Given(shop.keyPem()))
                .withPair(Optional.empty(), Optional.empty());
        CertificateConfig half = ordered("shop.example").withPair(Optional.of(shop.pem()), Optional.empty());

        assertThat(problems(none))
                .containsExactly(
                        "/certificates/shop/certificate required: \"certificate\" is missing",
                        "/certificates/shop/key required: \"key\" is missing");
        assertThat(problems(ACCOUNT, half)).containsExactly("/certificates/shop/key required: \"key\" is missing");
    }

    @Test
    void anAccountThatIsNotThereIsToldOf() {
        assertThat(problems(ordered("shop.example")))
                .singleElement()
                .asString()
                .startsWith("/certificates/shop/acme/account unknown-reference");
        assertThat(problems(ACCOUNT.believing("nobody")))
                .singleElement()
                .asString()
                .startsWith("/acmeAccounts/authority/caBundle unknown-reference");
    }

    @Test
    void namesAreThoseThatAnAuthorityCanSee() {
        assertThat(problems(ACCOUNT, ordered("*.shop.example", "10.0.0.1", "Shop.example", "a.example", "a.example")))
                .hasSize(4)
                .anyMatch(each -> each.contains("/acme/names/0") && each.contains("DNS records"))
                .anyMatch(each -> each.contains("/acme/names/1"))
                .anyMatch(each -> each.contains("/acme/names/2"))
                .anyMatch(each -> each.contains("duplicate"));
        assertThatThrownBy(() -> ordered()).hasMessageContaining("found 0 names");
    }

    @Test
    void aNameHasOneCertificateThoughItIsNotIssuedYet() throws Exception {
        assertThat(problems(
                        ACCOUNT,
                        ordered("shop.example"),
                        CertificateConfig.of("twin", shop.pem(), new SecretValue.Given(shop.keyPem()))))
                .containsExactly(
                        "/certificates/twin/certificate duplicate: certificate \"shop\" is for \"shop.example\" too");
    }

    @Test
    void anAccountHasAnHttpsDirectoryAndAgreesToItsTerms() {
        assertThatThrownBy(() -> AcmeAccountConfig.of("a", "http://ca.example/dir"))
                .hasMessageContaining("https URL");
        assertThatThrownBy(() -> AcmeAccountConfig.of("a", "https://me@ca.example/dir"))
                .hasMessageContaining("https URL");
        assertThatThrownBy(() -> RecordDefaults.of(
                        AcmeAccountConfig.class,
                        Map.of("name", "a", "directory", "https://ca.example/dir", "termsAgreed", false)))
                .hasMessageContaining("terms");
        assertThatThrownBy(() -> RecordDefaults.of(
                        AcmeAccountConfig.class,
                        Map.of(
                                "name",
                                "a",
                                "directory",
                                "https://ca.example/dir",
                                "termsAgreed",
                                true,
                                "contact",
                                List.of("ops at shop"))))
                .hasMessageContaining("mail address");
    }
}
