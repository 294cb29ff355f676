package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.config.ByteSize;
import io.penstock.config.CompressFilterConfig;
import io.penstock.config.DecompressFilterConfig;
import io.penstock.config.FilterConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.metrics.Counter;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compression between real peers. */
final class CompressTest {
    private static final String TEXT = "a text that says the same again and again; ".repeat(3000);
    private static final byte[] BODY = TEXT.getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES_MAX = 1 << 20;

    @TempDir
    private Path logs;

    private final Origins origins = new Origins();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void nothingIsLeft() {
        client.close();
        origins.close();
    }

    // Answers with what the path says: /STATUS/LENGTH-OR-0, and with fields out of the query, name=value.
    private ProxyConfig config(FilterConfig... filters) {
        return origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "origin", exchange -> {
                    byte[] got = exchange.getRequestBody().readAllBytes();
                    String[] asked = exchange.getRequestURI().getPath().split("/", -1);
                    String query = exchange.getRequestURI().getQuery();
                    for (String field : (query == null ? "" : query).split("&", -1)) {
                        int at = field.indexOf('=');
                        if (at > 0) {
                            exchange.getResponseHeaders().set(field.substring(0, at), field.substring(at + 1));
                        }
                    }
                    exchange.getResponseHeaders()
                            .set(
                                    "X-Seen",
                                    got.length + " "
                                            + exchange.getRequestHeaders().getFirst("Content-Encoding"));
                    int status = Integer.parseInt(asked[1]);
                    boolean hasBody =
                            status != 304 && !exchange.getRequestMethod().equals("HEAD");
                    exchange.sendResponseHeaders(status, !hasBody ? -1 : asked[2].equals("0") ? 0 : BODY.length);
                    if (hasBody) {
                        try (OutputStream out = exchange.getResponseBody()) {
                            for (int i = 0; i < BODY.length; i += 10_000) {
                                out.write(BODY, i, Math.min(10_000, BODY.length - i));
                            }
                        }
                    }
                    exchange.close();
                })
                .with(RouteConfig.named("r")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("origin")
                        .filters(filters)
                        .build());
    }

    private HttpRequest.Builder request(ConfigRig rig, String path) {
        return HttpRequest.newBuilder(URI.create("http:/"
                + rig.engine().readings().status().listeners().getFirst().address() + path));
    }

    private HttpResponse<byte[]> get(ConfigRig rig, String path, String accept) throws Exception {
        return client.send(
                request(rig, path).header("Accept-Encoding", accept).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String field(HttpResponse<?> response, String name) {
        return String.join(", ", response.headers().allValues(name));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void codesWhatTheClientLikesBest(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(config(CompressFilterConfig.DEFAULTS));
            for (ContentCoding coding :
                    new ContentCoding[] {ContentCoding.GZIP, ContentCoding.BROTLI, ContentCoding.ZSTD}) {
                for (String path : new String[] {"/200/0", "/200/1"}) {
                    HttpResponse<byte[]> response = get(
                            rig, path + "?Content-Type=text/plain&ETag=%22v%22&Accept-Ranges=bytes", coding.token());

                    assertThat(field(response, "content-encoding")).isEqualTo(coding.token());
                    assertThat(field(response, "vary")).isEqualTo("Accept-Encoding");
                    assertThat(field(response, "etag")).isEqualTo("W/\"v\"");
                    assertThat(field(response, "content-length") + field(response, "accept-ranges"))
                            .isEmpty();
                    assertThat(response.body().length).isLessThan(BODY.length / 10);
                    assertThat(WholeBody.decoded(coding, response.body(), BYTES_MAX))
                            .isEqualTo(BODY);
                }
            }
            assertThat(field(get(rig, "/200/1?Content-Type=text/plain", "gzip;q=0.5, br;q=0.4"), "content-encoding"))
                    .isEqualTo("gzip");
            assertThat(rig.engine().readings().metrics().value(Counter.BODIES_COMPRESSED))
                    .isEqualTo(7);
            assertThat(rig.engine().readings().metrics().value(Counter.COMPRESS_BYTES_IN))
                    .isEqualTo(7L * BODY.length);
            assertThat(rig.engine().readings().metrics().value(Counter.COMPRESS_BYTES_OUT))
                    .isLessThan(BODY.length);
        }
    }

    @Test
    void leavesAloneWhatIsNotForIt() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(config(CompressFilterConfig.DEFAULTS));
            for (String path : new String[] {
                "/200/1?Content-Type=image/png",
                "/200/1",
                "/200/1?Content-Type=text/event-stream",
                "/200/1?Content-Type=application/grpc%2Bjson",
                "/200/1?Content-Type=text/plain&Content-Encoding=x-own",
                "/200/1?Content-Type=text/plain&Cache-Control=public,%20No-Transform",
            }) {
                HttpResponse<byte[]> response = get(rig, path, "gzip");
                assertThat(response.body()).as(path).isEqualTo(BODY);
                assertThat(field(response, "vary")).as(path).isEmpty();
            }
            HttpResponse<byte[]> partial = get(rig, "/206/1?Content-Type=text/plain&ETag=%22v%22", "gzip");
            assertThat(partial.body()).isEqualTo(BODY);
            assertThat(field(partial, "vary") + field(partial, "etag")).isEqualTo("Accept-Encoding\"v\"");
            HttpResponse<byte[]> plain = get(rig, "/200/1?Content-Type=text/plain&Vary=Origin", "identity");
            assertThat(plain.body()).isEqualTo(BODY);
            assertThat(field(plain, "vary")).isEqualTo("Origin, Accept-Encoding");
            assertThat(field(get(rig, "/304/1?ETag=%22v%22", "gzip"), "etag")).isEqualTo("W/\"v\"");
            HttpResponse<byte[]> head = client.send(
                    request(rig, "/200/1?Content-Type=text/plain&ETag=%22v%22")
                            .HEAD()
                            .header("Accept-Encoding", "gzip")
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(field(head, "content-encoding") + field(head, "etag") + field(head, "content-length"))
                    .isEqualTo("gzipW/\"v\"");
            assertThat(rig.engine().readings().metrics().value(Counter.BODIES_COMPRESSED))
                    .isZero();
        }
    }

    private String post(ConfigRig rig, byte[] body, String coding) throws Exception {
        HttpResponse<byte[]> response = client.send(
                request(rig, "/200/1")
                        .header("Content-Encoding", coding)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        return response.statusCode() + " " + field(response, "x-seen") + field(response, "x-penstock-reason");
    }

    @Test
    void undoesTheCodingOfRequestsWithinBounds() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(config(new DecompressFilterConfig(ByteSize.parse("4MiB"), true)));
            for (ContentCoding coding : ContentCoding.values()) {
                assertThat(post(rig, WholeBody.encoded(coding, BODY), coding.token()))
                        .isEqualTo("200 " + BODY.length + " null");
            }
            assertThat(post(rig, BODY, "x-own")).isEqualTo("200 " + BODY.length + " x-own");
            assertThat(post(rig, Arrays.copyOf(BODY, 1000), "gzip")).isEqualTo("400 bad-coding");
            assertThat(post(rig, WholeBody.encoded(ContentCoding.GZIP, new byte[20 << 20]), "gzip"))
                    .isEqualTo("413 coding-ratio");
            rig.publish(config(new DecompressFilterConfig(ByteSize.parse("64KiB"), true)));
            assertThat(post(rig, WholeBody.encoded(ContentCoding.GZIP, BODY), "gzip"))
                    .isEqualTo("413 body-too-large");
        }
    }
}
