package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.admin.AdminFixture.Answer;
import io.penstock.admin.machine.MachinePort;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Versions of the appliance over the API. */
final class SystemUpgradeTest {
    private static final String PATH = "/v1/system/upgrade";
    private static final String[] BUNDLE = {"Content-Type", "application/octet-stream"};

    @TempDir
    Path folder;

    private AdminFixture admin;
    private final FakeMachine machine = new FakeMachine();

    @BeforeEach
    void start() throws Exception {
        admin = new AdminFixture(folder.resolve("data"));
        admin.machine = Optional.of(machine);
        machine.bundleFolder = folder.resolve("data/upgrade").toString();
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(machine.bundleFolder))) {
            return files.toList();
        }
    }

    @Test
    void laysTheBundleWhereTheMachineTakesItAndTellsTheOptions() throws Exception {
        String bundle = "b".repeat(3 << 20);

        Answer answer =
                admin.send("POST", PATH + "?reboot=true", bundle, BUNDLE).is(202);

        assertThat(answer.json().at("/upgrade/state").stringValue()).isEqualTo("waiting");
        // Beside it what its version is to rehearse with: a copy of the state, and recorded heads.
        assertThat(machine.taken)
                .contains("bundle " + bundle.length())
                .anyMatch(file -> file.startsWith("penstock.db "))
                .anyMatch(file -> file.startsWith("heads.json "));
        assertThat(machine.options).isEqualTo("{\"reboot\":true,\"allowDowngrade\":false,\"allowDifferences\":false}");
        assertThat(admin.get("/v1/audit?action=system.upgrade").text()).contains("/system/upgrade");
        assertThat(left()).isEmpty();
    }

    @Test
    void takesOneAtATime() throws Exception {
        machine.upgrade = "installing";

        admin.send("POST", PATH, "x", BUNDLE).is(409);

        assertThat(machine.words).doesNotContain("upgrade");
    }

    @Test
    void keepsNothingOfWhatTheMachineRefuses() throws Exception {
        admin.send("POST", PATH, "first", BUNDLE).is(202);
        machine.upgrade = "none";
        machine.refusal = Optional.of(new MachinePort.Refused(
                "no-bundle", "too short", JsonMapper.shared().createArrayNode()));
        // The state is asked first, and refused here as well.
        admin.send("POST", PATH, "x", BUNDLE).is(422);

        assertThat(left()).isEmpty();
    }

    @Test
    void refusesWhatIsTooLongBeforeItComes() throws Exception {
        assertThat(head(3L << 30)).contains(" 413 ");
        assertThat(machine.words).doesNotContain("upgrade");
    }

    @Test
    void keepsNothingOfWhatBreaksOff() throws Exception {
        try (Socket socket = open(10L << 20)) {
            socket.getOutputStream().write(new byte[100_000]);
        }
        // The next one waits for nobody.
        Answer answer;
        do {
            answer = admin.send("POST", PATH, "x", BUNDLE);
        } while (answer.status() == 409);

        answer.is(202);
        assertThat(machine.taken).contains("bundle 1");
    }

    @Nested
    final class OnADiskWithoutRoom {
        private static final long DISK_BYTES = 96L << 20;

        private Path disk = Path.of("");

        @BeforeEach
        void mountASmallDisk() throws Exception {
            disk = Files.createDirectory(folder.resolve("data/upgrade"));
            assumeTrue(
                    mount("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", disk.toString()) == 0,
                    "may not mount a small disk");
        }

        @AfterEach
        void unmount() throws Exception {
            // Lazily, and only what the set-up has mounted.
            mount("umount", "-l", disk.toString());
        }

        private static int mount(String... words) throws Exception {
            return new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }

        private String status(Socket socket) throws IOException {
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }

        @Test
        void refusesAtOnceWhatDoesNotFit() throws Exception {
            try (Socket socket = open(80L << 20)) {
                assertThat(status(socket)).isEqualTo("HTTP/1.1 507");
            }
            assertThat(left()).isEmpty();
            assertThat(machine.words).doesNotContain("upgrade");
        }

        @Test
        void refusesOneThatTheDiskFillsUpUnder() throws Exception {
            try (Socket socket = open(24L << 20)) {
                byte[] part = new byte[1 << 20];
                socket.getOutputStream().write(part);
                Awaitility.await()
                        .untilAsserted(() ->
                                assertThat(disk.resolve("bundle.part")).exists().isNotEmptyFile());
                try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
                    while (true) {
                        filler.write(part);
                    }
                } catch (IOException full) {
                    assertThat(full).hasMessageContaining("No space left");
                }
                for (int sent = 1; sent < 24; sent++) {
                    socket.getOutputStream().write(part);
                }
                assertThat(status(socket)).isEqualTo("HTTP/1.1 507");
            }
            Files.delete(disk.resolve("filler"));
            assertThat(left()).isEmpty();
            assertThat(machine.words).doesNotContain("upgrade");
            admin.send("POST", PATH, "x", BUNDLE).is(202);
        }

        @Test
        void refusesOneOfUnknownLengthThatIsLongerThanTheRoom() throws Exception {
            try (HttpClient client = HttpClient.newHttpClient()) {
                byte[] part = new byte[1 << 20];
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(admin.uri(PATH))
                                .header("Authorization", "Bearer " + AdminFixture.TOKEN)
                                .headers(BUNDLE)
                                .POST(HttpRequest.BodyPublishers.ofByteArrays(Collections.nCopies(48, part)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(507);
                assertThat(answer.body()).contains("MiB that are free");
            }
            assertThat(left()).isEmpty();
        }
    }

    private Socket open(long length) throws IOException {
        Socket socket =
                new Socket(admin.server.uri().getHost(), admin.server.uri().getPort());
        socket.getOutputStream()
                .write(("POST " + PATH + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + AdminFixture.TOKEN
                                + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + length
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private String head(long length) throws IOException {
        try (Socket socket = open(length)) {
            return new String(socket.getInputStream().readNBytes(64), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void tellsHowItStandsWithTheSettings() throws Exception {
        Answer answer = admin.get("/v1/system").is(200);

        assertThat(answer.json().path("slot").stringValue()).isEqualTo("A");
        assertThat(answer.json().at("/settings/inForce").booleanValue()).isTrue();
        admin.send("POST", PATH + ":previous", "").is(200);
        assertThat(machine.words).contains("previous");
    }

    @Test
    void tellsWhatSomebodyHasToLookAt() throws Exception {
        assertThat(admin.get("/v1/system").is(200).json().path("warnings").isEmpty())
                .isTrue();

        machine.warning = Optional.of("firewall-closed");

        Answer answer = admin.get("/v1/system").is(200);
        assertThat(answer.json().at("/warnings/0/code").stringValue()).isEqualTo("firewall-closed");
        assertThat(answer.json().at("/warnings/0/detail").stringValue()).isEqualTo("look at it");
    }

    @Test
    void isNotThereOffTheAppliance() throws Exception {
        admin.machine = Optional.empty();

        admin.get("/v1/system").is(501);
        admin.get(PATH).is(501);
        admin.send("POST", PATH, "x", BUNDLE).is(501);
        admin.send("POST", PATH + ":previous", "").is(501);
    }
}
