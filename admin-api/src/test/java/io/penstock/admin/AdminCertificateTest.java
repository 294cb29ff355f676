package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.AdminFixture.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Certificates over the API: a pair that will do is kept, its key is never read, and one that will not do changes nothing. */
final class AdminCertificateTest {
    private static final String ONE = "/v1/certificates/shop";

    private static SelfSigned shop;
    private static SelfSigned other;
    private static SelfSigned expired;
    private static SelfSigned early;

    @TempDir
    Path temporary;

    private AdminFixture admin;

    @BeforeAll
    static void make() throws Exception {
        shop = made(Instant.now(), "shop.example", "*.shop.example");
        other = made(Instant.now(), "other.example");
        expired = made(Instant.now().minus(Duration.ofDays(3660)), "shop.example");
        early = made(Instant.now().plus(Duration.ofDays(3)), "shop.example");
    }

    private static SelfSigned made(Instant now, String... names) throws Exception {
        return SelfSigned.make(List.of(), List.of(names), now, new SecureRandom());
    }

    @BeforeEach
    void open() throws Exception {
        admin = new AdminFixture(temporary);
    }

    @AfterEach
    void close() {
        admin.close();
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    private static String key(SelfSigned pair) {
        return pem("PRIVATE KEY", pair.keys().getPrivate().getEncoded());
    }

    private static String body(SelfSigned certificate, SelfSigned keyOf) throws Exception {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("certificate", pem("CERTIFICATE", certificate.certificate().getEncoded()))
                .put("key", key(keyOf));
        return body.toString();
    }

    private void serve() throws Exception {
        admin.put(ONE, body(shop, shop)).is(201);
        admin.put(
                        "/v1/listeners/secure",
                        "{\"address\":\"127.0.0.1:8443\",\"protocol\":\"https\",\"certificates\":[\"shop\"]}")
                .is(201);
    }

    @Test
    void showsWhatTheCertificateSaysAndWhoUsesIt() throws Exception {
        serve();

        JsonNode read = admin.get(ONE).is(200).json();

        assertThat(read.path("names").toString()).isEqualTo("[\"shop.example\",\"*.shop.example\"]");
        assertThat(read.path("keyType").asString("")).isEqualTo("EC 256");
        assertThat(read.path("fingerprint").asString("")).hasSize(64);
        assertThat(Instant.parse(read.path("notAfter").asString(""))).isAfter(Instant.now());
        assertThat(read.path("subject").asString("")).isEqualTo("CN=Penstock admin");
        assertThat(read.at("/usedBy/0/resource").asString("")).isEqualTo("/listeners/secure");
        assertThat(read.path("key").path("stored").asString("")).hasSize(16);
    }

    @Test
    void givesTheKeyToNoReadAndNoFile() throws Exception {
        serve();
        String base64 =
                Base64.getEncoder().encodeToString(shop.keys().getPrivate().getEncoded());
        // Of its end, since all keys of a curve begin alike; without line breaks.
        String mark = base64.substring(base64.length() - 60, base64.length() - 20);
        admin.put(ONE, body(other, other)).is(200);
        StringBuilder seen = new StringBuilder();
        for (String path : List.of(
                "/v1/certificates",
                ONE,
                "/v1/config",
                "/v1/config/revisions/2",
                "/v1/config/revisions/3",
                "/v1/config/revisions/2/diff?to=4",
                "/v1/search?q=shop",
                "/v1/audit?limit=1000",
                "/v1/listeners/secure")) {
            seen.append(admin.get(path).is(200).text()).append('\n');
        }

        assertThat(seen.toString().replaceAll("\\\\n|\\s", ""))
                .doesNotContain(mark)
                .doesNotContain("\"box\"")
                .doesNotContain("PRIVATE");
        admin.close();
        try (Stream<Path> files = Files.walk(temporary)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                                .replaceAll("\\\\n|\\s", ""))
                        .as(file.toString())
                        .doesNotContain(mark);
            }
        }
        admin = new AdminFixture(temporary);
        admin.get(ONE).is(200);
    }

    @Test
    void aPairThatWillNotDoIsRefusedAndTheWorkingOneStays() throws Exception {
        serve();
        JsonNode before = admin.get(ONE).json();

        Answer wrongKey = admin.put(ONE, body(shop, other));
        Answer isExpired = admin.put(ONE, body(expired, expired));
        Answer noKey = admin.put(ONE, body(shop, shop).replace("BEGIN PRIVATE KEY", "BEGIN SOMETHING"));
        Answer noChain = admin.put(ONE, "{\"certificate\":\"nothing\",\"key\":\"nothing\"}");
        Answer unknown = admin.put(
                "/v1/certificates/new",
                body(other, other).replaceAll("\"key\":\"[^\"]*\"", "\"key\":{\"stored\":\"0123456789abcdef\"}"));

        assertThat(wrongKey.is(422).text())
                .contains("\"/key\"")
                .contains("found a key (EC) that is not the certificate's (CN=Penstock admin, EC 256)");
        assertThat(isExpired.is(422).text()).contains("\"/certificate\"").contains("expired at ");
        assertThat(noKey.is(422).text()).contains("\"/key\"");
        assertThat(noChain.is(422).text()).contains("found no \\\"-----BEGIN CERTIFICATE-----\\\"");
        assertThat(unknown.is(422).text()).contains("/key/stored");
        assertThat(admin.get(ONE).json()).isEqualTo(before);
        assertThat(admin.send("DELETE", ONE, "", "If-Match", "*").is(409).text())
                .contains("/listeners/secure");
    }

    @Test
    void oneThatIsNotValidYetIsWarnedOf() throws Exception {
        Answer dry = admin.send("PUT", ONE + "?dry_run=true", body(early, early), "Content-Type", "application/json");

        assertThat(dry.is(200).text()).contains("not-yet-valid");
    }

    @Test
    void keepsTheKeyWhenItIsPutBackAsItWasReadAndWhenAnExportIsApplied() throws Exception {
        serve();
        String stored = admin.get(ONE).json().path("key").toString();

        Answer back =
                admin.send("PUT", ONE, admin.get(ONE).text(), "Content-Type", "application/json", "If-Match", "*");
        String exported =
                admin.get("/v1/config", "Accept", "application/yaml").is(200).text();
        Answer diff = admin.send("POST", "/v1/config:diff?prune=true", exported, "Content-Type", "application/yaml");

        back.is(200);
        assertThat(admin.get(ONE).json().path("key").toString()).isEqualTo(stored);
        assertThat(diff.is(200).json().path("changes").size()).isZero();
    }

    @Test
    void theKeyThatIsKeptMustBeTheNewCertificates() throws Exception {
        serve();
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("certificate", pem("CERTIFICATE", other.certificate().getEncoded()))
                .set("key", admin.get(ONE).json().path("key"));

        assertThat(admin.put(ONE, body.toString()).is(422).text()).contains("that is not the certificate's");
    }

    @Test
    void bundlesAndPoliciesAreResourcesToo() throws Exception {
        ObjectNode bundle = JsonMapper.shared().createObjectNode();
        bundle.put("certificates", pem("CERTIFICATE", shop.certificate().getEncoded()));

        admin.put("/v1/ca-bundles/root", bundle.toString()).is(201);
        admin.put("/v1/tls-policies/mine", "{\"minVersion\":\"TLSv1.3\"}").is(201);
        assertThat(admin.put("/v1/tls-policies/mine", "{\"minVersion\":\"TLSv1.1\"}")
                        .is(422)
                        .text())
                .contains("/minVersion");
        assertThat(admin.get("/v1/tls-policies/mine")
                        .json()
                        .path("sessionTickets")
                        .asBoolean(false))
                .isTrue();
    }
}
