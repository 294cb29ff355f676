package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A secret's way through the product: given by the command, used by a plugin, replaced, and found nowhere. */
final class PluginSecretTest {
    private static final String TOKEN = "a-token-for-these-tests";
    private static final String VALUE = "swordfish-4711";
    private static final String NEXT = "mackerel-0815";
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @TempDir
    private Path folder;

    private Path tokenFile = Path.of("");
    private Path document = Path.of("");
    private Optional<Appliance> running = Optional.empty();
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void write() throws IOException {
        tokenFile = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        document = Files.writeString(folder.resolve("first.yaml"), """
                apiVersion: penstock/v1
                secrets:
                  - {name: guard-token, value: {env: GUARD_TOKEN}}
                plugins:
                  - {name: token-guard, version: 1.0.0, package: {dir: token-guard}}
                listeners:
                  - {name: web, address: "127.0.0.1:0", protocol: http}
                routes:
                  - name: guarded
                    matches: [{path: {type: prefix, value: /}}]
                    respond: {body: let in}
                    filters:
                      - {type: plugin, use: token-guard@1, config: {token: {secret: guard-token}}}
                """);
        Path guard = Files.createDirectories(folder.resolve("token-guard"));
        Files.writeString(guard.resolve("plugin.json"), """
                {"name": "token-guard", "version": "1.0.0", "api": 1, "entry": "main.mjs",
                 "configSchema": {"type": "object", "required": ["token"], "additionalProperties": false,
                                  "properties": {"token": {"type": "string", "minLength": 8, "writeOnly": true}}}}
                """);
        Files.writeString(guard.resolve("main.mjs"), """
                export default {
                  onRequest(req, ctx) {
                    if (req.headers.get('x-fault')) throw new Error('the token is ' + ctx.config.token);
                    if (req.headers.get('authorization') !== 'Bearer ' + ctx.config.token) {
                      console.warn('wanted', ctx.config.token);
                      return ctx.reject(401, 'bad-token');
                    }
                  },
                };
                """);
    }

    private void start(boolean withDocument) throws StartFailure {
        BootConfig boot = BootConfig.of(folder.resolve("data"), ANY, ANY).withAdminTokenFile(tokenFile);
        running = Optional.of(
                new Appliance(withDocument ? boot.withDocument(document) : boot, Map.of("GUARD_TOKEN", VALUE)));
    }

    private Appliance appliance() {
        return running.orElseThrow();
    }

    @AfterEach
    void stop() {
        running.ifPresent(Appliance::close);
        client.shutdownNow();
    }

    private HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private int knock(String token, String... headers) throws Exception {
        InetSocketAddress web = (InetSocketAddress)
                appliance().engineStatus().listeners().getFirst().address();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web.getPort() + "/x"));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> answer = ask(request);
        assertThat(answer.body()).doesNotContain(VALUE).doesNotContain(NEXT);
        return answer.statusCode();
    }

    private HttpResponse<String> admin(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(appliance().adminUri() + path))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return ask(request);
    }

    private String command(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", appliance().adminUri().toString(), "--token-file", tokenFile.toString()));
        CommandLine command = CommandLines.penstock();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        assertThat(CommandLines.execute(command, all.toArray(String[]::new)))
                .as(() -> out + "\n" + err)
                .isEqualTo(ExitCode.OK);
        return out + "\n" + err;
    }

    @Test
    void opensTheDoorWithTheValueThatIsGivenNow() throws Exception {
        start(true);
        assertThat(knock(VALUE)).isEqualTo(200);
        assertThat(knock(NEXT)).isEqualTo(401);

        HttpResponse<String> replaced =
                admin("PUT", "/v1/secrets/guard-token", "{\"value\":\"" + NEXT + "\"}", "If-Match", "*");

        assertThat(replaced.statusCode()).as(replaced.body()).isEqualTo(200);
        assertThat(knock(NEXT)).isEqualTo(200);
        assertThat(knock(VALUE)).isEqualTo(401);

        appliance().close();
        start(false);
        assertThat(knock(NEXT)).as("after a start").isEqualTo(200);
    }

    @Test
    void saysTheValueNowhere() throws Exception {
        start(true);
        knock(VALUE);
        knock("");
        knock("wrong", "x-fault", "1");
        admin(
                "PUT",
                "/v1/secrets/guard-token",
                "{\"value\":\"" + NEXT + "\"}",
                "If-Match",
                "*",
                "Idempotency-Key",
                "k");
        knock(NEXT);
        knock("");
        knock("", "x-fault", "1");
        HttpResponse<String> trial = admin(
                "POST",
                "/v1/plugins/token-guard/versions/1.0.0:test",
                "{\"hook\":\"onRequest\",\"config\":{\"token\":{\"secret\":\"guard-token\"}},"
                        + "\"request\":{\"headers\":{\"x-fault\":\"1\"}}}");
        HttpResponse<String> tooLittle = admin("PUT", "/v1/secrets/short", "{\"value\":\"tiny\"}");
        HttpResponse<String> refused = admin(
                "POST",
                "/v1/plugins/token-guard/versions/1.0.0:test",
                "{\"hook\":\"onRequest\",\"config\":{\"token\":{\"secret\":\"short\"}}}");

        StringBuilder said = new StringBuilder();
        said.append(trial.body()).append(tooLittle.body()).append(refused.body());
        for (String path : List.of(
                "/v1/secrets",
                "/v1/secrets/guard-token",
                "/v1/config",
                "/v1/routes/guarded",
                "/v1/routes/guarded?view=effective",
                "/v1/config/revisions",
                "/v1/config/revisions/1",
                "/v1/config/revisions/2",
                "/v1/config/revisions/1/diff?to=2",
                "/v1/audit?limit=1000",
                "/v1/requests",
                "/v1/plugins",
                "/v1/plugins/token-guard",
                "/v1/plugins/token-guard/versions/1.0.0",
                "/v1/plugins/token-guard/log",
                "/v1/search?q=guard",
                "/v1/stats",
                "/v1/node")) {
            said.append(admin("GET", path, "").body()).append('\n');
        }
        said.append(command("plugin", "logs", "token-guard"));
        said.append(command("export", "--file", folder.resolve("exported.yaml").toString()));
        said.append(Files.readString(folder.resolve("exported.yaml")));
        said.append(command("diff", folder.resolve("exported.yaml").toString(), "--prune"));
        String status = "http://127.0.0.1:" + appliance().statusAddress().getPort();
        said.append(ask(HttpRequest.newBuilder(URI.create(status + "/metrics"))).body());
        said.append(ask(HttpRequest.newBuilder(URI.create(status + "/readyz"))).body());

        assertThat(trial.body()).contains("the token is [secret]");
        assertThat(refused.body()).contains("minLength").doesNotContain("tiny");
        assertThat(said)
                .contains("wanted [secret]")
                .contains("stored: ")
                .contains("no difference")
                .doesNotContain(VALUE)
                .doesNotContain(NEXT);
        appliance().close();
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(VALUE)
                        .doesNotContain(NEXT);
            }
        }
    }

    @Test
    void doesNotStartWithoutTheKey() throws Exception {
        start(true);
        appliance().close();
        Files.delete(folder.resolve("data").resolve("secrets.key"));

        assertThatThrownBy(() -> start(false))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("secrets.key is missing")
                .hasMessageContaining("Put the file back from a backup");
    }
}
