package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AccessConfig;
import io.penstock.config.Cidr;
import io.penstock.config.CorsConfig;
import io.penstock.config.Defaults;
import io.penstock.config.ErrorPageConfig;
import io.penstock.config.FaultAbort;
import io.penstock.config.FaultDelay;
import io.penstock.config.FaultFilterConfig;
import io.penstock.config.MaintenanceConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.Setting;
import io.penstock.config.Share;
import io.penstock.metrics.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Access lists, CORS, error pages, maintenance and faults of a whole engine, as a client on a socket sees them. */
final class EdgeTrafficTest {
    private static final String ORIGIN = "https://app.example";

    @TempDir
    private Path logs;

    private static RouteConfig.Builder at(String prefix) {
        return ConfigRig.fixed(prefix.substring(1), prefix);
    }

    private static ProxyConfig config() {
        return ProxyConfig.initial()
                .with(List.of(
                        ConfigRig.web().build(),
                        ErrorPageConfig.named("brand")
                                .covers("4xx", "5xx")
                                .html("<p>{status} {reason}</p>")
                                .build(),
                        at("/closed")
                                .access(Setting.of(new AccessConfig(List.of(Cidr.parse("10.0.0.0/8")), List.of())))
                                .build(),
                        at("/local")
                                .access(Setting.of(new AccessConfig(List.of(Cidr.parse("127.0.0.0/8")), List.of())))
                                .build(),
                        RouteConfig.named("api")
                                .matches(new RouteMatch(
                                        List.of(),
                                        PathMatch.prefix("/api"),
                                        List.of("GET"),
                                        List.of(),
                                        List.of(),
                                        List.of()))
                                .respond(at("/api").build().respond().orElseThrow())
                                .cors(Setting.of(CorsConfig.of(ORIGIN)))
                                .build(),
                        at("/fault")
                                .filters(new FaultFilterConfig(
                                        Optional.of(new FaultDelay(Duration.ofMillis(20), Share.parse("100%"))),
                                        Optional.of(new FaultAbort(418, Share.parse("100%"))),
                                        Optional.empty(),
                                        true))
                                .build()))
                .withDefaults(Defaults.DEFAULTS.toBuilder()
                        .errorPages(Setting.of(List.of("brand")))
                        .build());
    }

    private static String ask(ConfigRig rig, String method, String path, String... fields) throws Exception {
        StringBuilder head = new StringBuilder(method)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        try (Peer peer = Peer.connect(
                rig.engine().readings().status().listeners().getFirst().address(), 20_000)) {
            peer.send(head.append("\r\n").toString());
            return peer.readToEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void everyWorkerKeepsToWhatTheRouteSays(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(config());
            for (int i = 0; i < 2 * workers; i++) {
                assertThat(ask(rig, "GET", "/closed", "Accept: text/html"))
                        .startsWith("HTTP/1.1 403 ")
                        .endsWith("<p>403 address-denied</p>");
                assertThat(ask(rig, "GET", "/local")).startsWith("HTTP/1.1 200 ");
                assertThat(ask(rig, "OPTIONS", "/api", "Origin: " + ORIGIN, "Access-Control-Request-Method: GET"))
                        .startsWith("HTTP/1.1 204 ")
                        .contains("Access-Control-Allow-Origin: " + ORIGIN + "\r\n")
                        .doesNotContain("Content-Length");
                assertThat(ask(rig, "GET", "/api", "Origin: " + ORIGIN))
                        .contains("Access-Control-Allow-Origin: " + ORIGIN + "\r\n", "Vary: Origin\r\n")
                        .endsWith("\r\n\r\napi");
                assertThat(ask(rig, "GET", "/fault"))
                        .startsWith("HTTP/1.1 418 ")
                        .contains("X-Penstock-Reason: fault-injected\r\n");
                assertThat(ask(rig, "GET", "/nowhere", "Accept: text/html")).endsWith("<p>404 no-route</p>");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void maintenanceBeginsAndEndsWithOneChange(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            ProxyConfig open = config();
            ProxyConfig closed = open.withDefaults(open.defaults().toBuilder()
                    .maintenance(Setting.of(
                            new MaintenanceConfig(true, 503, Optional.of(Duration.ofSeconds(90)), List.of())))
                    .build());
            for (int i = 0; i < 2; i++) {
                rig.publish(closed);
                for (int client = 0; client < 2 * workers; client++) {
                    assertThat(ask(rig, "GET", "/local"))
                            .startsWith("HTTP/1.1 503 ")
                            .contains("Retry-After: 90\r\n", "X-Penstock-Reason: maintenance\r\n");
                }
                rig.publish(open);
                assertThat(ask(rig, "GET", "/local")).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = 1)
    void explainSaysWhatAClientWouldMeet(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(config());

            assertThat(explain(rig, "GET", "/closed").refusal()).contains(Reason.ADDRESS_DENIED);
            assertThat(explain(rig, "GET", "/local").refusal()).isEmpty();
            assertThat(explain(rig, "GET", "/local").steps())
                    .contains(new Explanation.Step("access", "access", "routes/local"));
            assertThat(explain(rig, "OPTIONS", "/api", "Origin", ORIGIN, "Access-Control-Request-Method", "GET"))
                    .satisfies(told -> {
                        assertThat(told.refusal()).isEmpty();
                        assertThat(told.steps()).containsExactly(new Explanation.Step("access", "cors", "routes/api"));
                    });
            assertThat(explain(
                                    rig,
                                    "OPTIONS",
                                    "/api",
                                    "Origin",
                                    "https://evil.example",
                                    "Access-Control-Request-Method",
                                    "GET")
                            .refusal())
                    .contains(Reason.PREFLIGHT_DENIED);
            assertThat(explain(rig, "OPTIONS", "/api").refusal()).contains(Reason.METHOD_NOT_ALLOWED);
        }
    }

    private static Explanation explain(ConfigRig rig, String method, String path, String... fields) throws Exception {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = 0; i < fields.length; i += 2) {
            headers.add(Map.entry(fields[i], fields[i + 1]));
        }
        return rig.engine().readings().explain(new ExplainRequest(method, "http://a" + path, headers, "", ""));
    }
}
