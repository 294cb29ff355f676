package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.FilterCall;
import io.penstock.spi.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Body hooks between real peers on several workers: both directions of many coded bodies at once, whole and unmixed. */
final class CodedBodyTrafficTest {
    private static final int REQUESTS = 48;
    private static final List<ContentCoding> CODINGS = List.of(ContentCoding.values());
    private static final int BYTES_MAX = 1 << 20;

    @TempDir
    private Path logs;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer origin;

    /** Makes what passes upper-case on the way back, and looks at what passes on the way there. */
    private static final class Upper implements StandInFilter {
        @Override
        public String name() {
            return "upper";
        }

        @Override
        public boolean hasRequestBodyHook() {
            return true;
        }

        @Override
        public boolean hasResponseBodyHook() {
            return true;
        }

        @Override
        public boolean decodesBody() {
            return true;
        }

        @Override
        public Verdict onResponseBody(BodyChunk chunk, FilterCall call) {
            if (chunk.length() > 0) {
                byte[] bytes = new byte[chunk.length()];
                chunk.buffer().getBytes(chunk.offset(), bytes);
                chunk.replace(new String(bytes, StandardCharsets.US_ASCII)
                        .toUpperCase(Locale.ROOT)
                        .getBytes(StandardCharsets.US_ASCII));
            }
            return Verdict.CONTINUE;
        }
    }

    // Sends the request's body back, in parts, as it came.
    private static void echo(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders()
                .set("Content-Encoding", exchange.getRequestHeaders().getFirst("Content-Encoding"));
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            for (int at = 0; at < body.length; at += 1000) {
                out.write(body, at, Math.min(1000, body.length - at));
            }
        }
    }

    @BeforeEach
    void anOriginThatSendsBackWhatItGets() throws IOException {
        origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        origin.createContext("/", CodedBodyTrafficTest::echo);
        origin.setExecutor(threads);
        origin.start();
    }

    @AfterEach
    void nothingIsLeft() {
        origin.stop(0);
        threads.shutdownNow();
    }

    private static String text(int seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(200_000);
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private static String exchanged(HttpClient client, URI target, ContentCoding coding, String text) throws Exception {
        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(target)
                        .header("Content-Encoding", coding.token())
                        .POST(HttpRequest.BodyPublishers.ofByteArray(
                                WholeBody.encoded(coding, text.getBytes(StandardCharsets.US_ASCII))))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-encoding")).hasValue(coding.token());
        return new String(WholeBody.decoded(coding, response.body(), BYTES_MAX), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void passTheHooksWholeAndUnmixed(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs, new Upper());
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .executor(threads)
                        .build()) {
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().build())
                    .with(UpstreamConfig.named("origin")
                            .targets(TargetConfig.of(
                                    "127.0.0.1:" + origin.getAddress().getPort()))
                            .build())
                    .with(ServiceConfig.named("origin", "origin").build())
                    .with(RouteConfig.named("echo")
                            .matches(RouteMatch.of(PathMatch.prefix("/")))
                            .service("origin")
                            .filters(new HeadersFilterConfig(HeaderEdits.DEFAULTS, HeaderEdits.DEFAULTS))
                            .build()));
            URI target = URI.create("http:/"
                    + rig.engine().readings().status().listeners().getFirst().address() + "/");
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                int seed = i;
                all.add(CompletableFuture.runAsync(
                        () -> {
                            ContentCoding coding = CODINGS.get(seed % CODINGS.size());
                            String text = text(seed);
                            try {
                                assertThat(exchanged(client, target, coding, text))
                                        .isEqualTo(text.toUpperCase(Locale.ROOT));
                            } catch (Exception failure) {
                                throw new AssertionError("request " + seed + " under " + coding, failure);
                            }
                        },
                        threads));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        }
    }
}
