package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.NodeLocality;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.cores.CorePlan;
import io.penstock.engine.EngineOptions;
import io.penstock.engine.KeySeed;
import io.penstock.engine.Preparation;
import io.penstock.engine.ProxyEngine;
import io.penstock.spi.CredentialSecrets;
import io.penstock.transport.TransportChoice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kit's example that redacts bodies, in the engine itself, between real peers that speak gzip. */
@Tag("both-modes")
final class CodedTrafficTest {
    private static final int TIMEOUT_MS = 60_000;
    private static final String CARD = "4111111111111111";
    private static final String BEFORE = ("order 1234567890123 was paid with " + CARD + ".\n").repeat(2_000);
    private static final String AFTER = BEFORE.replace(CARD, "*".repeat(CARD.length()));

    @TempDir
    private Path logs;

    private final PluginHarness harness = new PluginHarness();
    private HttpServer origin;

    private static void answer(HttpExchange exchange) throws IOException {
        boolean isCoded = String.valueOf(exchange.getRequestHeaders().getFirst("Accept-Encoding"))
                .contains("gzip");
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.getResponseHeaders().set("ETag", "\"v1\"");
        if (isCoded) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        }
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody();
                OutputStream out = isCoded ? new GZIPOutputStream(body) : body) {
            out.write(BEFORE.getBytes(StandardCharsets.US_ASCII));
        }
    }

    @BeforeEach
    void anOrigin() throws IOException {
        origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        origin.createContext("/", CodedTrafficTest::answer);
        origin.start();
    }

    @AfterEach
    void close() {
        origin.stop(0);
        harness.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String redaction() throws IOException {
        Path folder = Path.of("kit/examples/body-redaction");
        PackageFixture files = new PackageFixture();
        for (String file : List.of("plugin.json", "main.mjs")) {
            files.file(file, Files.readString(folder.resolve(file)));
        }
        return harness.upload(files.zip());
    }

    private ProxyConfig config(String plugin) throws IOException {
        return ProxyConfig.initial()
                .with(ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()))
                        .build())
                .with(UpstreamConfig.named("origin")
                        .targets(TargetConfig.of(
                                "127.0.0.1:" + origin.getAddress().getPort()))
                        .build())
                .with(ServiceConfig.named("origin", "origin").build())
                .with(RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("origin")
                        .filters(PluginHarness.config(plugin, "{}", Optional.empty()))
                        .build());
    }

    private static void publish(ProxyEngine engine, ProxyConfig config) throws Exception {
        Preparation preparation = engine.prepare(config);
        assertThat(preparation).isInstanceOf(Preparation.Ready.class);
        engine.publish(((Preparation.Ready) preparation).prepared(), 1)
                .active()
                .toCompletableFuture()
                .get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void isRedactedAndStaysCompressed(int workers) throws Exception {
        EngineOptions options = new EngineOptions(
                workers,
                CorePlan.NONE,
                TransportChoice.NIO,
                logs,
                "test",
                Clock.systemUTC(),
                List.of(harness.filters),
                1 << 12,
                1 << 12,
                new KeySeed(1, 2),
                Duration.ofMillis(TIMEOUT_MS),
                CredentialSecrets.none(),
                Optional.empty(),
                NodeLocality.UNKNOWN,
                Optional.empty());
        try (ProxyEngine engine = ProxyEngine.start(options);
                HttpClient client = HttpClient.newHttpClient()) {
            publish(engine, config(redaction()));
            URI target = URI.create(
                    "http:/" + engine.readings().status().listeners().getFirst().address() + "/");

            HttpResponse<byte[]> plain =
                    client.send(HttpRequest.newBuilder(target).build(), HttpResponse.BodyHandlers.ofByteArray());
            HttpResponse<byte[]> coded = client.send(
                    HttpRequest.newBuilder(target)
                            .header("Accept-Encoding", "gzip, dcb")
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());

            assertThat(new String(plain.body(), StandardCharsets.US_ASCII)).isEqualTo(AFTER);
            assertThat(coded.headers().firstValue("content-encoding")).hasValue("gzip");
            assertThat(coded.headers().firstValue("etag")).hasValue("W/\"v1\"");
            assertThat(coded.body()).hasSizeLessThan(AFTER.length() / 10);
            assertThat(new GZIPInputStream(new ByteArrayInputStream(coded.body())).readAllBytes())
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo(AFTER);
        }
    }
}
