package io.penstock.appliance.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands and a certificate that no authority vouches for, of a name that is not the gateway's. */
final class AdminTrustTest {
    private static final String OTHER = "00:".repeat(31) + "00";
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path folder;

    private HttpsServer server;
    private String fingerprint = "";

    @BeforeEach
    void open() throws Exception {
        Path file = folder.resolve("keys.p12");
        Process made = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=elsewhere.example",
                        "-alias",
                        "own",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(store.getCertificate("own").getEncoded());
        fingerprint = HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/v1/node", exchange -> {
            byte[] body = "{\"started\":\"now\"}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private ApiClient client(Optional<String> named) {
        return new ApiClient(
                URI.create("https://127.0.0.1:" + server.getAddress().getPort()), Optional.empty(), named);
    }

    @Test
    void believeTheOneThatIsNamedWhateverNamesItBears() {
        String asPeopleWriteIt = fingerprint.replace(":", "").toLowerCase(Locale.ROOT);

        try (ApiClient client = client(Optional.of(AdminTrust.normal(asPeopleWriteIt)))) {
            assertThat(client.get("/v1/node").path("started").asString("")).isEqualTo("now");
        }
    }

    @Test
    void tellWhichWasShownAndTheWayOutWhereNobodyVouchesForIt() {
        try (ApiClient client = client(Optional.empty())) {
            CommandFailure refused = catchThrowableOfType(CommandFailure.class, () -> client.get("/v1/node"));

            assertThat(refused.text())
                    .contains("none that this machine trusts", "--fingerprint " + fingerprint)
                    .doesNotContain("Is the gateway running");
        }
    }

    @Test
    void refuseAnotherThanTheOneThatIsNamed() {
        try (ApiClient client = client(Optional.of(OTHER))) {
            CommandFailure refused = catchThrowableOfType(CommandFailure.class, () -> client.get("/v1/node"));

            assertThat(refused.text())
                    .contains("has the fingerprint " + fingerprint, "wanted " + OTHER, "somebody else answers");
        }
    }

    @Test
    void refuseWhatIsNoFingerprint() {
        assertThatThrownBy(() -> AdminTrust.normal("AB:CD"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("32 bytes in hex");
    }
}
