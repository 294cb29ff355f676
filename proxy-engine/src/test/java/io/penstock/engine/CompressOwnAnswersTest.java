package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.CompressFilterConfig;
import io.penstock.config.ErrorPageConfig;
import io.penstock.config.FilterConfig;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.metrics.Counter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compression of what the gateway itself says, between real peers. */
final class CompressOwnAnswersTest {
    private static final String TEXT = "a text that says the same again and again; ".repeat(100);
    private static final int BYTES_MAX = 1 << 20;

    @TempDir
    private Path logs;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ProxyConfig base = ProxyConfig.initial()
            .with(ConfigRig.web().build())
            .with(ErrorPageConfig.named("brand").covers("4xx", "5xx").html(TEXT).build());

    @AfterEach
    void nothingIsLeft() {
        client.close();
    }

    private static RouteConfig.Builder route() {
        return RouteConfig.named("r")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .filters(CompressFilterConfig.DEFAULTS);
    }

    private static RespondConfig respond(String body, Map<String, String> fields) {
        return new RespondConfig(200, Optional.of(body), "text/plain", fields);
    }

    private HttpResponse<byte[]> send(ConfigRig rig, String method, String accept) throws Exception {
        URI target = URI.create("http:/"
                + rig.engine().readings().status().listeners().getFirst().address() + "/");
        return client.send(
                HttpRequest.newBuilder(target)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .headers("Accept-Encoding", accept, "Accept", "text/html")
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String field(HttpResponse<?> response, String name) {
        return String.join(", ", response.headers().allValues(name));
    }

    private static String plain(HttpResponse<byte[]> response) throws Exception {
        ContentCoding coding = Objects.requireNonNull(ContentCoding.of(field(response, "content-encoding")));
        assertThat(field(response, "content-length")).isEqualTo(Integer.toString(response.body().length));
        return new String(WholeBody.decoded(coding, response.body(), BYTES_MAX), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void codesFixedAnswersWithTheirLengthAndAWeakValidator(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(base.with(
                    route().respond(respond(TEXT, Map.of("ETag", "\"v\""))).build()));
            for (String coding : new String[] {"gzip", "br", "zstd"}) {
                HttpResponse<byte[]> response = send(rig, "GET", coding);

                assertThat(field(response, "content-encoding")).isEqualTo(coding);
                assertThat(field(response, "vary")).isEqualTo("Accept-Encoding");
                assertThat(field(response, "etag")).isEqualTo("W/\"v\"");
                assertThat(response.body().length).isLessThan(TEXT.length() / 10);
                assertThat(plain(response)).isEqualTo(TEXT);
                HttpResponse<byte[]> head = send(rig, "HEAD", coding);
                assertThat(field(head, "content-length")).isEqualTo(field(response, "content-length"));
                assertThat(field(head, "content-encoding")).isEqualTo(coding);
            }
            HttpResponse<byte[]> asItIs = send(rig, "GET", "identity");
            assertThat(asItIs.body()).hasSize(TEXT.length());
            assertThat(field(asItIs, "vary")).isEqualTo("Accept-Encoding");
            assertThat(field(asItIs, "etag")).isEqualTo("\"v\"");
            assertThat(rig.engine().readings().metrics().value(Counter.BODIES_COMPRESSED))
                    .isEqualTo(6);
            assertThat(rig.engine().readings().metrics().value(Counter.COMPRESS_BYTES_IN))
                    .isEqualTo(6L * TEXT.length());
        }
    }

    @Test
    void codesErrorPagesOfRefusalsThatNeverCameToTheFilters() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(route().respond(RespondConfig.DEFAULTS)
                    .auth(ApiKeyAuthConfig.inHeader("K"))
                    .errorPages(Setting.of(List.of("brand")))
                    .build()));

            HttpResponse<byte[]> response = send(rig, "GET", "gzip");

            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(field(response, "content-type")).startsWith("text/html");
            assertThat(plain(response)).isEqualTo(TEXT);
        }
    }

    @Test
    void codesWhatIsSaidInTheEndpointsPlace() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(UpstreamConfig.named("dead")
                            .targets(TargetConfig.of("127.0.0.1:" + ConfigRig.freePort()))
                            .build())
                    .with(ServiceConfig.named("dead", "dead").build())
                    .with(route().service("dead")
                            .errorPages(Setting.of(List.of("brand")))
                            .build()));

            HttpResponse<byte[]> response = send(rig, "GET", "br");

            assertThat(response.statusCode()).isEqualTo(502);
            assertThat(plain(response)).isEqualTo(TEXT);
        }
    }

    @Test
    void fillsMocksFirst() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(route().respond(new RespondConfig(
                            200,
                            Optional.of("{\"host\": \"{method}\", \"text\": \"" + TEXT + "\"}"),
                            "application/json",
                            Map.of(),
                            Optional.empty(),
                            true))
                    .build()));

            assertThat(plain(send(rig, "GET", "gzip"))).isEqualTo("{\"host\": \"GET\", \"text\": \"" + TEXT + "\"}");
        }
    }

    @Test
    void codesOnceHoweverManyFiltersThereAre() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(route().filters(CompressFilterConfig.DEFAULTS, CompressFilterConfig.DEFAULTS)
                    .respond(respond(TEXT, Map.of()))
                    .build()));
            assertThat(plain(send(rig, "GET", "gzip"))).isEqualTo(TEXT);

            rig.publish(base.with(route().respond(respond(TEXT, Map.of("Content-Encoding", "x-own")))
                    .build()));
            HttpResponse<byte[]> coded = send(rig, "GET", "gzip");
            assertThat(field(coded, "content-encoding")).isEqualTo("x-own");
            assertThat(coded.body()).hasSize(TEXT.length());
        }
    }

    private void staysPlain(ConfigRig rig, RespondConfig respond, FilterConfig... filters) throws Exception {
        rig.publish(base.with(route().filters(filters).respond(respond).build()));

        HttpResponse<byte[]> response = send(rig, "GET", "gzip");

        assertThat(field(response, "content-encoding")).isEmpty();
        assertThat(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo(respond.body().orElseThrow());
    }

    @Test
    void keepsTheGuardsOfEndpointsBodies() throws Exception {
        FilterConfig compress = CompressFilterConfig.DEFAULTS;
        HeaderEdits keep = new HeaderEdits(Map.of("Cache-Control", "no-transform"), Map.of(), List.of());
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            staysPlain(rig, respond("short", Map.of()), compress);
            staysPlain(rig, respond(TEXT, Map.of("Cache-Control", "no-transform")), compress);
            staysPlain(rig, respond(TEXT, Map.of()), new HeadersFilterConfig(HeaderEdits.DEFAULTS, keep), compress);
            staysPlain(rig, new RespondConfig(200, Optional.of(TEXT), "image/png", Map.of()), compress);
            staysPlain(rig, new RespondConfig(206, Optional.of(TEXT), "text/plain", Map.of()), compress);
            staysPlain(rig, respond(TEXT, Map.of()));
            assertThat(rig.engine().readings().metrics().value(Counter.BODIES_NOT_COMPRESSED))
                    .isZero();

            staysPlain(rig, respond("x".repeat(300_000), Map.of()), compress);
            assertThat(rig.engine().readings().metrics().value(Counter.BODIES_NOT_COMPRESSED))
                    .isEqualTo(1);
        }
    }
}
