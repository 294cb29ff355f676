package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands against one real gateway, which each test finds with the same configuration. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CommandsTest {
    private static final String TOKEN = "a-token-for-these-tests";
    private static final String BASE = """
            apiVersion: penstock/v1
            listeners:
              - {name: web, address: "127.0.0.1:0", protocol: http}
            upstreams:
              - {name: shop, targets: [{address: "127.0.0.1:9"}]}
            services:
              - {name: shop, upstream: shop}
            routes:
              - {name: orders, service: shop, matches: [{path: {type: prefix, value: /orders}, methods: [GET]}]}
            """;

    private Path folder = Path.of("");
    private Appliance appliance;
    private Path tokenFile = Path.of("");
    private Path base = Path.of("");

    /** What a command gave. */
    private record Outcome(int exitCode, String out, String err) {}

    @BeforeAll
    void startGateway(@TempDir Path shared) throws IOException, StartFailure {
        folder = shared;
        tokenFile = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        base = Files.writeString(folder.resolve("base.yaml"), BASE);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        appliance = new Appliance(
                BootConfig.of(folder.resolve("data"), any, any)
                        .withDocument(base)
                        .withAdminTokenFile(tokenFile),
                Map.of());
    }

    @AfterAll
    void stopGateway() {
        appliance.close();
    }

    @BeforeEach
    void returnToBase() {
        assertThat(ask("apply", base.toString(), "--prune").exitCode()).isEqualTo(ExitCode.OK);
    }

    @Test
    void diffsThenAppliesThenFindsNoDifference() throws IOException {
        Path document = document("""
                apiVersion: penstock/v1
                routes:
                  - {name: orders, service: shop, matches: [{path: {type: prefix, value: /order}, methods: [GET]}]}
                  - {name: hello, matches: [{path: {type: exact, value: /hello}}], respond: {body: hi}}
                """);

        Outcome diff = ask("diff", document.toString());
        Outcome applied = ask("apply", document.toString(), "--note", "für die Kürze");
        Outcome again = ask("apply", document.toString());

        assertThat(diff.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(diff.out())
                .contains("+ routes/hello")
                .contains("~ routes/orders")
                .contains("matches[0].path.value: \"/orders\" -> \"/order\"")
                .contains("1 created, 1 changed, 0 deleted");
        assertThat(applied.out()).contains("served by every worker");
        assertThat(ask("revisions", "--limit", "1").out()).contains("für die Kürze");
        assertThat(again.out()).contains("no revision was made");
        assertThat(ask("diff", document.toString(), "--exit-code").exitCode()).isEqualTo(ExitCode.OK);
        assertThat(ask("diff", base.toString(), "--exit-code").exitCode()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void exportsWhatAppliesWithoutADifference() throws IOException {
        Path exported = folder.resolve("exported.yaml");

        Outcome export = ask("export", "--file", exported.toString());

        assertThat(export.exitCode()).as(export.err()).isEqualTo(ExitCode.OK);
        assertThat(Files.readString(exported)).startsWith("apiVersion: penstock/v1");
        assertThat(ask("diff", exported.toString(), "--prune").out()).contains("no difference");
        assertThat(ask("export", "-o", "json").out()).startsWith("{\"apiVersion\":\"penstock/v1\"");
    }

    @Test
    void rollsBackToTheRevisionBeforeTheNewest() throws IOException {
        Path document = document("""
                apiVersion: penstock/v1
                routes:
                  - {name: hello, matches: [{path: {type: exact, value: /hello}}], respond: {body: hi}}
                """);
        ask("apply", document.toString());

        Outcome rollback = ask("rollback");

        assertThat(rollback.out()).contains("- routes/hello").contains("served by every worker");
        assertThat(ask("export").out()).doesNotContain("hello");
        assertThat(ask("audit", "--limit", "2").out())
                .contains("token:admin-token-file")
                .contains("config.rollback")
                .contains("config.apply");
    }

    @Test
    void keepsARevisionOnTrialOnlyIfItIsConfirmed() throws IOException {
        Path document = document("""
                apiVersion: penstock/v1
                routes:
                  - {name: hello, matches: [{path: {type: exact, value: /hello}}], respond: {body: hi}}
                """);

        Outcome trial = ask("apply", document.toString(), "--confirm-within", "60s");
        Outcome confirmed = ask("confirm");

        assertThat(trial.out()).contains("unless you run: penstock confirm");
        assertThat(confirmed.out()).contains("stays");
        assertThat(ask("confirm").exitCode()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void explainsTheLosingCondition() {
        Outcome found = ask("explain", "POST", "http://shop.example/orders/7", "-H", "x-beta: 1");

        assertThat(found.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(found.out())
                .contains("405 method-not-allowed")
                .contains("orders")
                .contains("GET");
        assertThat(ask("explain", "GET", "http://shop.example/orders/7").out())
                .contains("route orders serves it")
                .contains("upstream shop, one of: 127.0.0.1:9");
    }

    @Test
    void tellsHowTheGatewayStands() {
        Outcome status = ask("status");

        assertThat(status.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(status.out()).contains("serving, ready").contains("WORKER").contains("web");
        assertThat(JsonMapper.shared()
                        .readTree(ask("status", "-o", "json").out())
                        .path("node")
                        .path("engine")
                        .path("ready")
                        .asBoolean(false))
                .isTrue();
    }

    @Test
    void makesListsAndRevokesTokens() {
        Outcome created = ask("token", "create", "viewer-1", "--role", "viewer");
        String id = created.err().replaceAll("(?s).*(tok-[0-9a-f]+).*", "$1");

        assertThat(created.out()).startsWith("pst_");
        assertThat(ask("token", "list").out()).contains(id).contains("viewer-1").contains("active");
        assertThat(ask("token", "revoke", id).out()).contains("is revoked");
        assertThat(ask("token", "list").out()).contains("revoked");
    }

    @Test
    void tellsEveryFaultWithItsLineAndTheWayOut() throws IOException {
        Path unreadable = document("""
                apiVersion: penstock/v1
                routes:
                  - {name: orders, servce: shop}
                """);
        Path unsound = document("""
                apiVersion: penstock/v1
                routes:
                  - name: pay
                    service: nowhere
                    matches: [{path: {type: prefix, value: /pay}}]
                """);

        Outcome first = ask("apply", unreadable.toString());
        Outcome second = ask("apply", unsound.toString());

        assertThat(first.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(first.err()).contains(unreadable + ":3:").contains("servce").contains("did you mean \"service\"");
        assertThat(second.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(second.err())
                .contains(unsound + ":4:")
                .contains("routes[0].service")
                .contains("nowhere")
                .contains("nothing was changed");
        assertThat(ask("diff", base.toString()).out()).contains("no difference");
    }

    @Test
    void tellsInWhichOfSeveralDocumentsAFaultStands() throws IOException {
        Path top = document("""
                apiVersion: penstock/v1
                services:
                  - {name: shop, upstream: shops}
                """);

        Outcome refused = ask("apply", base.toString(), top.toString());

        assertThat(refused.err()).contains(top + ":3:").contains("shops").doesNotContain(base + ":");
    }

    @Test
    void validatesWithoutAGateway() {
        Outcome valid = run("validate", base.toString());

        assertThat(valid.exitCode()).as(valid.err()).isEqualTo(ExitCode.OK);
        assertThat(valid.out()).contains("valid: 4 resources");
    }

    @Test
    void refusesWithoutAGatewayWhatOneWouldRefuseWhenItPreparesIt() throws IOException {
        Path document = document("""
                apiVersion: penstock/v1
                defaults:
                  errorPages: [sorry]
                errorPages:
                  - {name: sorry, for: ["reason:upstream-idle-timout"], html: sorry}
                routes:
                  - name: hello
                    matches: [{path: {type: exact, value: /hello}}]
                    respond: {body: hello}
                    auth: [{type: jwt, issuer: "https://login.example", jwks: {keys: []}}]
                """);

        Outcome alone = run("validate", document.toString());
        Outcome served = ask("apply", document.toString());

        assertThat(alone.exitCode()).as(alone.out()).isEqualTo(ExitCode.FAILED);
        assertThat(alone.err())
                .contains("found an empty list of keys. Wanted a public key")
                .contains(document + ":10:");
        assertThat(served.err()).contains("found an empty list of keys. Wanted a public key");
        assertThat(alone.err()).contains("did you mean \"reason:upstream-idle-timeout\"");
    }

    @Test
    void namesTheKeyOfASetThatCannotBeUsedWithItsLine() throws IOException {
        Path document = document("""
                apiVersion: penstock/v1
                routes:
                  - name: hello
                    matches: [{path: {type: exact, value: /hello}}]
                    respond: {body: hello}
                    auth:
                      - type: jwt
                        issuer: "https://login.example"
                        jwks:
                          keys:
                            - {kty: oct, kid: shared, k: aHVzaA}
                """);

        Outcome alone = run("validate", document.toString());
        Outcome served = ask("apply", document.toString());

        for (Outcome refused : List.of(alone, served)) {
            assertThat(refused.err())
                    .contains(document + ":11:")
                    .contains("keys/0 (kid \"shared\") is a shared secret (kty oct), wanted a public key");
        }
    }

    @Test
    void tellsProgramsOfFaultsAsTheAdminApiDoes() throws IOException {
        Path document = document("""
                apiVersion: penstock/v1
                routes:
                  - {name: orders, service: none}
                """);
        Path unread = document("apiVersion: [");

        for (Outcome refused : List.of(
                run("validate", "-o", "json", document.toString()),
                ask("validate", "-o", "json", "--live", document.toString()))) {
            assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(refused.err()).isEmpty();
            JsonNode said = JsonMapper.shared().readTree(refused.out());
            assertThat(said.path("valid").booleanValue()).isFalse();
            assertThat(said.path("errors")).isNotEmpty().allSatisfy(error -> {
                assertThat(error.path("file").stringValue()).isEqualTo(document.toString());
                assertThat(error.path("pointer").stringValue()).startsWith("/routes/0");
                assertThat(error.path("code").stringValue()).isNotEmpty();
                assertThat(error.path("line").intValue()).isEqualTo(3);
            });
        }
        JsonNode malformed = JsonMapper.shared()
                .readTree(run("validate", "-o", "json", unread.toString()).out());
        assertThat(malformed.path("errors").path(0).path("code").stringValue()).isEqualTo("malformed");
    }

    @Test
    void saysWhichRevisionsThereAreIfOneIsNot() {
        Outcome refused = ask("rollback", "999");

        assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(refused.err())
                .contains("999")
                .containsPattern("the newest one is [0-9]+\n")
                .contains("penstock revisions lists those that there are");
    }

    @Test
    void readsFilesBesideTheDocument() throws IOException {
        Files.writeString(folder.resolve("greeting.txt"), "hello from a file");
        Path document = document("""
                apiVersion: penstock/v1
                routes:
                  - {name: hello, matches: [{path: {type: exact, value: /hello}}], respond: {body: {file: greeting.txt}}}
                """);

        ask("apply", document.toString());

        assertThat(ask("export").out()).contains("hello from a file");
    }

    @Test
    void saysWhatIsWrongWithTheTokenOrTheAddress() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong"), "not-the-right-token\n");

        Outcome refused = run("status", "--admin", appliance.adminUri().toString(), "--token-file", wrong.toString());
        Outcome nobody = run("status", "--admin", "http://127.0.0.1:9", "--token-file", tokenFile.toString());
        Outcome clear = run("status", "--admin", "http://gw.example:8081", "--token-file", tokenFile.toString());

        assertThat(refused.exitCode()).isEqualTo(ExitCode.NOT_ALLOWED);
        assertThat(refused.err()).contains("token").doesNotContain("not-the-right-token");
        assertThat(nobody.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(nobody.err()).contains("nobody answers there");
        assertThat(clear.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(clear.err()).contains("readable for everyone");
    }

    @Test
    void saysHowACommandIsUsed() {
        Outcome unknown = run("aply");
        Outcome help = run("apply", "--help");

        assertThat(unknown.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("apply");
        assertThat(help.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(help.out()).contains("--confirm-within").contains("Examples:");
    }

    @Test
    void listsCommandsByWholeSentences() {
        for (CommandLine command : Main.commandLine().getSubcommands().values()) {
            String[] description = command.getCommandSpec().usageMessage().description();

            assertThat(description[0]).as(command.getCommandName()).endsWith(".");
        }
    }

    @Test
    void warnsOfATagThatNothingHas() throws Exception {
        Path tagged = document("""
                apiVersion: penstock/v1
                routes:
                  - {name: tagged, tags: [team=shop], respond: {body: a}, matches: [{path: {type: exact, value: /tagged}}]}
                """);

        Outcome mistyped = ask("apply", tagged.toString(), "--select", "team=shp");
        Outcome meant = ask("apply", tagged.toString(), "--select", "team=shop");

        assertThat(mistyped.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(mistyped.out()).contains("team=shp").contains("did you mean \"team=shop\"?");
        assertThat(meant.out()).contains("tagged").doesNotContain("select=");
    }

    private Path document(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "document", ".yaml"), text);
    }

    /** Runs a command against the gateway of these tests. */
    private Outcome ask(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", appliance.adminUri().toString(), "--token-file", tokenFile.toString()));
        return run(all.toArray(String[]::new));
    }

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exitCode = CommandLines.execute(commandLine, arguments);
        return new Outcome(exitCode, out.toString(), err.toString());
    }
}
