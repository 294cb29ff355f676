package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.acme.CertificateIssuance.Renewal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Certificates that an authority issues, over the API: accounts and their keys, and pairs that neither documents nor rollbacks take away. */
final class AdminAcmeTest {
    private static final String ACCOUNT = "/v1/acme-accounts/ca";
    private static final String ONE = "/v1/certificates/shop";
    private static final String WISH = "{\"acme\":{\"account\":\"ca\",\"names\":[\"shop.example\"]}}";

    @TempDir
    Path temporary;

    private AdminFixture admin;

    @BeforeEach
    void open() throws Exception {
        admin = new AdminFixture(temporary);
        admin.put(
                        ACCOUNT,
                        "{\"directory\":\"https://ca.example/dir\",\"termsAgreed\":true,\"contact\":[\"a@b.example\"]}")
                .is(201);
    }

    @AfterEach
    void close() {
        admin.close();
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    /** What an order would write: the wish with a pair that began some time ago. */
    private static String issued(Duration ago, String... names) throws Exception {
        SelfSigned pair =
                SelfSigned.make(List.of(), List.of(names), Instant.now().minus(ago), new SecureRandom());
        ObjectNode body = (ObjectNode) JsonMapper.shared().readTree(WISH);
        body.put("certificate", pem("CERTIFICATE", pair.certificate().getEncoded()))
                .put("key", pem("PRIVATE KEY", pair.keys().getPrivate().getEncoded()));
        return body.toString();
    }

    private String fingerprint() throws Exception {
        return admin.get(ONE).is(200).json().path("fingerprint").asString("");
    }

    @Test
    void anAccountGetsAKeyThatIsKeptAndNeverShown() throws Exception {
        JsonNode first = admin.get(ACCOUNT).is(200).json();
        String id = first.path("key").path("stored").asString("");
        assertThat(id).hasSize(16);
        assertThat(first.path("key").size()).isEqualTo(1);

        admin.put(ACCOUNT, "{\"directory\":\"https://ca.example/dir\",\"termsAgreed\":true}")
                .is(200);
        assertThat(admin.get(ACCOUNT).json().path("key").path("stored").asString(""))
                .isEqualTo(id);
        for (String path :
                List.of("/v1/acme-accounts", "/v1/config", "/v1/config/revisions/2", "/v1/audit?limit=100")) {
            assertThat(admin.get(path).is(200).text())
                    .doesNotContain("PRIVATE KEY")
                    .doesNotContain("\"box\"");
        }
        assertThat(admin.put(
                                ACCOUNT,
                                "{\"directory\":\"https://ca.example/dir\",\"termsAgreed\":true,\"key\":{\"stored\":\"0123456789abcdef\"}}")
                        .is(422)
                        .text())
                .contains("/key/stored");
        assertThat(admin.put(
                                ACCOUNT,
                                "{\"directory\":\"https://ca.example/dir\",\"termsAgreed\":true,\"key\":\"no key at all\"}")
                        .is(422)
                        .text())
                .contains("/key");
    }

    @Test
    void whatIsIssuedStaysWhereTheWishIsWrittenAgain() throws Exception {
        admin.put(ONE, WISH).is(201);
        assertThat(admin.get(ONE).json().has("fingerprint")).isFalse();
        admin.put(ONE, issued(Duration.ofDays(2), "shop.example")).is(200);
        String served = fingerprint();

        admin.put(ONE, WISH).is(200);

        assertThat(fingerprint()).isEqualTo(served).isNotEmpty();
    }

    @Test
    void aRollbackBringsNoOlderPairBack() throws Exception {
        admin.put(ONE, issued(Duration.ofDays(60), "shop.example")).is(201);
        long old = Long.parseLong(admin.get("/v1/config").header("Config-Revision"));
        admin.put(ONE, issued(Duration.ofDays(1), "shop.example")).is(200);
        String served = fingerprint();

        admin.send("POST", "/v1/config/revisions/" + old + ":rollback", "").is(200);
        assertThat(fingerprint()).isEqualTo(served);
    }

    @Test
    void aRollbackToAPairThatIsOverBringsTheWishWithoutIt() throws Exception {
        admin.put(ONE, WISH).is(201);
        long old = Long.parseLong(admin.get("/v1/config").header("Config-Revision"));
        admin.send("DELETE", ONE, "", "If-Match", "*").is(204);

        admin.send("POST", "/v1/config/revisions/" + old + ":rollback", "").is(200);
        assertThat(admin.get(ONE).is(200).json().has("fingerprint")).isFalse();
    }

    @Test
    void aPairThatIsForTheNamesIsBetterThanANewerOneThatIsNot() throws Exception {
        admin.put(ONE, issued(Duration.ofDays(2), "other.example")).is(201);
        admin.put(ONE, issued(Duration.ofDays(9), "shop.example")).is(200);
        String served = fingerprint();
        admin.put(ONE, WISH).is(200);
        assertThat(fingerprint()).isEqualTo(served);
    }

    @Test
    void itsStateIsShownAndARenewalCanBeWished() throws Exception {
        admin.put(ONE, WISH).is(201);
        assertThat(admin.get(ONE).json().at("/issuance/state").asString("")).isEqualTo("pending");

        assertThat(admin.send("POST", ONE + ":renew", "")
                        .is(202)
                        .json()
                        .at("/issuance/state")
                        .asString(""))
                .isEqualTo("pending");
        assertThat(admin.issuance.renewed).containsExactly("shop");
        assertThat(admin.get("/v1/audit?limit=10").text()).contains("certificate.renew");

        admin.issuance.answer = new Renewal.TooSoon(Duration.ofSeconds(3));
        assertThat(admin.send("POST", ONE + ":renew", "").is(429).header("Retry-After"))
                .isEqualTo("4");
        admin.issuance.answer = new Renewal.UnderWay();
        admin.send("POST", ONE + ":renew", "").is(409);
        admin.issuance.answer = new Renewal.NotOrdered();
        admin.send("POST", ONE + ":renew", "").is(409);
        admin.send("POST", "/v1/certificates/nobody:renew", "").is(404);
    }

    @Test
    void whatWasReadCanBeSentBack() throws Exception {
        admin.put(ONE, issued(Duration.ofDays(2), "shop.example")).is(201);
        admin.put(ONE, admin.get(ONE).text()).is(200);
    }
}
