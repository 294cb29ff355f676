package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.admin.resource.AdminParts;
import io.penstock.admin.resource.SystemPort;
import io.penstock.admin.store.DataFolder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdminDoorTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir
    Path temporary;

    private static AdminOptions narrow(int connectionsMax) {
        return new AdminOptions(
                AdminFixture.ANY_PORT,
                Optional.empty(),
                connectionsMax,
                8,
                Duration.ofMillis(300),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                false);
    }

    @Test
    void refusesClearTextOnAPublicAddress() throws Exception {
        try (AdminFixture admin = new AdminFixture(temporary)) {
            AdminOptions open = AdminOptions.at(new InetSocketAddress("0.0.0.0", 0), Optional.empty());

            assertThatThrownBy(() -> new AdminServer(
                            new AdminParts(
                                    admin.store,
                                    admin.pipeline,
                                    admin.access,
                                    admin.engine,
                                    admin.overrides,
                                    admin.plugins,
                                    admin.secrets,
                                    SystemPort.in(temporary),
                                    admin.issuance,
                                    certificate -> Optional.empty(),
                                    Instant.EPOCH,
                                    Duration.ofSeconds(1)),
                            open))
                    .isInstanceOf(AdminRefused.class)
                    .hasMessageContaining("clear text");
        }
    }

    @Test
    void saysThatSomeoneListensThereAlready() throws Exception {
        try (AdminFixture admin = new AdminFixture(temporary)) {
            assertThatThrownBy(() -> new StatusServer(admin.engine, admin.server.address()))
                    .isInstanceOf(AdminRefused.class)
                    .hasMessageContaining("Choose another address");
        }
    }

    @Test
    void servesHttpsWithAKeyThatItMadeAndKeeps() throws Exception {
        AdminTls tls;
        String again;
        Path kept = temporary.resolve("kept");
        try (DataFolder folder = DataFolder.hold(kept)) {
            tls = AdminTls.inFolder(folder, LOOPBACK, Instant.now(), new SecureRandom());
            again = AdminTls.inFolder(folder, LOOPBACK, Instant.now(), new SecureRandom())
                    .fingerprint();
        }
        SSLContext trusting = trusting(tls);

        try (AdminFixture admin = new AdminFixture(
                        temporary.resolve("data"), AdminOptions.at(AdminFixture.ANY_PORT, Optional.of(tls)), true);
                HttpClient client = HttpClient.newBuilder().sslContext(trusting).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:"
                                    + admin.server.address().getPort() + "/v1/networks"))
                            .header("Authorization", "Bearer " + AdminFixture.TOKEN)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(admin.server.fingerprint()).contains(tls.fingerprint());
            assertThat(tls.fingerprint())
                    .matches("([0-9A-F]{2}:){31}[0-9A-F]{2}")
                    .isEqualTo(again);
            assertThat(Files.getPosixFilePermissions(kept.resolve(AdminTls.KEY_FILE)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    private static SSLContext trusting(AdminTls tls) throws Exception {
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null, null);
        known.setCertificateEntry("admin", tls.certificate());
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(known);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    @Test
    void refusesAKeyThatIsNotTheCertificates() throws Exception {
        try (DataFolder one = DataFolder.hold(temporary.resolve("one"));
                DataFolder two = DataFolder.hold(temporary.resolve("two"))) {
            AdminTls.inFolder(one, LOOPBACK, Instant.now(), new SecureRandom());
            AdminTls.inFolder(two, LOOPBACK, Instant.now(), new SecureRandom());

            assertThatThrownBy(() -> AdminTls.ofFiles(one.file(AdminTls.CERTIFICATE_FILE), two.file(AdminTls.KEY_FILE)))
                    .isInstanceOf(AdminRefused.class)
                    .hasMessageContaining("not the certificate's");
            assertThat(AdminTls.ofFiles(one.file(AdminTls.CERTIFICATE_FILE), one.file(AdminTls.KEY_FILE))
                            .fingerprint())
                    .isNotEmpty();
        }
    }

    @Test
    void letsTheFirstAdministratorInOnceByTheSetupToken() throws Exception {
        try (AdminFixture admin =
                new AdminFixture(temporary, AdminOptions.at(AdminFixture.ANY_PORT, Optional.empty()), false)) {
            String setup = admin.access.setupToken().orElseThrow();

            admin.sendAs(setup, "GET", "/v1/routes", "").is(403);
            String token = admin.sendAs(setup, "POST", "/v1/setup", "{\"name\":\"me\"}")
                    .is(201)
                    .json()
                    .get("secret")
                    .stringValue();
            admin.sendAs(token, "PUT", "/v1/networks/a", "{}").is(201);
            admin.sendAs(setup, "POST", "/v1/setup", "{}").is(401);
            admin.sendAs(token, "POST", "/v1/setup", "{}").is(403);
        }
    }

    @Test
    void endsABodyThatDoesNotCome() throws Exception {
        try (AdminFixture admin = new AdminFixture(temporary, narrow(16), true)) {
            int status = Wire.status(
                    admin.server.address(),
                    "PUT /v1/networks/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                            + AdminFixture.TOKEN + "\r\nContent-Length: 10\r\n\r\n{");

            assertThat(status).isZero();
        }
    }

    @Test
    void servesOthersAgainOnceTooManyConnectionsAreGone() throws Exception {
        try (AdminFixture admin = new AdminFixture(temporary, narrow(4), true)) {
            List<Socket> idle = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                idle.add(new Socket(LOOPBACK, admin.server.address().getPort()));
            }

            // They say nothing; the bounds on silence close them, and who waits behind them gets in.
            assertThat(admin.get("/v1/networks").is(200).json().get("items")).hasSize(1);
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void tellsOrchestratorsHowItStandsEvenWhenWorkersAreStuck() throws Exception {
        FakeEngine engine = new FakeEngine();
        try (StatusServer status = new StatusServer(engine, AdminFixture.ANY_PORT)) {
            assertThat(get(status, "/livez")).isEqualTo("200 alive\n");
            assertThat(get(status, "/readyz")).startsWith("200 serving");
            assertThat(get(status, "/startupz")).startsWith("200");
            assertThat(get(status, "/metrics")).isEqualTo("200 penstock_requests_total 7\n");
            assertThat(get(status, "/v1/routes")).startsWith("404");

            engine.stuckWorkers = 1;

            assertThat(get(status, "/readyz")).startsWith("503").contains("1 workers stuck");
            assertThat(get(status, "/livez")).startsWith("200");
            assertThat(get(status, "/startupz")).startsWith("200");
        }
    }

    private static String get(StatusServer status, String path) throws Exception {
        try (Socket socket = new Socket(LOOPBACK, status.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.substring(9, 12) + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
    }
}
