package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Backup and restore as operators do them: commands, processes, kills and disks without room. */
final class BackupTest {
    private static final String ANY = "127.0.0.1:0";
    private static final String TOKEN = "0123456789abcdef0123";
    private static final String SECRET = "PLANTED-SECRET-VALUE";

    @TempDir
    Path folder;

    private Path tokenFile = Path.of("");
    private Path passphraseFile = Path.of("");

    /** What a command of ours ended with. */
    private record Told(int exit, String text) {}

    @BeforeEach
    void writeSecrets() throws IOException {
        tokenFile = Files.writeString(folder.resolve("token"), TOKEN);
        Files.setPosixFilePermissions(tokenFile, PosixFilePermissions.fromString("rw-------"));
        passphraseFile = Files.writeString(folder.resolve("passphrase"), "correct horse battery staple\n");
    }

    @Test
    void bringsAGatewayBackElsewhereWithItsTokensSecretsAndHistory() throws Exception {
        Path backup = folder.resolve("gateway.backup");
        try (GatewayProcess gateway = run("first", "--admin-token-file", tokenFile.toString())) {
            String admin = admin(gateway.awaitReady());
            put(admin, "/v1/secrets/planted", "{\"value\":\"" + SECRET + "\"}");
            put(admin, "/v1/routes/kept", route("/kept"));

            Told told = backup(admin, backup);
            assertThat(told.exit()).as(told.text()).isEqualTo(ExitCode.OK);
            assertThat(told.text()).contains("read back and found whole");
            assertThat(Files.readString(backup, StandardCharsets.ISO_8859_1)).doesNotContain(SECRET);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
                    .isEqualTo("rw-------");
            assertThat(get(admin, "/v1/audit")).contains("system.backup");

            Told held = restore("first", backup);
            assertThat(held.exit()).isEqualTo(ExitCode.FOLDER_IN_USE);
            kill(gateway);
        }
        Path passphrase = passphraseFile;
        passphraseFile = Files.writeString(folder.resolve("other"), "another horse battery staple\n");
        Told refused = restore("second", backup);
        assertThat(refused.text()).contains("the passphrase is not the one").contains("or cut off");
        assertThat(folder.resolve("second")).doesNotExist();
        assertThat(restore("second", folder.resolve("none")).text())
                .contains("backup " + folder.resolve("none") + " does not exist");
        assertThat(folder.resolve("second")).doesNotExist();
        passphraseFile = passphrase;

        Told restored = restore("second", backup);
        assertThat(restored.exit()).as(restored.text()).isEqualTo(ExitCode.OK);
        assertThat(restored.text()).contains("revision 3");

        // Without the token file: the token is in the store.
        try (GatewayProcess gateway = run("second")) {
            String ready = gateway.awaitReady();
            assertThat(ready).contains("revision 3");
            assertThat(get(admin(ready), "/v1/routes/kept")).startsWith("200 ");
            assertThat(get(admin(ready), "/v1/config/revisions/2")).startsWith("200 ");
            assertThat(get(admin(ready), "/v1/secrets/planted")).startsWith("200 ");
            kill(gateway);
        }
        assertThat(restore("second", backup).text()).contains("--replace");
    }

    @Test
    void isOnlyForWhoMayMakeTokens() throws Exception {
        try (GatewayProcess gateway = run("first", "--admin-token-file", tokenFile.toString())) {
            String admin = admin(gateway.awaitReady());
            HttpResponse<String> refusedShort =
                    send(HttpRequest.newBuilder(URI.create(admin + "/v1/system/backup")), "{\"passphrase\":\"short\"}");
            assertThat(refusedShort.statusCode()).isEqualTo(422);
            assertThat(refusedShort.body()).contains("found 5 characters, wanted at least 12");
            String made = send(
                            HttpRequest.newBuilder(URI.create(admin + "/v1/tokens")),
                            "{\"name\":\"editor\",\"roles\":[\"editor\"]}")
                    .body();
            String token = made.replaceAll(".*\"secret\":\"([^\"]+)\".*", "$1");
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpResponse<String> forbidden = client.send(
                        HttpRequest.newBuilder(URI.create(admin + "/v1/system/backup"))
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"passphrase\":\"correct horse battery staple\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(forbidden.statusCode()).as(made).isEqualTo(403);
            }
        }
    }

    @Test
    void leavesTheOldStateOrTheNewOneWhereverItIsKilled() throws Exception {
        Path backup = folder.resolve("gateway.backup");
        try (GatewayProcess gateway = run("first", "--admin-token-file", tokenFile.toString())) {
            String admin = admin(gateway.awaitReady());
            put(admin, "/v1/routes/new", route("/new"));
            assertThat(backup(admin, backup).exit()).isEqualTo(ExitCode.OK);
        }
        List<String> outcomes = new ArrayList<>();
        for (String point :
                List.of("restore.new", "restore.new/penstock.db", "restore.new/manifest", "restore.ready")) {
            String name = "killed-" + point.replace('/', '-');
            try (GatewayProcess gateway = run(name, "--admin-token-file", tokenFile.toString())) {
                put(admin(gateway.awaitReady()), "/v1/routes/old", route("/old"));
                kill(gateway);
            }
            Path data = folder.resolve(name);
            Process restoring = GatewayProcess.command(
                            List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
                            List.of(
                                    "restore",
                                    "--replace",
                                    "--data",
                                    data.toString(),
                                    "--passphrase-file",
                                    passphraseFile.toString(),
                                    backup.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            awaitOrEnd(restoring, () -> Files.exists(data.resolve(point)));
            restoring.destroyForcibly();
            restoring.waitFor();

            try (GatewayProcess gateway = run(name)) {
                String admin = admin(gateway.awaitReady());
                boolean isOld = get(admin, "/v1/routes/old").startsWith("200 ");
                boolean isNew = get(admin, "/v1/routes/new").startsWith("200 ");
                assertThat(isOld).as("killed at %s", point).isNotEqualTo(isNew);
                outcomes.add(isOld ? "old" : "new");
            }
            assertThat(data.resolve("restore.new")).doesNotExist();
            assertThat(data.resolve("restore.ready")).doesNotExist();
        }
        System.out.println("killed restores left: " + outcomes);
    }

    @Test
    void changesNothingOnADiskWithoutRoom() throws Exception {
        Tool.require("mount", "umount");
        Path backup = folder.resolve("gateway.backup");
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Tool.Result mounted = Tool.run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString());
        assumeTrue(mounted.exit() == 0, "may not mount a small disk: " + mounted.said());
        try {
            try (GatewayProcess gateway = run("disk/data", "--admin-token-file", tokenFile.toString())) {
                String admin = admin(gateway.awaitReady());
                put(admin, "/v1/routes/kept", route("/kept"));
                assertThat(backup(admin, backup).exit()).isEqualTo(ExitCode.OK);
                fill(disk);

                Told refused = backup(admin, folder.resolve("second.backup"));
                assertThat(refused.exit()).isEqualTo(ExitCode.FAILED);
                assertThat(refused.text()).contains("full");
                assertThat(folder.resolve("second.backup")).doesNotExist();
                assertThat(disk.resolve("data/backup.new")).doesNotExist();
                kill(gateway);
            }
            Told refused = restore("disk/data", backup, "--replace");
            assertThat(refused.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(disk.resolve("data/restore.new")).doesNotExist();
            Files.delete(disk.resolve("filler"));
            try (GatewayProcess gateway = run("disk/data")) {
                assertThat(get(admin(gateway.awaitReady()), "/v1/routes/kept")).startsWith("200 ");
            }
        } finally {
            Tool.run("umount", "-l", disk.toString());
        }
    }

    private static void awaitOrEnd(Process process, BooleanSupplier happened) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> happened.getAsBoolean() || !process.isAlive());
    }

    private static void fill(Path disk) throws IOException {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            byte[] page = new byte[4_096];
            while (true) {
                filler.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private GatewayProcess run(String data, String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("--data", folder.resolve(data).toString(), "--admin", ANY, "--status", ANY));
        arguments.addAll(List.of(more));
        return GatewayProcess.start(folder, arguments.toArray(new String[0]));
    }

    // Its folder is free only once it has ended.
    private static void kill(GatewayProcess gateway) throws InterruptedException {
        gateway.close();
        gateway.awaitExit();
    }

    private static String admin(String ready) {
        return "http://127.0.0.1:" + GatewayProcess.port(ready, "admin http://");
    }

    private Told backup(String admin, Path file) {
        return told(
                "backup",
                "--admin",
                admin,
                "--token-file",
                tokenFile.toString(),
                "--passphrase-file",
                passphraseFile.toString(),
                file.toString());
    }

    private Told restore(String data, Path backup, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "restore",
                "--data",
                folder.resolve(data).toString(),
                "--passphrase-file",
                passphraseFile.toString(),
                backup.toString()));
        words.addAll(List.of(more));
        return told(words.toArray(new String[0]));
    }

    private static Told told(String... words) {
        StringWriter said = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
        return new Told(CommandLines.execute(line, words), said.toString());
    }

    private static String route(String path) {
        return "{\"matches\":[{\"path\":{\"type\":\"exact\",\"value\":\"" + path
                + "\"}}],\"respond\":{\"body\":\"x\"}}";
    }

    private static void put(String admin, String path, String body) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(admin + path))
                            .header("Authorization", "Bearer " + TOKEN)
                            .header("Content-Type", "application/json")
                            .PUT(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
        }
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String body)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    request.header("Authorization", "Bearer " + TOKEN)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String get(String admin, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(admin + path))
                            .header("Authorization", "Bearer " + TOKEN)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }
}
