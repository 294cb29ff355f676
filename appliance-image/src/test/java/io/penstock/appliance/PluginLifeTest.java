package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The life of a plugin through the product: written, tried, stored, named, moved and moved back, and there after a start. */
final class PluginLifeTest {
    // Some of them meet a context that is being made anew, and are no strike.
    private static final int REQUESTS_MAX = 1_000;
    private static final String TOKEN = "a-token-for-these-tests";
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @TempDir
    private Path folder;

    private Path tokenFile = Path.of("");
    private Path document = Path.of("");

    private Optional<Appliance> running = Optional.empty();
    private final HttpClient client = HttpClient.newHttpClient();

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void write() throws IOException {
        tokenFile = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        document = Files.writeString(folder.resolve("first.yaml"), """
                apiVersion: penstock/v1
                plugins:
                  - {name: hello, version: 1.0.0, package: {dir: hello}}
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                routes:
                  - name: hello
                    matches: [{path: {type: prefix, value: /hello}}]
                    respond: {body: from the route}
                    filters:
                      - {type: plugin, use: hello@1, config: {word: one}}
                  - {name: plain, matches: [{path: {type: exact, value: /plain}}], respond: {body: plain}}
                """);
        plugin("1.0.0", "first");
    }

    private void plugin(String version, String answer) throws IOException {
        Path hello = Files.createDirectories(folder.resolve("hello"));
        Files.writeString(
                hello.resolve("plugin.json"),
                "{\"name\":\"hello\",\"version\":\"" + version + "\",\"api\":1,\"entry\":\"main.mjs\"}");
        Files.writeString(
                hello.resolve("main.mjs"),
                "export default {onRequest(req, ctx) { return new Response('" + answer + " ' + ctx.config.word); }};");
    }

    private void start(boolean withDocument) throws StartFailure {
        BootConfig boot = BootConfig.of(folder.resolve("data"), ANY, ANY).withAdminTokenFile(tokenFile);
        running = Optional.of(new Appliance(withDocument ? boot.withDocument(document) : boot, Map.of()));
    }

    private Appliance appliance() {
        return running.orElseThrow();
    }

    @AfterEach
    void stop() {
        running.ifPresent(Appliance::close);
        client.shutdownNow();
    }

    private String get(String path) throws Exception {
        InetSocketAddress web = (InetSocketAddress)
                appliance().engineStatus().listeners().getFirst().address();
        return body("http://127.0.0.1:" + web.getPort() + path);
    }

    private String body(String uri) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private Outcome ask(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", appliance().adminUri().toString(), "--token-file", tokenFile.toString()));
        return run(all.toArray(String[]::new));
    }

    private static Outcome run(String... arguments) {
        CommandLine command = CommandLines.penstock();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        return new Outcome(CommandLines.execute(command, arguments), out.toString(), err.toString());
    }

    private Outcome good(String... arguments) {
        Outcome outcome = ask(arguments);
        assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(ExitCode.OK);
        return outcome;
    }

    @Test
    void livesFromAFolderToTrafficAndBack() throws Exception {
        start(true);
        assertThat(get("/hello")).isEqualTo("first one");
        assertThat(get("/plain")).isEqualTo("plain");

        plugin("1.1.0", "second");
        assertThat(good("plugin", "push", folder.resolve("hello").toString()).out())
                .contains("hello@1.1.0 is stored");
        assertThat(get("/hello")).as("an upload moves no traffic").isEqualTo("first one");
        good("apply", withVersion("1.1.0").toString());
        assertThat(get("/hello")).as("nor does applying the same range").isEqualTo("first one");

        good("plugin", "upgrade", "hello");
        assertThat(get("/hello")).isEqualTo("second one");
        good("plugin", "rollback", "hello");
        assertThat(get("/hello")).isEqualTo("first one");

        assertThat(good("plugin", "list").out())
                .contains("hello@1.0.0  serving")
                .contains("hello@1.1.0");
        assertThat(body("http://127.0.0.1:" + appliance().statusAddress().getPort() + "/metrics"))
                .contains("penstock_plugin_hook_seconds_count{plugin=\"hello\"");
        assertThat(body("http://127.0.0.1:" + appliance().statusAddress().getPort() + "/readyz"))
                .contains("plugins interpreted");
        assertThat(appliance().pluginMode()).isPresent();
        Path exported = folder.resolve("exported.yaml");
        good("export", "--file", exported.toString());
        assertThat(Files.readString(exported)).contains("plugins:").contains("sha256:");
        assertThat(good("diff", exported.toString(), "--prune").out()).contains("no difference");

        appliance().close();
        start(false);
        assertThat(get("/hello")).as("after a start").isEqualTo("first one");
    }

    private Path withVersion(String version) throws IOException {
        return Files.writeString(
                folder.resolve("next.yaml"), Files.readString(document).replace("1.0.0", version));
    }

    @Test
    void refusesABrokenPackageAndAppliesNothing() throws Exception {
        start(true);
        plugin("1.2.0", "x");
        Files.writeString(folder.resolve("hello").resolve("main.mjs"), "export default {onRequest( {");
        long before = appliance().revision();

        Outcome applied = ask("apply", withVersion("1.2.0").toString());

        assertThat(applied.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(applied.err()).contains("hello@1.2.0").contains("nothing was applied");
        assertThat(appliance().revision()).isEqualTo(before);
        assertThat(get("/hello")).isEqualTo("first one");
    }

    @Test
    void triesAFolderWithoutAGatewayAndAVersionWithin() throws Exception {
        start(true);

        Outcome alone = run(
                "plugin",
                "test",
                folder.resolve("hello").toString(),
                "--hook",
                "onRequest",
                "--config",
                "{\"word\":\"x\"}");
        Outcome within = good("plugin", "test", "hello@1.0.0", "--hook", "onRequest", "--config", "{\"word\":\"y\"}");

        assertThat(alone.exitCode()).as(alone.err()).isEqualTo(ExitCode.OK);
        assertThat(alone.out()).startsWith("answered, ").contains("answer 200: first x");
        assertThat(within.out()).startsWith("answered, ").contains("answer 200: first y");
    }

    @Test
    void movesTrafficToTheFolderWhileItIsDeveloped() throws Exception {
        start(true);
        plugin("1.0.0", "edited");

        Outcome live = good("plugin", "dev", folder.resolve("hello").toString(), "--once");

        assertThat(live.out()).contains("live in revision");
        assertThat(get("/hello")).isEqualTo("edited one");
        assertThat(good("plugin", "dev", folder.resolve("hello").toString(), "--once")
                        .out())
                .contains("live already");
    }

    @Test
    void saysWhatIsInQuarantineSinceWhenAndWhatEndsIt() throws Exception {
        plugin("1.0.0", "first");
        Files.writeString(
                folder.resolve("hello").resolve("main.mjs"),
                "export default {onRequest(req) { if (req.headers.has('x-loop')) for (;;) {} return new Response('on'); }};");
        start(true);
        assertThat(status("/hello", "x-none")).isEqualTo(200);

        for (int i = 0; i < REQUESTS_MAX && !readyz().contains("quarantine"); i++) {
            status("/hello", "x-loop");
        }

        assertThat(readyz()).startsWith("serving").contains("in quarantine: hello@1.0.0");
        assertThat(status("/hello", "x-none")).isEqualTo(500);
        assertThat(status("/plain", "x-loop")).isEqualTo(200);
        assertThat(good("status").out())
                .contains("IN QUARANTINE since 2")
                .contains("plugin hello@1.0.0, cpu-budget; penstock plugin release hello@1.0.0 ends it");
        assertThat(good("plugin", "stats", "hello").out())
                .contains("PLUGIN       HOOK       CALLS  FAULTS  CPU P50")
                .contains("hello@1.0.0  onRequest  ");
        good("plugin", "release", "hello@1.0.0");
        assertThat(readyz()).startsWith("serving").doesNotContain("quarantine");
        assertThat(good("status").out()).doesNotContain("QUARANTINE");
        assertThat(good("plugin", "stats", "other").out()).doesNotContain("hello");
    }

    private String readyz() throws Exception {
        return body("http://127.0.0.1:" + appliance().statusAddress().getPort() + "/readyz");
    }

    private int status(String path, String header) throws Exception {
        InetSocketAddress web = (InetSocketAddress)
                appliance().engineStatus().listeners().getFirst().address();
        URI uri = URI.create("http://127.0.0.1:" + web.getPort() + path);
        return client.send(
                        HttpRequest.newBuilder(uri).header(header, "1").build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void beginsWithAPluginThatWorks() throws Exception {
        Path fresh = folder.resolve("fresh");

        assertThat(run("plugin", "new", fresh.toString()).exitCode()).isEqualTo(ExitCode.OK);
        Outcome tried = run("plugin", "test", fresh.toString(), "--hook", "onRequest");

        assertThat(tried.exitCode()).as(tried.err()).isEqualTo(ExitCode.OK);
        assertThat(tried.out()).contains("+ x-greeting: hello");
    }

    @Test
    void opensNothingAsLongAsNoConfigurationNamesAPlugin() throws Exception {
        start(false);

        assertThat(appliance().pluginMode()).isEmpty();
        assertThat(good("plugin", "list").exitCode()).isEqualTo(ExitCode.OK);
        assertThat(appliance().pluginMode()).isEmpty();
        assertThat(body("http://127.0.0.1:" + appliance().statusAddress().getPort() + "/readyz"))
                .contains("plugins not opened");
    }
}
