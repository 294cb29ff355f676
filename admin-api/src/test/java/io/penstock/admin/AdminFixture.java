package io.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.access.AccessControl;
import io.penstock.admin.backup.Backup;
import io.penstock.admin.machine.MachinePort;
import io.penstock.admin.resource.AdminParts;
import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.resource.Overrides;
import io.penstock.admin.resource.PluginRegistry;
import io.penstock.admin.resource.SystemPort;
import io.penstock.admin.revision.PipelineOptions;
import io.penstock.admin.revision.RevisionPipeline;
import io.penstock.admin.revision.StartResult;
import io.penstock.admin.secret.AccountCheck;
import io.penstock.admin.secret.CertificateCheck;
import io.penstock.admin.secret.CredentialCheck;
import io.penstock.admin.secret.SecretCheck;
import io.penstock.admin.secret.SecretSource;
import io.penstock.admin.secret.SecretTarget;
import io.penstock.admin.secret.SecretVault;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.SqliteConfigStore;
import io.penstock.admin.store.StoreOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A started admin API with a real store and a fake engine, and a caller who has a token. */
final class AdminFixture implements AutoCloseable {
    static final String TOKEN = "a-token-of-at-least-sixteen";
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    final FakeEngine engine = new FakeEngine();
    final AccessControl access;
    final ConfigStore store;
    final Overrides overrides;
    final FakePlugins pluginPort = new FakePlugins();
    final PluginRegistry plugins;
    final FakeIssuance issuance = new FakeIssuance();
    final SecretVault vault;
    final SecretSource secrets;
    final RevisionPipeline pipeline;
    final AdminServer server;
    final DataFolder folder;
    volatile Optional<MachinePort> machine = Optional.empty();
    volatile Backup.PluginStore pluginStore = file -> false;
    private final HttpClient client = HttpClient.newHttpClient();

    /** An answer with its body as text and as JSON. */
    record Answer(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        String text() {
            return response.body();
        }

        JsonNode json() {
            return JsonMapper.shared().readTree(response.body());
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /** The answer has this status; if not, the failure shows its body. */
        Answer is(int status) {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
            return this;
        }
    }

    AdminFixture(Path path) throws Exception {
        this(path, AdminOptions.at(ANY_PORT, Optional.empty()), true);
    }

    AdminFixture(Path path, AdminOptions options, boolean hasTokenFile) throws Exception {
        folder = DataFolder.hold(path);
        store = SqliteConfigStore.open(folder, StoreOptions.defaults(), Clock.systemUTC())
                .store();
        access = AccessControl.open(store, folder, Clock.systemUTC(), System::nanoTime, new SecureRandom());
        if (hasTokenFile) {
            assertThat(access.adoptTokenFile(TOKEN)).isEmpty();
        }
        plugins = PluginRegistry.open(store, pluginPort, Clock.systemUTC());
        vault = SecretVault.open(folder, Clock.systemUTC(), new SecureRandom());
        secrets = new SecretSource(vault, Clock.systemUTC());
        overrides = Overrides.open(store, engine, Clock.systemUTC());
        pipeline = ((StartResult.Started) RevisionPipeline.start(
                        store,
                        new ConfigJson(),
                        new SecretTarget(engine, secrets),
                        new SecretCheck(
                                        new CredentialCheck(
                                                new CertificateCheck(
                                                        new AccountCheck(new FakeCheck(), vault),
                                                        vault,
                                                        Clock.systemUTC()),
                                                vault),
                                        vault)
                                .withPlugins(plugins),
                        PipelineOptions.defaults(),
                        Optional.empty()))
                .pipeline();
        server = new AdminServer(
                new AdminParts(
                        store,
                        pipeline,
                        access,
                        engine,
                        overrides,
                        plugins,
                        secrets,
                        machinePort(),
                        issuance,
                        certificate -> Optional.empty(),
                        Instant.EPOCH,
                        Duration.ofMillis(200)),
                options);
    }

    private SystemPort machinePort() {
        return new SystemPort() {
            @Override
            public Path folder() {
                return folder.path();
            }

            @Override
            public boolean copyPluginStore(Path to) throws IOException {
                return pluginStore.copyTo(to);
            }

            @Override
            public List<String> recentLog() {
                return List.of();
            }

            @Override
            public Optional<MachinePort> machine() {
                return machine;
            }
        };
    }

    URI uri(String path) {
        return URI.create(server.uri() + path);
    }

    /** Sends a request with the full-rights token; headers are names and values in turn. */
    Answer send(String method, String path, String body, String... headers) throws IOException, InterruptedException {
        return sendAs(TOKEN, method, path, body, headers);
    }

    Answer get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, "", headers);
    }

    Answer sendAs(String token, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return new Answer(client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8)));
    }

    /** Creates or overwrites a resource. */
    Answer put(String path, String body) throws IOException, InterruptedException {
        Answer created = send("PUT", path, body);
        return created.status() == 428 ? send("PUT", path, body, "If-Match", "*") : created;
    }

    @Override
    public void close() {
        client.shutdownNow();
        server.close();
        pipeline.close();
        plugins.close();
        access.close();
        store.close();
        folder.close();
    }
}
