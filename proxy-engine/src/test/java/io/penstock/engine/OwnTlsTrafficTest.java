package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import io.penstock.config.AuthConfig;
import io.penstock.config.CaBundleConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ForwardAuthConfig;
import io.penstock.config.IntrospectionAuthConfig;
import io.penstock.config.JwtAuthConfig;
import io.penstock.config.OidcAuthConfig;
import io.penstock.config.OidcCookieConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RecordDefaults;
import io.penstock.config.Resource;
import io.penstock.config.SecretName;
import io.penstock.config.SecretValue;
import io.penstock.config.UpstreamTlsConfig;
import io.penstock.metrics.Counter;
import io.penstock.transport.tls.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that filters ask by TLS: who is believed, who is not and how that is told. */
@ParameterizedClass
@ValueSource(ints = {1, 4})
final class OwnTlsTrafficTest {
    private static final String BEARER = "Authorization: Bearer good\r\n";

    @TempDir
    static Path folder;

    private static TestCertificates.Pair local;
    private static TestCertificates.Pair other;
    private static TestCertificates.Pair old;

    private final int workers;
    private final Origins origins = new Origins();
    private final Set<Integer> connections = ConcurrentHashMap.newKeySet();
    private ConfigRig rig;

    OwnTlsTrafficTest(int workers) {
        this.workers = workers;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        local = TestCertificates.makeSigned(folder, "localhost");
        other = TestCertificates.makeSigned(folder, "other.test");
        old = TestCertificates.makeSigned(folder, List.of("-startdate", "-10d", "-validity", "5"), "localhost");
    }

    @BeforeEach
    void open() throws Exception {
        rig = new ConfigRig(workers, folder);
    }

    @AfterEach
    void close() {
        rig.close();
        origins.close();
    }

    private static CaBundleConfig bundle(String name, TestCertificates.Pair pair) throws Exception {
        return CaBundleConfig.of(
                name, TestCertificates.pem("CERTIFICATE", pair.chain().getLast().getEncoded()));
    }

    private static UpstreamTlsConfig rooted() {
        return UpstreamTlsConfig.usual().believing("root");
    }

    private int server(TestCertificates.Pair pair) {
        return origins.serveTls(this::introspected, pair, Optional.empty());
    }

    private void introspected(HttpExchange exchange) throws IOException {
        connections.add(exchange.getRemoteAddress().getPort());
        Origins.answer(exchange, 200, "{\"active\":true,\"sub\":\"ann\"}".getBytes(StandardCharsets.UTF_8));
    }

    private static AuthConfig asking(int port, Optional<UpstreamTlsConfig> tls) {
        return RecordDefaults.of(
                IntrospectionAuthConfig.class,
                Map.of(
                        "url",
                        "https://localhost:" + port + "/introspect",
                        "clientId",
                        "gateway",
                        "clientSecret",
                        new SecretName("idp"),
                        "tls",
                        tls));
    }

    private static ProxyConfig config(AuthConfig auth, Resource... more) throws Exception {
        List<Resource> all = new ArrayList<>(List.of(
                ConfigRig.web().build(),
                bundle("root", local),
                ConfigRig.fixed("asked", "/").auth(auth).build()));
        all.addAll(List.of(more));
        return ProxyConfig.initial().with(all);
    }

    private String get(String headers) throws Exception {
        try (EngineClient client = rig.client()) {
            client.send("/x", headers);
            return client.response();
        }
    }

    private void assertRefusedFor(String code) throws Exception {
        assertThat(get(BEARER)).startsWith("503 ");
        assertTold("introspection: " + code);
    }

    private void assertTold(String step) {
        Awaitility.await()
                .until(() -> rig.engine().readings().trail().recent(100).stream()
                        .flatMap(entry -> entry.steps().stream())
                        .anyMatch(each -> each.detail().equals(step)));
    }

    @Test
    void aServerThatIsBelievedIsAskedOverConnectionsThatAreKept() throws Exception {
        rig.publish(config(asking(server(local), Optional.of(rooted()))));

        try (EngineClient client = rig.client()) {
            for (int i = 0; i < 8; i++) {
                client.send("/x", "Authorization: Bearer token" + i + "\r\n");
                assertThat(client.response()).startsWith("200 ");
            }
        }
        assertThat(connections).hasSize(1);
        assertThat(rig.engine().readings().metrics().value(Counter.UPSTREAM_TLS_HANDSHAKES_FULL))
                .isEqualTo(1);
    }

    @Test
    void whoIsNotBelievedIsNotAskedAndTheTrailSaysWhy() throws Exception {
        rig.publish(config(asking(server(local), Optional.empty())));
        assertRefusedFor("upstream-tls-untrusted");
        rig.publish(config(asking(server(other), Optional.of(rooted().believing("other"))), bundle("other", other)));
        assertRefusedFor("upstream-tls-name");
        rig.publish(config(asking(server(old), Optional.of(rooted().believing("old"))), bundle("old", old)));
        assertRefusedFor("upstream-tls-expired");
        rig.publish(config(
                asking(server(local), Optional.of(rooted().believing("revoked"))),
                bundle("revoked", local)
                        .withRevocationLists(Files.readString(TestCertificates.revoke(folder, local)))));
        assertRefusedFor("upstream-tls-revoked");

        assertThat(connections).isEmpty();
    }

    @Test
    void aServerThatSpeaksNoTlsIsNotAskedInClearText() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            CompletableFuture<String> told = CompletableFuture.supplyAsync(() -> answeredInClearText(plain));
            rig.publish(config(asking(plain.getLocalPort(), Optional.of(rooted()))));

            assertRefusedFor("upstream-tls-failed");
            assertThat(told.get(20, TimeUnit.SECONDS)).doesNotContain("introspect");
        }
    }

    private static String answeredInClearText(ServerSocket door) {
        try (Socket accepted = door.accept()) {
            byte[] begin = accepted.getInputStream().readNBytes(100);
            accepted.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(begin, StandardCharsets.ISO_8859_1);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Test
    void anotherNameCanBeWanted() throws Exception {
        rig.publish(config(
                asking(
                        server(other),
                        Optional.of(UpstreamTlsConfig.usual().believing("other").asking("other.test"))),
                bundle("other", other)));

        assertThat(get(BEARER)).startsWith("200 ");
    }

    @Test
    void showsItsCertificateToWhoAsksForOne() throws Exception {
        int port = origins.serveTls(
                this::introspected, local, Optional.of(other.chain().getLast()));
        rig.publish(config(asking(port, Optional.of(rooted()))));
        assertThat(get(BEARER)).startsWith("503 ");

        rig.publish(config(
                asking(port, Optional.of(rooted().showing("gateway"))),
                CertificateConfig.of("gateway", other.pem(), new SecretValue.Given(other.keyPem()))));
        assertThat(get(BEARER)).startsWith("200 ");
    }

    @Test
    void believesByTheBundleAsItIsNowAlsoOverConnectionsThatWereKept() throws Exception {
        ProxyConfig before = config(asking(server(local), Optional.of(rooted())));
        rig.publish(before);
        for (int i = 0; i < 4 * workers; i++) {
            assertThat(get("Authorization: Bearer a" + i + "\r\n")).startsWith("200 ");
        }

        rig.publish(before.with(bundle("root", other)));
        for (int i = 0; i < 4 * workers; i++) {
            assertThat(get("Authorization: Bearer b" + i + "\r\n")).startsWith("503 ");
        }
        rig.publish(before);
        assertThat(get("Authorization: Bearer c\r\n")).startsWith("200 ");
    }

    @Test
    void changesOfOtherThingsLeaveTheConnectionAlone() throws Exception {
        ProxyConfig before = config(asking(server(local), Optional.of(rooted())));
        rig.publish(before);
        try (EngineClient client = rig.client()) {
            for (int i = 0; i < 6; i++) {
                rig.publish(before.with(ConfigRig.fixed("more" + i, "/more" + i).build()));
                client.send("/x", "Authorization: Bearer token" + i + "\r\n");
                assertThat(client.response()).startsWith("200 ");
            }
        }

        assertThat(connections).hasSize(1);
    }

    @Test
    void anAuthorizerIsAskedByTls() throws Exception {
        int port = origins.serveTls(
                exchange -> Origins.answer(
                        exchange,
                        "yes".equals(exchange.getRequestHeaders().getFirst("Authorization")) ? 200 : 403,
                        new byte[0]),
                local,
                Optional.empty());
        rig.publish(config(RecordDefaults.of(
                ForwardAuthConfig.class,
                Map.of("url", Optional.of("https://localhost:" + port + "/check"), "tls", Optional.of(rooted())))));

        assertThat(get("Authorization: yes\r\n")).startsWith("200 ");
        assertThat(get("Authorization: no\r\n")).startsWith("403 ");
    }

    @Test
    void keysOfTokensAreReadByTls() throws Exception {
        int port = origins.serveTls(
                exchange -> Origins.answer(
                        exchange,
                        200,
                        new JWKSet(TestIssuer.KEY.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8)),
                local,
                Optional.empty());
        String token = TestIssuer.signed(
                new JWTClaimsSet.Builder()
                        .issuer("https://issuer.test")
                        .subject("ann")
                        .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                        .build(),
                TestIssuer.KEY);
        Map<String, Object> members = new HashMap<>(Map.of(
                "issuer",
                "https://issuer.test",
                "jwksUrl",
                Optional.of("https://localhost:" + port + "/keys"),
                "tls",
                Optional.of(rooted().under("modern"))));
        rig.publish(config(RecordDefaults.of(JwtAuthConfig.class, members)));
        assertThat(get("Authorization: Bearer " + token + "\r\n")).startsWith("200 ");

        members.put("tls", Optional.empty());
        rig.publish(config(RecordDefaults.of(JwtAuthConfig.class, members)));
        assertThat(get("Authorization: Bearer " + token + "\r\n")).startsWith("503 ");
        assertTold("jwt: upstream-tls-untrusted");
    }

    private AuthConfig oidc(TestIssuer issuer, Optional<UpstreamTlsConfig> tls) {
        return RecordDefaults.of(
                OidcAuthConfig.class,
                Map.of(
                        "issuer",
                        issuer.address,
                        "clientId",
                        "gateway",
                        "clientSecret",
                        new SecretName("client"),
                        "tls",
                        tls,
                        "cookie",
                        new OidcCookieConfig(
                                "penstock-login", new SecretName("cookies"), Optional.empty(), Duration.ofHours(12))));
    }

    @Test
    void aPersonLogsInAtAnIssuerThatIsAskedByTls() throws Exception {
        TestIssuer issuer = new TestIssuer(origins, local);
        rig.publish(config(oidc(issuer, Optional.of(rooted()))));
        List<String> cookies = new ArrayList<>();

        String away = page("/shop", cookies);
        String back = page("/oauth2/callback?" + issuer.authorize(away), cookies);
        assertThat(back).isEqualTo("/shop");
        assertThat(issuer.asked).contains("/.well-known/openid-configuration", "/token", "/keys");

        rig.publish(config(oidc(issuer, Optional.empty())));
        assertThat(get("Accept: text/html\r\n")).startsWith("503 ");
        assertTold("oidc: upstream-tls-untrusted");
    }

    // Where a page leads.
    private String page(String path, List<String> cookies) throws Exception {
        try (HttpClient browser = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http:/"
                            + rig.engine()
                                    .readings()
                                    .status()
                                    .listeners()
                                    .getFirst()
                                    .address() + path))
                    .header("Accept", "text/html");
            cookies.forEach(cookie -> request.header("Cookie", cookie));
            HttpResponse<String> response = browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(302);
            response.headers().allValues("Set-Cookie").forEach(set -> cookies.add(set.substring(0, set.indexOf(';'))));
            return response.headers().firstValue("Location").orElseThrow();
        }
    }
}
