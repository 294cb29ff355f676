package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.coding.ContentCoding;
import io.penstock.coding.Encoder;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code build.sh dist} makes: unpacked anywhere, it needs no Java, no place to unpack into, and is ready soon. */
@Tag("long")
final class DistributionTest {
    private static final int STARTS = 5;
    private static final String ANY = "127.0.0.1:0";
    private static final long FIRST_SECOND_NS = 1_000_000_000;
    private static final String SAID = "said under a coding, ".repeat(100);

    @TempDir
    private Path folder;

    @Test
    void startsFromAnyFolderWithAndWithoutItsCache() throws Exception {
        Tool.require("unzip", "tar", "gzip", "curl", "python3");
        Tool.Result built = Tool.run(
                "./build.sh",
                "dist",
                "--no-maven",
                "--with-caches",
                "--version",
                "9.9-test",
                "--out",
                folder.resolve("out").toString());
        assertThat(built.exit()).as(built.said()).isZero();
        Path place = Files.createDirectories(folder.resolve("a place with blanks"));
        String archive =
                folder.resolve("out/penstock-9.9-test-linux-x86_64.tar.gz").toString();
        assertThat(Tool.run("tar", "-xzf", archive, "-C", place.toString()).exit())
                .isZero();
        Path installed = place.resolve("penstock-9.9-test-linux-x86_64");
        Files.writeString(folder.resolve("first.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                plugins:
                  - {name: mark, version: 1.0.0, package: {dir: mark}}
                  - {name: echo, version: 1.0.0, package: {dir: echo}}
                routes:
                  - name: echoed
                    matches: [{path: {type: exact, value: /echoed}}]
                    respond: {body: up}
                    filters: [{type: plugin, use: echo@1}]
                  - {name: plain, matches: [{path: {type: exact, value: /plain}}], respond: {body: up}}
                  - name: marked
                    matches: [{path: {type: exact, value: /marked}}]
                    respond: {body: up}
                    filters: [{type: plugin, use: mark@1}]
                """);
        Files.createDirectories(folder.resolve("mark"));
        Files.writeString(
                folder.resolve("mark/plugin.json"),
                "{\"name\": \"mark\", \"version\": \"1.0.0\", \"api\": 1, \"entry\": \"main.mjs\"}");
        Files.writeString(
                folder.resolve("mark/main.mjs"),
                "export default { onResponse(res) { res.headers.set('x-mark', 'made'); } };");

        Files.createDirectories(folder.resolve("echo"));
        Files.writeString(
                folder.resolve("echo/plugin.json"),
                "{\"name\": \"echo\", \"version\": \"1.0.0\", \"api\": 1, \"entry\": \"main.mjs\","
                        + " \"body\": {\"decode\": true}}");
        Files.writeString(
                folder.resolve("echo/main.mjs"),
                "export default { async onRequest(req) { return new Response(await req.text()); } };");

        try (GatewayProcess gateway = start(installed, "--apply", "first.yaml")) {
            String ready = gateway.awaitReady();
            assertThat(ready).contains(" listeners web ");
            assertThat(gateway.err()).contains("plugins run optimised");
            try (LongRig.Client client = new LongRig.Client(GatewayProcess.port(ready, "listeners web "))) {
                assertThat(client.get("/marked")).startsWith("HTTP/1.1 200 OK 2 ");
            }
            for (ContentCoding coding : ContentCoding.values()) {
                assertThat(echoed(GatewayProcess.port(ready, "listeners web "), coding))
                        .as("under %s", coding.token())
                        .isEqualTo(SAID);
            }
            assertThat(gateway.nativeLibraries())
                    .anyMatch(library -> library.equals(installed.resolve("native/libbrotli.so")))
                    .anyMatch(library -> library.toString().contains("/native/libzstd-jni-"))
                    .allMatch(library ->
                            library.startsWith(installed) || library.startsWith("/usr") || library.startsWith("/lib"))
                    .anyMatch(library -> library.startsWith(installed.resolve("native")));
            gateway.signal("TERM");
            assertThat(gateway.awaitExit()).as(gateway.err()).isZero();
        }

        Files.writeString(folder.resolve("first.yaml"), """
                apiVersion: penstock/v1
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                routes:
                  - {name: plain, matches: [{path: {type: exact, value: /plain}}], respond: {body: up}}
                """);
        List<Start> with = starts(installed);
        for (String cache : List.of("gateway.aot", "command.aot")) {
            Files.move(installed.resolve(cache), installed.resolve(cache + ".gone"));
        }
        print("with its cache", with);
        print("without", starts(installed));
    }

    // What a plugin reads of a body that came under this coding.
    private static String echoed(int port, ContentCoding coding) throws Exception {
        byte[] said = SAID.getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream coded = new ByteArrayOutputStream();
        try (Encoder encoder = coding.newEncoder()) {
            encoder.encode(new UnsafeBuffer(said), 0, said.length, coded::writeBytes);
            encoder.finish(coded::writeBytes);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/echoed"))
                    .header("Content-Encoding", coding.token())
                    .POST(HttpRequest.BodyPublishers.ofByteArray(coded.toByteArray()))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private List<Start> starts(Path installed) throws Exception {
        List<Start> starts = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            try (GatewayProcess gateway = start(installed, "--apply", "first.yaml")) {
                String ready = gateway.awaitReady();
                Duration wall = gateway.age();
                Duration cpu = gateway.cpu();
                List<Long> answers = new ArrayList<>();
                try (LongRig.Client client = new LongRig.Client(GatewayProcess.port(ready, "listeners web "))) {
                    long end = System.nanoTime() + FIRST_SECOND_NS;
                    for (long now = System.nanoTime(); now < end; ) {
                        assertThat(client.get("/plain")).startsWith("HTTP/1.1 200 OK 2 ");
                        long after = System.nanoTime();
                        answers.add(after - now);
                        now = after;
                    }
                }
                starts.add(new Start(wall, cpu, answers.stream().sorted().toList()));
                gateway.signal("TERM");
                assertThat(gateway.awaitExit()).as(gateway.err()).isZero();
            }
        }
        return starts;
    }

    private GatewayProcess start(Path installed, String... more) throws Exception {
        return GatewayProcess.installed(
                installed.resolve("bin/penstock"),
                folder,
                "",
                Stream.concat(Stream.of("--data", "data", "--admin", ANY, "--status", ANY), Arrays.stream(more))
                        .toArray(String[]::new));
    }

    private record Start(Duration wall, Duration cpu, List<Long> answersNs) {
        long answerUs(double share) {
            return answersNs.get((int) (share * (answersNs.size() - 1))) / 1000;
        }
    }

    private static void print(String what, List<Start> starts) {
        Start median = starts.stream()
                .sorted((a, b) -> a.wall().compareTo(b.wall()))
                .skip(STARTS / 2)
                .findFirst()
                .orElseThrow();
        System.out.printf(
                "distribution %-15s start to ready median %4d ms, CPU %4d ms; first second: %d answers one by one, p50 %d us,"
                        + " p99 %d us, longest %d us; each ready in %s ms%n",
                what + ":",
                median.wall().toMillis(),
                median.cpu().toMillis(),
                median.answersNs().size(),
                median.answerUs(0.5),
                median.answerUs(0.99),
                median.answerUs(1),
                starts.stream().map(each -> each.wall().toMillis()).toList());
    }
}
