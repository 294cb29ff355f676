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
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a version would do with another one's state and requests is said before it takes its place, and nothing changes by that. */
final class RehearsalTest {
    private static final String BASE = """
            apiVersion: penstock/v1
            listeners:
              - {name: web, address: "127.0.0.1:0", protocol: http}
            upstreams:
              - {name: shop, targets: [{address: "name.that.nobody.asks.for.example:9"}]}
            services:
              - {name: shop, upstream: shop}
            limits:
              - {name: few, rate: 100/s}
            routes:
              - {name: orders, service: shop, limits: [few], matches: [{path: {type: prefix, value: /orders}}]}
              - {name: hello, matches: [{path: {type: prefix, value: /hello}}], respond: {body: hi}}
            """;

    @TempDir
    private Path folder;

    private Path tokenFile = Path.of("");
    private Path heads = Path.of("");
    private Path data = Path.of("");
    private Path work = Path.of("");

    /** What a command gave. */
    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void name() throws IOException {
        tokenFile = Files.writeString(folder.resolve("token"), "a-token-for-these-tests\n");
        heads = folder.resolve("heads.json");
        data = folder.resolve("data");
        work = Files.createDirectory(folder.resolve("work"));
    }

    private Appliance start(String document) throws IOException, StartFailure {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new Appliance(
                BootConfig.of(data, any, any)
                        .withDocument(Files.writeString(folder.resolve("site.yaml"), document))
                        .withAdminTokenFile(tokenFile),
                Map.of());
    }

    /** Has requests come to a gateway with this document, and keeps their heads. */
    private void record() throws Exception {
        try (Appliance appliance = start(BASE);
                HttpClient client = HttpClient.newHttpClient()) {
            InetSocketAddress web = (InetSocketAddress)
                    appliance.engineStatus().listeners().getFirst().address();
            for (String path : List.of("/hello/1", "/hello/2?token=hush", "/nowhere", "/orders/7")) {
                client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.getPort() + path))
                                .header("Authorization", "Bearer hush")
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
            }
            Outcome listed = execute(
                    "heads",
                    "--output",
                    "json",
                    "--admin",
                    appliance.adminUri().toString(),
                    "--token-file",
                    tokenFile.toString());
            assertThat(listed.exitCode()).as(listed.err()).isEqualTo(ExitCode.OK);
            assertThat(listed.out()).doesNotContain("hush");
            Files.writeString(heads, listed.out());

            Outcome held = rehearse();
            assertThat(held.exitCode()).isEqualTo(ExitCode.FOLDER_IN_USE);
        }
    }

    /** Has the data folder hold another configuration. */
    private void replace(String document) throws Exception {
        start(document).close();
    }

    private Outcome rehearse(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("rehearse", "--data", data.toString(), "--work", work.toString(), heads.toString()));
        arguments.addAll(List.of(more));
        return execute(arguments.toArray(String[]::new));
    }

    private static Outcome execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exitCode = CommandLines.execute(commandLine, arguments);
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    @Test
    void findsNothingOtherWhereNothingIs() throws Exception {
        record();
        byte[] store = Files.readAllBytes(data.resolve("penstock.db"));

        Outcome same = rehearse();

        assertThat(same.exitCode()).as(same.out() + same.err()).isEqualTo(ExitCode.OK);
        assertThat(same.out()).contains("4 heads of 2 routes: 4 the same, 0 different");
        assertThat(Files.readAllBytes(data.resolve("penstock.db"))).isEqualTo(store);
        try (Stream<Path> left = Files.list(work)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void tellsEachDifferenceOnceWithAnExample() throws Exception {
        record();
        replace(BASE.replace("limits: [few], ", "").replace("name: hello, m", "name: greeting, m"));

        Outcome different = rehearse();

        assertThat(different.exitCode()).as(different.err()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(different.out())
                .contains("4 heads of 2 routes: 1 the same, 3 different")
                .contains("2 x  route \"hello\" -> route \"greeting\"")
                .contains("1 x  route \"orders\": step gone: limits few (routes/orders)")
                .contains("as GET http://127.0.0.1:");
        assertThat(rehearse("--output", "json").out())
                .contains("\"outcome\" : \"different\"")
                .contains("\"differing\" : 3");
    }

    @Test
    void tellsThatTheListenerOfRequestsIsGone() throws Exception {
        record();
        replace(BASE.replace("name: web", "name: other"));

        assertThat(rehearse().out()).contains("4 x  listener \"web\" would be open no more");
    }

    @Test
    void triesTheConfigurationAloneWhereThereAreNoHeads() throws Exception {
        replace(BASE);

        Outcome alone = execute("rehearse", "--data", data.toString(), "--work", work.toString());

        assertThat(alone.exitCode()).as(alone.err()).isEqualTo(ExitCode.OK);
        assertThat(alone.out()).contains("0 heads of 0 routes");
    }

    @Test
    void refusesWhatAStartWouldRefuse() throws Exception {
        record();
        Files.write(data.resolve("secrets.key"), new byte[3]);

        Outcome refused = rehearse();
        Outcome asJson = rehearse("--output", "json");

        assertThat(refused.exitCode()).as(refused.out() + refused.err()).isEqualTo(ExitCode.NOT_SERVED);
        assertThat(refused.err()).contains("would not start");
        assertThat(asJson.exitCode()).isEqualTo(ExitCode.NOT_SERVED);
        assertThat(asJson.out()).contains("\"outcome\" : \"refused\"");
    }

    @Test
    void tellsThatADamagedStoreWouldBeSalvagedOrReplacedByItsSnapshot() throws Exception {
        replace(BASE);
        Path store = data.resolve("penstock.db");
        byte[] sound = Files.readAllBytes(store);

        damageHistory(store);
        Outcome salvaged = rehearseAlone();
        Files.write(store, Arrays.copyOf(sound, 100));
        Outcome replaced = rehearseAlone();
        Outcome asJson = rehearseAlone("--output", "json");

        assertThat(salvaged.exitCode()).as(salvaged.err()).isEqualTo(ExitCode.OK);
        assertThat(salvaged.out())
                .contains("the store is not sound: ")
                .contains("A start would serve revision ")
                .contains("read whole from the damaged store")
                .contains("Nothing was changed in " + data)
                .doesNotContain(work.toString());
        assertThat(replaced.out()).contains("from the last good snapshot").doesNotContain(work.toString());
        assertThat(asJson.out())
                .contains("\"recovery\" : {")
                .contains("\"fault\" : \"corrupt\"")
                .contains("\"source\" : \"snapshot\"")
                .doesNotContain(work.toString());
    }

    private static void damageHistory(Path store) throws Exception {
        long page;
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store);
                ResultSet found = connection
                        .createStatement()
                        .executeQuery("SELECT rootpage FROM sqlite_master WHERE name = 'audit'")) {
            page = found.getLong(1);
        }
        try (FileChannel file = FileChannel.open(store, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(64), (page - 1) * 4096);
        }
    }

    private Outcome rehearseAlone(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("rehearse", "--data", data.toString(), "--work", work.toString()));
        arguments.addAll(List.of(more));
        return execute(arguments.toArray(String[]::new));
    }

    @Test
    void namesTheFolderThatWasGivenAndNotItsCopy() throws Exception {
        replace(BASE + """
                secrets:
                  - {name: hush, value: a-value-that-is-kept-encrypted}
                """);
        Files.delete(data.resolve("secrets.key"));

        Outcome refused = rehearseAlone();

        assertThat(refused.exitCode()).as(refused.out()).isEqualTo(ExitCode.NOT_SERVED);
        assertThat(refused.err())
                .contains(data.resolve("secrets.key") + " is missing")
                .doesNotContain(work.toString());
        assertThat(rehearseAlone("--output", "json").out())
                .contains(data.resolve("secrets.key") + " is missing")
                .doesNotContain(work.toString());
    }

    @Test
    void namesTheBackupThatWasGivenAndNotWhereItIsUnpacked() {
        CopiedState state = new CopiedState(Path.of("/b/gateway.backup"), true, Path.of("/tmp/penstock-rehearsal7"));

        assertThat(state.told("its key is not there: /tmp/penstock-rehearsal7/restore.new/secrets.key is missing."))
                .isEqualTo("its key is not there: secrets.key of /b/gateway.backup is missing.");
        assertThat(state.told("Restore a backup of /tmp/penstock-rehearsal7, or"))
                .isEqualTo("Restore a backup of /b/gateway.backup, or");
    }

    @Test
    void saysThatThereWereNoHeadsAndWhichWereNotDecided() throws Exception {
        replace(BASE);

        Files.writeString(heads, "{\"items\": []}");
        Outcome none = rehearse();
        Files.writeString(
                heads,
                "{\"items\": [{\"method\": \"GET\", \"url\": \"http://a/hello\", \"clientAddress\": \"::1\", \"listener\": \"old\"}]}");
        Outcome undecided = rehearse();

        assertThat(none.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(none.out()).contains(heads + " lists no heads, so only the configuration was tried");
        assertThat(undecided.out()).contains("1 of them has no decision, first items/0");
        assertThat(rehearse("--output", "json").out()).contains("\"undecided\" : 1");
    }

    @Test
    void saysWhatIsWrongWithItsFiles() throws Exception {
        replace(BASE);
        Files.writeString(heads, "{\"items\": [{\"method\": \"GET\"}]}");

        assertThat(rehearse().err())
                .contains("heads.json: /items/0/clientAddress: found no clientAddress, wanted a text");
        assertThat(execute("rehearse", heads.toString()).exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(execute("rehearse", "--data", work.toString()).err()).contains("holds no gateway's state");
    }
}
