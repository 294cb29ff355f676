package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What plugins keep, in backups of gateways that run, and in folders that backups are laid in. */
@Tag("long")
final class PluginStoreBackupTest {
    private static final String SOURCE = """
            export default {
              async onRequest(req, ctx) {
                const store = ctx.kv('n');
                return new Response(String(await store.incr('count')));
              },
            };
            """;

    @TempDir
    private Path folder;

    private Path backup = Path.of("");
    private Path passphraseFile = Path.of("");

    /** What a command of ours ended with. */
    private record Told(int exit, String text) {}

    @BeforeEach
    void writeThePassphrase() throws IOException {
        backup = folder.resolve("gateway.backup");
        passphraseFile = Files.writeString(folder.resolve("passphrase"), "correct horse battery staple\n");
    }

    @Test
    void areOfOneMomentAndGoOnInAnotherGateway() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint)) {
            bind(rig);
            countTo(rig.rig.port, 3);
            Told made = backup(rig, backup);
            assertThat(made.exit()).as(made.text()).isEqualTo(ExitCode.OK);
            countTo(rig.rig.port, 9);
            assertThat(folder.resolve("data/backup-kv.new")).doesNotExist();
            kill(rig.rig.gateway);

            Told restored = restore(folder.resolve("second"));
            assertThat(restored.exit()).as(restored.text()).isEqualTo(ExitCode.OK);
            try (GatewayProcess second = run(folder.resolve("second"))) {
                countTo(port(second), 4);
                kill(second);
            }
            assertThat(folder.resolve("second/plugin-kv.image")).doesNotExist();
            try (GatewayProcess again = run(folder.resolve("second"))) {
                countTo(port(again), 5);
            }
        }
    }

    @Test
    void areTheOldOnesOrTheNewOnesWithAllTheRestWhereverARestoreIsKilled() throws Exception {
        List<String> outcomes = new ArrayList<>();
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint)) {
            bind(rig);
            countTo(rig.rig.port, 3);
            assertThat(backup(rig, backup).exit()).isEqualTo(ExitCode.OK);
            rig.route("later", "/later", "{\"type\":\"plugin\",\"use\":\"counter@1\"}");
            countTo(rig.rig.port, 9);
            kill(rig.rig.gateway);

            for (String point : List.of(
                    "restore.new/penstock.db",
                    "restore.new/plugin-kv.image",
                    "restore.new/manifest",
                    "restore.ready")) {
                Path data = folder.resolve("killed-" + point.replace('/', '-'));
                Tool.run("cp", "-a", "--sparse=always", folder.resolve("data").toString(), data.toString());
                killARestoreAt(point, data);
                try (GatewayProcess gateway = run(data)) {
                    // Without that route the endpoint answers, and not the plugin with a number.
                    boolean isOld = get(port(gateway), "/later").body().matches("[0-9]+");
                    int count = Integer.parseInt(get(port(gateway), "/counter").body());
                    assertThat(count).as("killed at %s", point).isEqualTo(isOld ? 11 : 4);
                    outcomes.add(isOld ? "old" : "new");
                }
            }
        }
        System.out.println("killed restores left: " + outcomes);
    }

    private void killARestoreAt(String point, Path data) throws Exception {
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
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Files.exists(data.resolve(point)) || !restoring.isAlive());
        restoring.destroyForcibly();
        restoring.waitFor();
    }

    @Test
    void failABackupThatTheDiskHasNoRoomForAndPluginsGoOn() throws Exception {
        Tool.require("mount", "umount");
        Path disk = Files.createDirectory(folder.resolve("data"));
        Tool.Result mounted = Tool.run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString());
        assumeTrue(mounted.exit() == 0, "may not mount a small disk: " + mounted.said());
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint)) {
            bind(rig);
            countTo(rig.rig.port, 3);
            fillBut(15 << 20, disk);

            Told refused = backup(rig, backup);

            assertThat(refused.exit()).isEqualTo(ExitCode.FAILED);
            assertThat(refused.text()).contains("the disk is nearly full");
            assertThat(backup).doesNotExist();
            assertThat(disk.resolve("backup.new")).doesNotExist();
            assertThat(disk.resolve("backup-kv.new")).doesNotExist();
            assertThat(get(rig.rig.port, "/counter").status()).isBetween(200, 599);
            Files.delete(disk.resolve("filler"));
            assertThat(backup(rig, backup).exit()).isEqualTo(ExitCode.OK);
            countTo(rig.rig.port, 9);
        } finally {
            Tool.run("umount", "-l", disk.toString());
        }
    }

    private static void fillBut(long bytes, Path disk) throws IOException {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            byte[] page = new byte[64 << 10];
            while (Files.getFileStore(disk).getUsableSpace() > bytes) {
                filler.write(page);
            }
        }
    }

    private static void bind(PluginRig rig) throws Exception {
        rig.upload(
                "counter",
                "1.0.0",
                "{\"permissions\":{\"kv\":[\"n\"]},\"limits\":{\"cpuMs\":1000,\"requestCpuMs\":10000,\"wallMs\":60000}}",
                SOURCE);
        rig.route("counter", "/counter", "{\"type\":\"plugin\",\"use\":\"counter@1\"}");
    }

    private static WireClient.Reply get(int port, String path) throws IOException {
        try (WireClient client = new WireClient(port)) {
            return client.get(path, "x-a: b");
        }
    }

    // Each answer is one more than the last one.
    private static void countTo(int port, int count) throws IOException {
        for (int now = 0; now < count; ) {
            WireClient.Reply reply = get(port, "/counter");
            assertThat(reply.status()).as(reply.body()).isEqualTo(200);
            now = Integer.parseInt(reply.body());
            assertThat(now).isLessThanOrEqualTo(count);
        }
    }

    private GatewayProcess run(Path data) throws IOException {
        return GatewayProcess.serving(
                folder, "-Xmx256m", "--data", data.toString(), "--admin", "127.0.0.1:0", "--status", "127.0.0.1:0");
    }

    private static int port(GatewayProcess gateway) throws Exception {
        return GatewayProcess.port(gateway.awaitReady(), "listeners web ");
    }

    private static void kill(GatewayProcess gateway) throws Exception {
        gateway.signal("KILL");
        gateway.awaitExit();
    }

    private Told backup(PluginRig rig, Path file) throws IOException {
        Path token = folder.resolve("token");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        return told(
                "backup",
                "--admin",
                "http://127.0.0.1:" + rig.rig.admin,
                "--token-file",
                token.toString(),
                "--passphrase-file",
                passphraseFile.toString(),
                file.toString());
    }

    private Told restore(Path data) {
        return told(
                "restore",
                "--data",
                data.toString(),
                "--passphrase-file",
                passphraseFile.toString(),
                backup.toString());
    }

    private static Told told(String... words) {
        StringWriter said = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
        return new Told(CommandLines.execute(line, words), said.toString());
    }
}
