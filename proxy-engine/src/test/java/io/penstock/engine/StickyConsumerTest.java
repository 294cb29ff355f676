package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.penstock.config.AnonymousAuthConfig;
import io.penstock.config.ApiKeyAuthConfig;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.AuthConfig;
import io.penstock.config.BackendConditions;
import io.penstock.config.BackendConfig;
import io.penstock.config.BodyConfig;
import io.penstock.config.ByteSize;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.MaintenanceConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Rate;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Setting;
import io.penstock.config.StickyBy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
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

/** Backends chosen by who calls, between real peers. */
final class StickyConsumerTest {
    private static final int CONSUMERS = 100;
    private static final AuthConfig KEYS = ApiKeyAuthConfig.inHeader("K");
    private static final AuthConfig ANYBODY = new AnonymousAuthConfig();

    @TempDir
    private Path logs;

    private final Origins origins = new Origins();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ProxyConfig base = consumers(origins.with(
            origins.with(ProxyConfig.initial().with(ConfigRig.web().build()), "stable"), "beta"));

    private static ProxyConfig consumers(ProxyConfig config) {
        ProxyConfig with = config;
        for (int i = 0; i < CONSUMERS; i++) {
            with = with.with(ConsumerConfig.named("consumer-" + i)
                    .credentials(ApiKeyCredentialConfig.of(key(i)), ApiKeyCredentialConfig.of("another-" + key(i)))
                    .build());
        }
        return with;
    }

    private static String key(int consumer) {
        return "a-key-that-nobody-guesses-%04d".formatted(consumer);
    }

    @AfterEach
    void nothingIsLeft() {
        client.close();
        origins.close();
    }

    private static RouteConfig.Builder split(int betaPercent) {
        return RouteConfig.named("split")
                .matches(RouteMatch.of(PathMatch.prefix("/")))
                .auth(KEYS, ANYBODY)
                .backends(
                        BackendConfig.of("stable", 100 - betaPercent).sticky(StickyBy.CONSUMER),
                        BackendConfig.of("beta", betaPercent));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(ConfigRig rig) {
        return HttpRequest.newBuilder(URI.create("http:/"
                + rig.engine().readings().status().listeners().getFirst().address() + "/"));
    }

    private String backendOf(ConfigRig rig, String key) throws Exception {
        return send(request(rig).header("K", key)).body();
    }

    private Set<Integer> betaConsumers(ConfigRig rig) throws Exception {
        Set<Integer> found = new HashSet<>();
        for (int i = 0; i < CONSUMERS; i++) {
            String body = backendOf(rig, key(i));
            assertThat(backendOf(rig, "another-" + key(i)))
                    .as("whichever key it shows")
                    .isEqualTo(body);
            if (body.equals("beta")) {
                found.add(i);
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aConsumerStaysWhereItIsAndAGrowingShareSendsNobodyBack(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs)) {
            Set<Integer> before = Set.of();
            for (int percent : new int[] {10, 50, 100}) {
                rig.publish(base.with(split(percent).build()));
                Set<Integer> now = betaConsumers(rig);

                assertThat(now).containsAll(before);
                assertThat(now.size()).isCloseTo(percent, within(20));
                before = now;
            }
        }
    }

    @Test
    void whomNobodyKnowsTakesTurnsAndAConditionComesFirst() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(split(50).build()));
            int beta = 0;
            for (int i = 0; i < 40; i++) {
                beta += send(request(rig)).body().equals("beta") ? 1 : 0;
            }
            assertThat(beta).isEqualTo(20);

            rig.publish(base.with(split(0).backends(
                            BackendConfig.of("stable", 1).sticky(StickyBy.CONSUMER),
                            BackendConfig.of("beta", 0).when(BackendConditions.headers(FieldMatch.present("X-Beta"))))
                    .build()));
            assertThat(backendOf(rig, key(1))).isEqualTo("stable");
            assertThat(send(request(rig).header("K", key(1)).header("X-Beta", "1"))
                            .body())
                    .isEqualTo("beta");
        }
    }

    @Test
    void aWrongKeyIsRefusedBeforeAnyServiceIsChosen() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(split(50).auth(KEYS).build()));

            assertThat(send(request(rig)).statusCode()).isEqualTo(401);
            assertThat(send(request(rig).header("K", "wrong")).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void theLevelsOfTheChosenServiceHoldFromThenOn() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            HeaderEdits mark = new HeaderEdits(Map.of("X-Side", "beta"), Map.of(), List.of());
            ProxyConfig config = base.with(LimitConfig.named("few", Rate.parse("1/h"))
                            .key("consumer")
                            .burst(2)
                            .build())
                    .with(ServiceConfig.named("beta", "beta")
                            .body(new BodyConfig(Optional.of(ByteSize.parse("4"))))
                            .limits("few")
                            .filters(new HeadersFilterConfig(HeaderEdits.DEFAULTS, mark))
                            .build());
            rig.publish(config.with(split(0).build()));
            HttpRequest.Builder tooLong =
                    request(rig).header("K", key(1)).POST(BodyPublishers.ofString("longer than four"));
            assertThat(send(tooLong.copy()).body()).isEqualTo("stable");

            rig.publish(config.with(split(100).build()));
            assertThat(send(tooLong.copy()).statusCode()).isEqualTo(413);
            HttpResponse<String> first = send(request(rig).header("K", key(1)));
            assertThat(first.body()).isEqualTo("beta");
            assertThat(first.headers().firstValue("X-Side")).hasValue("beta");
            assertThat(send(request(rig).header("K", key(1))).statusCode()).isEqualTo(200);
            assertThat(send(request(rig).header("K", key(1))).statusCode()).isEqualTo(429);
        }
    }

    private static List<String> refusals(ConfigRig rig, ProxyConfig config) throws Exception {
        Preparation refused = rig.engine().prepare(config);
        assertThat(refused).isInstanceOf(Preparation.Refused.class);
        return ((Preparation.Refused) refused)
                .problems().stream().map(ConfigProblem::detail).toList();
    }

    @Test
    void refusesServicesThatSayWhatHoldsBeforeTheChoice() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base);
            ProxyConfig known = base.with(LimitConfig.named("early", Rate.parse("1/s"))
                    .key("clientAddress")
                    .build());

            assertThat(refusals(
                            rig,
                            known.with(ServiceConfig.named("beta", "beta")
                                            .auth(ApiKeyAuthConfig.inQuery("k"))
                                            .limits("early")
                                            .maintenance(Setting.of(MaintenanceConfig.DEFAULTS))
                                            .build())
                                    .with(split(50).auth().build())))
                    .satisfiesExactly(
                            none -> assertThat(none).startsWith("sticky: consumer keeps nobody"),
                            auth -> assertThat(auth).startsWith("service \"beta\" says auth of its own"),
                            work -> assertThat(work).startsWith("service \"beta\" says maintenance of its own"),
                            limit -> assertThat(limit)
                                    .startsWith("service \"beta\" says limits that are taken before auth of its own"));
            assertThat(refusals(
                            rig,
                            known.with(LimitConfig.named("early", Rate.parse("1/s"))
                                            .key("service")
                                            .build())
                                    .with(split(50).limits("early").build())))
                    .singleElement()
                    .asString()
                    .startsWith("a limit by service is taken before auth");
        }
    }

    @Test
    void explainPlacesTheChoiceBehindAuth() throws Exception {
        try (ConfigRig rig = new ConfigRig(1, logs)) {
            rig.publish(base.with(split(20).build()));

            List<Explanation.Step> steps = rig.engine()
                    .readings()
                    .explain(new ExplainRequest("GET", "/", List.of(Map.entry("Host", "a")), "", ""))
                    .steps();

            assertThat(steps.stream().map(Explanation.Step::phase).toList()).startsWith("auth", "auth", "backend");
            assertThat(steps.get(2).what())
                    .startsWith("stable: by weight, the likeliest; a caller that auth identifies")
                    .endsWith("(stable 80%, beta 20%)");
        }
    }
}
