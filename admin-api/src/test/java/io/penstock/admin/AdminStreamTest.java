package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that are made while they are sent, when what they are made of fails, or nobody reads them. */
final class AdminStreamTest {
    private static final String BACKUP = "/v1/system/backup";
    private static final String BUNDLE = "/v1/system/support-bundle";
    private static final String PASSPHRASE = "{\"passphrase\":\"correct horse battery staple\"}";
    // More than the sockets of both sides hold.
    private static final int LARGE_BYTES = 24 << 20;

    @TempDir
    Path folder;

    private AdminFixture admin;

    @BeforeEach
    void start() throws Exception {
        admin = new AdminFixture(
                folder.resolve("data"),
                new AdminOptions(
                        AdminFixture.ANY_PORT,
                        Optional.empty(),
                        16,
                        8,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(30),
                        false),
                true);
        admin.pluginStore = file -> {
            byte[] large = new byte[LARGE_BYTES];
            new Random(7).nextBytes(large);
            Files.write(file, large);
            return true;
        };
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private Path draft() {
        return folder.resolve("data/backup-kv.new");
    }

    private HttpRequest backup() {
        return HttpRequest.newBuilder(admin.uri(BACKUP))
                .header("Authorization", "Bearer " + AdminFixture.TOKEN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(PASSPHRASE))
                .build();
    }

    @Test
    void areWholeForWhoReadsThem() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer = client.send(backup(), HttpResponse.BodyHandlers.ofByteArray());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).hasSizeGreaterThan(LARGE_BYTES);
        }
        assertThat(draft()).doesNotExist();
    }

    @Test
    void endABackupWithItsConnectionIfWhatItIsMadeOfFails() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> answer = client.send(backup(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.statusCode()).isEqualTo(200);
            try (InputStream in = answer.body()) {
                in.readNBytes(1000);
                try (RandomAccessFile cut = new RandomAccessFile(draft().toFile(), "rw")) {
                    cut.setLength(LARGE_BYTES / 2);
                }
                assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
            }
        }
        assertThatOneFailed("system.backup", "was changed while it was sent");
        assertThat(draft()).doesNotExist();
        assertThat(folder.resolve("data/backup.new")).doesNotExist();
    }

    @Test
    void endASupportBundleWithItsConnectionIfItCannotBeMade() throws Exception {
        admin.get(BUNDLE).is(200);
        admin.engine.defect = Optional.of(new StackOverflowError("planted"));

        assertThatThrownBy(() -> admin.get(BUNDLE)).isInstanceOf(IOException.class);

        assertThatOneFailed("system.support-bundle", "planted");
        admin.engine.defect = Optional.empty();
        admin.get(BUNDLE).is(200);
    }

    @Test
    void leaveAReaderWhoTakesNothingAndServeTheNextOne() throws Exception {
        try (Socket silent = new Socket()) {
            silent.setReceiveBufferSize(4096);
            silent.connect(admin.server.address());
            ask(silent);
            assertThat(Wire.status(silent.getInputStream())).isEqualTo(200);

            // No more is read of it; what waits for its turn gets it when that one was left.
            admin.send("POST", BACKUP, PASSPHRASE).is(503);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(draft()).doesNotExist());
            assertThatOneFailed("system.backup", "nobody reads the answer");
            try (HttpClient client = HttpClient.newHttpClient()) {
                assertThat(client.send(backup(), HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(200);
            }
            assertThatThrownBy(() -> silent.getInputStream().readAllBytes()).isInstanceOf(IOException.class);
        }
    }

    private static void ask(Socket socket) throws IOException {
        InetSocketAddress to = (InetSocketAddress) socket.getRemoteSocketAddress();
        String request = "POST " + BACKUP + " HTTP/1.1\r\nHost: " + to.getHostString() + "\r\nAuthorization: Bearer "
                + AdminFixture.TOKEN + "\r\nContent-Type: application/json\r\nContent-Length: " + PASSPHRASE.length()
                + "\r\n\r\n" + PASSPHRASE;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    private void assertThatOneFailed(String action, String why) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(admin.get("/v1/audit?action=" + action).text())
                                .contains("\"failed\"")
                                .contains("it broke off")
                                .contains(why));
    }
}
