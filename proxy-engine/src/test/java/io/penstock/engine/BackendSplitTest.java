package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.penstock.config.BackendConditions;
import io.penstock.config.BackendConfig;
import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.FieldMatch;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.StickyBy;
import io.penstock.metrics.Family;
import io.penstock.metrics.SeriesCounter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several services that share a route, between real peers. */
final class BackendSplitTest {
    @TempDir
    private Path logs;

    private final Origins origins = new Origins();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ProxyConfig base =
            origins.with(origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "stable"), "beta");

    @AfterEach
    void nothingIsLeft() {
        client.close();
        origins.close();
    }

    private static RouteConfig.Builder split(BackendConfig... backends) {
        return RouteConfig.named("split")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .backends(backends);
    }

    private HttpResponse<String> get(ConfigRig rig, String... headers) throws Exception {
        URI target = URI.create("http:/"
                + rig.engine().readings().status().listeners().getFirst().address() + "/");
        HttpRequest.Builder request = HttpRequest.newBuilder(target);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void sharesAreExactInEachCycle() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(split(BackendConfig.of("stable", 95), BackendConfig.of("beta", 5))
                    .build()));
            int beta = 0;
            int longestWithout = 0;
            int without = 0;
            for (int i = 0; i < 100; i++) {
                boolean isBeta = get(rig).body().equals("beta");
                beta += isBeta ? 1 : 0;
                without = isBeta ? 0 : without + 1;
                longestWithout = Math.max(longestWithout, without);
            }

            assertThat(beta).isEqualTo(5);
            assertThat(longestWithout).as("they are spread over the cycle").isLessThan(40);
            Map<List<String>, Long> counted = new java.util.HashMap<>();
            rig.engine()
                    .readings()
                    .metrics()
                    .series(Family.BACKEND)
                    .forEach(series -> counted.put(series.name(), series.value(SeriesCounter.BACKEND_RESPONSES_2XX)));
            assertThat(counted)
                    .containsEntry(List.of("split", "beta"), 5L)
                    .containsEntry(List.of("split", "stable"), 95L);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void sharesHoldOverWorkersAndConnections(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            rig.publish(base.with(split(BackendConfig.of("stable", 3), BackendConfig.of("beta", 1))
                    .build()));
            int beta = 0;
            for (int connection = 0; connection < 8; connection++) {
                try (EngineClient each = rig.client()) {
                    for (int i = 0; i < 20; i++) {
                        beta += each.get("/").equals("200 beta") ? 1 : 0;
                    }
                }
            }

            assertThat(beta).isCloseTo(40, within(workers));
        }
    }

    @Test
    void aCanaryTakesFirstWhatMeetsItsConditions() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            BackendConfig byHeader = new BackendConfig(
                    "beta",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(new BackendConditions(
                            List.of(FieldMatch.exact("X-Beta", "1")), List.of(FieldMatch.absent("stay")))));
            BackendConfig byCookie = BackendConfig.of("beta", 0)
                    .when(BackendConditions.cookies(FieldMatch.exact("beta", "on"), FieldMatch.present("id")));
            rig.publish(base.with(
                    split(BackendConfig.of("stable", 1), byHeader, byCookie).build()));

            assertThat(get(rig).body()).isEqualTo("stable");
            assertThat(get(rig, "X-Beta", "1").body()).isEqualTo("beta");
            assertThat(get(rig, "X-Beta", "2").body()).isEqualTo("stable");
            assertThat(get(rig, "X-Beta", "1", "Cookie", "a=b; stay=1").body()).isEqualTo("stable");
            assertThat(get(rig, "Cookie", "id=7; beta=\"on\"").body()).isEqualTo("beta");
            assertThat(get(rig, "Cookie", "beta=on").body()).isEqualTo("stable");
            assertThat(get(rig, "Cookie", "xbeta=on; id=1; beta =on").body()).isEqualTo("stable");
            assertThat(rig.engine()
                            .readings()
                            .explain(new ExplainRequest(
                                    "GET", "/", List.of(Map.entry("Host", "a"), Map.entry("X-Beta", "1")), "", ""))
                            .steps()
                            .getFirst())
                    .isEqualTo(new Explanation.Step(
                            "backend",
                            "beta: the request meets its conditions (stable 100%, beta 0%, beta#2 0%)",
                            "routes/split"));
        }
    }

    @Test
    void theOwnCookieKeepsACallerUntilItsBackendIsDrained() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(split(
                            BackendConfig.of("stable", 1),
                            BackendConfig.of("beta", 1).sticky(StickyBy.COOKIE))
                    .build()));
            HttpResponse<String> first = get(rig);
            while (!first.body().equals("beta")) {
                assertThat(first.headers().firstValue("Set-Cookie")).isEmpty();
                first = get(rig);
            }
            String set = first.headers().firstValue("Set-Cookie").orElseThrow();
            String cookie = set.substring(0, set.indexOf(';'));

            assertThat(set).startsWith("penstock-split=").endsWith("; Path=/; HttpOnly; SameSite=Lax");
            String huge = "x=" + "y".repeat(20_000) + "; ";
            for (int i = 0; i < 6; i++) {
                HttpResponse<String> again = get(rig, "Cookie", huge + cookie);
                assertThat(again.body()).isEqualTo("beta");
                assertThat(again.headers().firstValue("Set-Cookie")).isEmpty();
            }
            rig.publish(base.with(split(
                            BackendConfig.of("stable", 99),
                            BackendConfig.of("beta", 1).sticky(StickyBy.COOKIE))
                    .build()));
            assertThat(get(rig, "Cookie", cookie).body()).isEqualTo("beta");
            rig.publish(base.with(split(
                            BackendConfig.of("stable", 99),
                            BackendConfig.of("beta", 0).sticky(StickyBy.COOKIE))
                    .build()));
            assertThat(get(rig, "Cookie", cookie).body()).isEqualTo("stable");
            assertThat(get(rig, "Cookie", "penstock-split=0000000000000000").body())
                    .isEqualTo("stable");
        }
    }

    private Set<Integer> betaCallers(ConfigRig rig) throws Exception {
        Set<Integer> callers = new HashSet<>();
        for (int caller = 0; caller < 200; caller++) {
            String body = get(rig, "X-User", "user-" + caller).body();
            assertThat(get(rig, "X-User", "user-" + caller).body()).isEqualTo(body);
            if (body.equals("beta")) {
                callers.add(caller);
            }
        }
        return callers;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aGrowingShareSendsNobodyBack(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            Set<Integer> before = Set.of();
            for (int percent : new int[] {5, 20, 50, 100}) {
                rig.publish(base.with(split(
                                BackendConfig.of("stable", 100 - percent).sticky(StickyBy.parse("header:X-User")),
                                BackendConfig.of("beta", percent))
                        .build()));
                Set<Integer> now = betaCallers(rig);

                assertThat(now).containsAll(before);
                assertThat(now.size()).isCloseTo(2 * percent, within(25));
                before = now;
            }
        }
    }

    @Test
    void theLevelsOfTheChosenServiceHold() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            HeaderEdits mark = new HeaderEdits(Map.of("X-Side", "beta"), Map.of(), List.of());
            rig.publish(base.with(ServiceConfig.named("beta", "beta")
                            .body(new BodyConfig(Optional.of(ByteSize.parse("4"))))
                            .filters(new HeadersFilterConfig(HeaderEdits.DEFAULTS, mark))
                            .build())
                    .with(split(
                                    BackendConfig.of("stable", 1),
                                    BackendConfig.of("beta", 0)
                                            .when(BackendConditions.headers(FieldMatch.present("X-Beta"))))
                            .build()));

            assertThat(get(rig).headers().firstValue("X-Side")).isEmpty();
            assertThat(get(rig, "X-Beta", "1").headers().firstValue("X-Side")).hasValue("beta");
            URI target = URI.create("http:/"
                    + rig.engine().readings().status().listeners().getFirst().address() + "/");
            HttpRequest.Builder post =
                    HttpRequest.newBuilder(target).POST(HttpRequest.BodyPublishers.ofString("too long"));
            assertThat(client.send(post.copy().build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(client.send(post.copy().header("X-Beta", "1").build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(413);
        }
    }

    @Test
    void aDisabledServiceTakesNobody() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(
                    base.with(ServiceConfig.named("beta", "beta").enabled(false).build())
                            .with(split(BackendConfig.of("stable", 1), BackendConfig.of("beta", 9))
                                    .build()));
            for (int i = 0; i < 10; i++) {
                assertThat(get(rig).body()).isEqualTo("stable");
            }
            rig.publish(base.with(ServiceConfig.named("stable", "stable")
                            .enabled(false)
                            .build())
                    .with(split(BackendConfig.of("stable", 1), BackendConfig.of("beta", 0))
                            .build()));
            assertThat(get(rig).statusCode()).isEqualTo(404);
        }
    }
}
