package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What leaves the house for support, and what is left of a house that is cleared. */
final class SupportTest {
    private static final String ANY = "127.0.0.1:0";
    private static final String PLANTED = "PLANTED7f3a";
    private static final String TOKEN = PLANTED + "-token-0123456789";

    @TempDir
    Path folder;

    /** What a command of ours ended with. */
    private record Told(int exit, String text) {}

    @Test
    void showsEverythingButSecrets() throws Exception {
        try (GatewayProcess gateway = start()) {
            String ready = gateway.awaitReady();
            String admin = "http://127.0.0.1:" + GatewayProcess.port(ready, "admin http://");
            call("PUT", admin + "/v1/secrets/planted", "{\"value\":\"" + PLANTED + "\",\"note\":\"" + PLANTED + "\"}");
            call("PUT", admin + "/v1/consumers/acme", """
                    {"credentials":[{"type":"apiKey","secret":"%s-of-a-consumer-0123456789"}]}""".formatted(PLANTED));
            call("PUT", admin + "/v1/routes/secretive", """
                    {"note":"%1$s","matches":[{"path":{"type":"exact","value":"/seen"}}],"respond":{"body":"%1$s"},
                     "filters":[{"type":"headers","request":{"set":{"X-Odd":"%1$s"}},"response":{"set":{"Authorization":"Bearer %1$s"}}}]}
                    """.formatted(PLANTED));
            call(
                    "GET",
                    "http://127.0.0.1:" + GatewayProcess.port(ready, "listeners web ") + "/seen?ticket=" + PLANTED,
                    "");
            call(
                    "GET",
                    "http://127.0.0.1:" + GatewayProcess.port(ready, "listeners web ") + "/absent?ticket=" + PLANTED,
                    "");
            Awaitility.await()
                    .until(() ->
                            Files.readString(data().resolve("log/access.log")).contains("/absent"));

            Path file = folder.resolve("support.zip");
            Told told = told(
                    "support-bundle",
                    "--admin",
                    admin,
                    "--token-file",
                    folder.resolve("token").toString(),
                    file.toString());

            assertThat(told.exit()).as(told.text()).isEqualTo(ExitCode.OK);
            Map<String, String> bundle = unzip(file);
            bundle.forEach((name, text) -> assertThat(text).as(name).doesNotContain(PLANTED));
            assertThat(bundle.get("config.json")).contains("secretive", "/seen", "X-Odd", "acme");
            assertThat(bundle.get("node.json")).contains("\"revision\"", "\"transport\"");
            assertThat(bundle.get("metrics.txt")).contains("penstock_workers_stuck 0");
            assertThat(bundle.get("threads.txt")).contains("penstock-control");
            assertThat(bundle.get("access-log.txt")).contains("/seen", "/absent");
            assertThat(bundle.get("process.txt"))
                    .contains("environment has PLANTED_VARIABLE", "-Dplanted.password=(left");
            assertThat(bundle.get("files.txt")).contains("penstock.db ", "secrets.key ");
            assertThat(bundle.get("revisions.txt")).contains("3 ", "by token:");
            assertThat(bundle.get("system-proc-meminfo.txt")).contains("MemTotal");
        }
    }

    @Test
    void clearsAFolderOnlyByTheWord() throws Exception {
        try (GatewayProcess gateway = start()) {
            String admin = "http://127.0.0.1:" + GatewayProcess.port(gateway.awaitReady(), "admin http://");
            call("PUT", admin + "/v1/secrets/planted", "{\"value\":\"" + PLANTED + "\"}");
            assertThat(reset("RESET").exit()).isEqualTo(ExitCode.FOLDER_IN_USE);
            gateway.signal("KILL");
            gateway.awaitExit();
        }
        assertThat(reset("reset").text()).contains("nothing was removed");
        assertThat(data().resolve("secrets.key")).exists();

        Told done = reset("RESET");
        assertThat(done.exit()).as(done.text()).isEqualTo(ExitCode.OK);
        try (Stream<Path> left = Files.list(data())) {
            assertThat(left.map(file -> file.getFileName().toString())).containsExactly("lock");
        }
        // Neither again, nor what is no gateway's.
        assertThat(reset("RESET").text()).contains("holds nothing of a gateway");
        Path alien = Files.createDirectory(folder.resolve("alien"));
        Files.writeString(alien.resolve("file"), "kept");
        assertThat(told("factory-reset", "--data", alien.toString(), "--confirm", "RESET")
                        .exit())
                .isEqualTo(ExitCode.FAILED);
        assertThat(alien.resolve("file")).exists();

        try (GatewayProcess gateway =
                GatewayProcess.start(folder, "--data", data().toString(), "--admin", ANY, "--status", ANY)) {
            assertThat(gateway.awaitReady()).contains("revision 1");
            assertThat(gateway.err()).contains("setup token");
        }
    }

    private Told reset(String word) {
        return told("factory-reset", "--data", data().toString(), "--confirm", word);
    }

    private Path data() {
        return folder.resolve("data");
    }

    private GatewayProcess start() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), TOKEN);
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        Path document = Files.writeString(folder.resolve("web.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                """);
        return GatewayProcess.startWith(
                Map.of("PLANTED_VARIABLE", PLANTED, "JDK_JAVA_OPTIONS", "-Dplanted.password=" + PLANTED),
                folder,
                "--data",
                data().toString(),
                "--admin",
                ANY,
                "--status",
                ANY,
                "--apply",
                document.toString(),
                "--admin-token-file",
                token.toString());
    }

    private static Map<String, String> unzip(Path file) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return entries;
    }

    private static Told told(String... words) {
        StringWriter said = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
        return new Told(CommandLines.execute(line, words), said.toString());
    }

    private static void call(String method, String uri, String body) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(uri))
                            .header("Authorization", "Bearer " + TOKEN)
                            .header("Content-Type", "application/json")
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (method.equals("PUT")) {
                assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
            }
        }
    }
}
