package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
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
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands of the system, through the API, to the appliance's own programs and the files that they render. */
final class SystemTest {
    private static final String ANY = "127.0.0.1:0";

    @TempDir
    Path folder;

    private Path machine = Path.of("");
    private Path tokenFile = Path.of("");
    private Process programs;
    private GatewayProcess gateway;
    private String admin = "";

    /** What a command of ours ended with. */
    private record Told(int exit, String text) {}

    @BeforeEach
    void start() throws Exception {
        machine = Files.createDirectory(folder.resolve("m"));
        tokenFile = Files.writeString(folder.resolve("token"), "0123456789abcdef0123");
        Files.setPosixFilePermissions(tokenFile, PosixFilePermissions.fromString("rw-------"));
        programs = new ProcessBuilder("python3", "test/fake_machine.py", machine.toString())
                .redirectError(folder.resolve("machine.err").toFile())
                .start();
        assertThat(programs.inputReader(StandardCharsets.UTF_8).readLine())
                .as(Files.readString(folder.resolve("machine.err")))
                .isEqualTo("listens");
        gateway = GatewayProcess.start(
                folder,
                "--data",
                machine.resolve("data").toString(),
                "--admin",
                ANY,
                "--status",
                ANY,
                "--admin-token-file",
                tokenFile.toString(),
                "--system-socket",
                machine.resolve("socket").toString());
        admin = "http://127.0.0.1:" + GatewayProcess.port(gateway.awaitReady(), "admin");
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        programs.destroyForcibly();
        assertThat(programs.waitFor()).isPositive();
    }

    private Told system(String... words) {
        List<String> all = new ArrayList<>(List.of("system"));
        all.addAll(List.of(words));
        all.addAll(List.of("--admin", admin, "--token-file", tokenFile.toString()));
        StringWriter said = new StringWriter();
        CommandLine line = CommandLines.penstock();
        line.setOut(new PrintWriter(said));
        line.setErr(new PrintWriter(said));
        return new Told(CommandLines.execute(line, all.toArray(String[]::new)), said.toString());
    }

    private Told set(String yaml, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "set", Files.writeString(folder.resolve("wish.yaml"), yaml).toString()));
        all.addAll(List.of(words));
        return system(all.toArray(String[]::new));
    }

    private String etc(String name) throws Exception {
        Path file = machine.resolve("etc").resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private void awaitEtc(String name, String part) {
        Awaitility.await().untilAsserted(() -> assertThat(etc(name)).contains(part));
    }

    @Test
    void putsAChangeIntoForceAndKeepsIt() throws Exception {
        Told told = set("ntp: {servers: [ntp.example]}\nhostname: gate-two\n", "-m", "a name");

        assertThat(told.text()).contains("are changed");
        awaitEtc("systemd/timesyncd.conf.d/appliance.conf", "NTP=ntp.example");
        awaitEtc("hostname", "gate-two");
        assertThat(system("show").text()).contains("\"gate-two\"");
        assertThat(Files.readString(machine.resolve("commands"))).contains("hostname gate-two");
    }

    @Test
    void keepsANetworkThatIsConfirmedAndTakesBackAnother() throws Exception {
        String link = "systemd/network/10-link.network";
        Told told = set("network: [{name: eth0, addresses: [192.0.2.7/24]}]\n", "--confirm-within", "1h");
        assertThat(told.exit()).as(told.text()).isEqualTo(ExitCode.OK);
        assertThat(told.text()).contains("penstock system confirm");
        awaitEtc(link, "192.0.2.7/24");
        assertThat(set("hostname: other\n").text()).contains("on trial");
        // The files are there a moment before the commands that make them hold have run.
        Awaitility.await()
                .untilAsserted(() -> assertThat(system("confirm").exit()).isEqualTo(ExitCode.OK));

        set("network: [{name: eth0, addresses: [192.0.2.8/24]}]\n", "--confirm-within", "1h");
        awaitEtc(link, "192.0.2.8/24");
        Files.writeString(machine.resolve("hours"), "2");
        awaitEtc(link, "192.0.2.7/24");

        assertThat(system("confirm").text()).contains("waits for its confirmation");
        assertThat(system("show").text()).contains("192.0.2.7/24").doesNotContain("192.0.2.8");
    }

    @Test
    void goesOnWithTheSettingsBeforeThoseThatTheDiskHasLost() throws Exception {
        set("hostname: gate-two\n");
        awaitEtc("hostname", "gate-two");
        set("hostname: gate-three\n");
        awaitEtc("hostname", "gate-three");

        Files.write(machine.resolve("state/settings.json"), new byte[512]);

        assertThat(get("/v1/system")).contains("\"settings-unreadable\"").contains("version 1, are in force");
        assertThat(system("show").text()).contains("\"gate-two\"");
        assertThat(set("hostname: gate-four\n").exit()).isEqualTo(ExitCode.OK);
        assertThat(get("/v1/system")).contains("\"warnings\":[]");
    }

    private String get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(admin + path))
                .header("Authorization", "Bearer " + Files.readString(tokenFile))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .replaceAll("\\s+(?=[\\[\"{])", "");
        }
    }

    @Test
    void tellsEveryFaultWithItsPlace() throws Exception {
        Told told = set("admin: {port: 22}\nnetwork: [{name: eth0, addresses: [x]}]\n");

        assertThat(told.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(told.text()).contains("/admin/port").contains("/network/0/addresses/0");
    }

    @Test
    void upgradesByABundleAndTellsWhyAnotherIsRefused() throws Exception {
        Path bundle = folder.resolve("penstock.raucb");
        Files.write(bundle, bundle("signed 1.1.0\n"));

        Told told = system("upgrade", bundle.toString(), "--reboot");

        assertThat(told.exit()).as(told.text()).isEqualTo(ExitCode.OK);
        assertThat(told.text()).contains("version 1.1.0 is installed");
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(machine.resolve("commands")).content().contains("reboot"));
        Files.write(bundle, bundle("a stranger's\n"));
        Told refused = system("upgrade", bundle.toString());
        assertThat(refused.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(refused.text()).contains("signature verification failed");
        Files.writeString(bundle, "short");
        assertThat(system("upgrade", bundle.toString()).text()).contains("bundle is a file of");
        assertThat(system("previous").text()).contains("slot B is next");
    }

    @Test
    void stopsAtADifferenceThatTheRehearsalFindsUnlessItIsMeant() throws Exception {
        Path bundle = Files.write(folder.resolve("penstock.raucb"), bundle("signed 1.2.0\n"));
        Path report = Files.writeString(machine.resolve("rehearsal-report"), """
                {"outcome": "different", "heads": 7, "routes": 2, "differing": 1, "differencesLeftOut": 0,
                 "differences": [{"what": "route a -> route b", "heads": 1, "example": "GET http://a/"}]}
                """);

        Told stopped = system("upgrade", bundle.toString());
        Told meant = system("upgrade", bundle.toString(), "--allow-differences");
        Files.delete(report);
        Told unknown = system("upgrade", bundle.toString());

        assertThat(stopped.exit()).as(stopped.text()).isEqualTo(ExitCode.FAILED);
        assertThat(stopped.text())
                .contains("rehearsed: 7 heads, 1 different")
                .contains("1 x  route a -> route b, as GET http://a/")
                .contains("What runs is not touched")
                .contains("allow_differences");
        assertThat(meant.exit()).as(meant.text()).isEqualTo(ExitCode.OK);
        assertThat(meant.text()).contains("1 different").contains("version 1.2.0 is installed");
        assertThat(unknown.exit()).as(unknown.text()).isEqualTo(ExitCode.OK);
        assertThat(unknown.text()).contains("rehearsal skipped: ").contains("version 1.2.0 is installed");
    }

    private static byte[] bundle(String head) {
        return (head + "x".repeat(2 << 20)).getBytes(StandardCharsets.US_ASCII);
    }
}
