package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ActiveHealthConfig;
import io.penstock.config.HealthConfig;
import io.penstock.config.HttpCheckConfig;
import io.penstock.config.LatencyConfig;
import io.penstock.config.PassiveHealthConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.RecordDefaults;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Share;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.HealthView;
import io.penstock.engine.ToyEndpoint.Manner;
import io.penstock.metrics.Sample;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that are dead, slow, reset or lie, behind a real engine: who is left out does not depend on how many workers there are. */
final class UnwellEndpointsTest {
    private static final int CLIENTS = 8;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    private Path logs;

    private final List<ToyEndpoint> endpoints = new ArrayList<>();
    private final List<EngineClient> clients = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<EngineRig> rigs = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (EngineClient client : clients) {
            client.close();
        }
        for (EngineRig rig : rigs) {
            rig.close();
        }
        for (ToyEndpoint endpoint : endpoints) {
            endpoint.close();
        }
        threads.close();
    }

    private EngineRig rig() {
        return rigs.getFirst();
    }

    private ToyEndpoint endpoint(String name, Manner manner) throws IOException {
        ToyEndpoint endpoint = new ToyEndpoint(name, manner);
        endpoints.add(endpoint);
        return endpoint;
    }

    private static TargetConfig target(ToyEndpoint endpoint) {
        return RecordDefaults.of(
                TargetConfig.class,
                Map.of(
                        "address",
                        TargetConfig.of("127.0.0.1:" + endpoint.port()).address(),
                        "name",
                        Optional.of(endpoint.name())));
    }

    private void start(int workers, HealthConfig health) throws Exception {
        TargetConfig[] targets =
                endpoints.stream().map(UnwellEndpointsTest::target).toArray(TargetConfig[]::new);
        ToyEndpoint other = endpoint("other", Manner.GOOD);
        EngineRig rig = new EngineRig(
                TransportChoice.AUTO,
                workers,
                logs,
                UpstreamConfig.named("backend").health(health).targets(targets).build(),
                UpstreamConfig.named("other").targets(target(other)).build(),
                ServiceConfig.named("other", "other").build(),
                RouteConfig.named("other")
                        .matches(RouteMatch.of(PathMatch.prefix("/other")))
                        .service("other")
                        .build());
        rigs.add(rig);
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new EngineClient(
                    rig.engine().readings().status().listeners().getFirst().address()));
        }
    }

    // The same with any number of workers: all clients at once, each request by request.
    private Map<String, Integer> answers(String path, int requestsOfEach) throws Exception {
        List<Future<Map<String, Integer>>> under = new ArrayList<>();
        for (EngineClient client : clients) {
            under.add(threads.submit(() -> {
                Map<String, Integer> answers = new TreeMap<>();
                for (int i = 0; i < requestsOfEach; i++) {
                    String answer = client.get(path);
                    answers.merge(answer.startsWith("200") ? answer : answer.substring(0, 3), 1, Integer::sum);
                }
                return answers;
            }));
        }
        Map<String, Integer> all = new TreeMap<>();
        for (Future<Map<String, Integer>> each : under) {
            each.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).forEach((key, n) -> all.merge(key, n, Integer::sum));
        }
        return all;
    }

    private Map<String, HealthView.State> states() {
        Map<String, HealthView.State> states = new TreeMap<>();
        for (EndpointStatus status : rig().engine().readings().endpoints("backend")) {
            states.put(
                    status.endpoint().name(),
                    status.health().map(HealthView::state).orElseThrow());
        }
        return states;
    }

    private long ejected() {
        return states().values().stream()
                .filter(HealthView.State.EJECTED::equals)
                .count();
    }

    private double metric(String name) {
        return rig().metrics().samples().stream()
                .filter(sample -> sample.entry().name().equals(name))
                .mapToDouble(Sample::value)
                .sum();
    }

    private static HealthConfig passive(String maxEjected) {
        PassiveHealthConfig passive = new PassiveHealthConfig(
                3,
                Optional.empty(),
                Optional.of(new LatencyConfig(Duration.ofMillis(20), 3, 5)),
                Duration.ofMillis(500),
                Duration.ofMinutes(10),
                Duration.ofMinutes(10),
                Share.parse(maxEjected));
        return RecordDefaults.of(HealthConfig.class, Map.of("passive", Optional.of(passive)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void leavesOutWhoFailsAndNoOtherRouteMoves(int workers) throws Exception {
        endpoint("dead", Manner.DEAD);
        endpoint("slow", Manner.SLOW);
        endpoint("resetting", Manner.RESETTING);
        endpoint("lying", Manner.LYING);
        for (int i = 0; i < 4; i++) {
            endpoint("good" + i, Manner.GOOD);
        }
        start(workers, passive("50%"));

        Map<String, Integer> others = new TreeMap<>();
        Awaitility.await().atMost(TIMEOUT).until(() -> {
            answers("/", 10);
            answers("/other", 2).forEach((key, n) -> others.merge(key, n, Integer::sum));
            return ejected() == 4;
        });

        assertThat(states())
                .containsEntry("dead", HealthView.State.EJECTED)
                .containsEntry("slow", HealthView.State.EJECTED)
                .containsEntry("resetting", HealthView.State.EJECTED)
                .containsEntry("lying", HealthView.State.EJECTED);
        Map<String, Integer> answers = answers("/", 100);
        assertThat(answers).containsOnlyKeys("200 good0", "200 good1", "200 good2", "200 good3");
        assertThat(answers.values()).allSatisfy(count -> assertThat(count).isBetween(196, 204));
        assertThat(others).containsOnlyKeys("200 other");
        assertThat(metric("penstock_ejections_total")).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void ejectsNoMoreThanItsShareWhateverFails(int workers) throws Exception {
        for (int i = 0; i < 5; i++) {
            endpoint("lying" + i, Manner.LYING);
        }
        start(workers, passive("40%"));

        Awaitility.await().atMost(TIMEOUT).until(() -> {
            answers("/", 10);
            return metric("penstock_ejections_withheld_total") > 3;
        });

        assertThat(ejected()).isEqualTo(2);
        assertThat(metric("penstock_ejections_total")).isEqualTo(2);
        assertThat(answers("/", 10)).containsOnlyKeys("500");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void sendsNothingToWhoFailsItsChecksAndPanicsWhenTooFewAreLeft(int workers) throws Exception {
        endpoint("dead0", Manner.DEAD);
        endpoint("dead1", Manner.DEAD);
        endpoint("good0", Manner.GOOD);
        endpoint("good1", Manner.GOOD);
        HttpCheckConfig check = new HttpCheckConfig(
                "/healthz",
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                1,
                1,
                RecordDefaults.of(HttpCheckConfig.class).expectedStatuses(),
                Optional.empty());
        start(
                workers,
                RecordDefaults.of(HealthConfig.class, Map.of("active", Optional.of(ActiveHealthConfig.of(check)))));

        Awaitility.await()
                .atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(states())
                        .containsExactlyInAnyOrderEntriesOf(Map.of(
                                "dead0", HealthView.State.UNHEALTHY,
                                "dead1", HealthView.State.UNHEALTHY,
                                "good0", HealthView.State.HEALTHY,
                                "good1", HealthView.State.HEALTHY)));
        Map<String, Integer> answers = answers("/", 50);
        assertThat(answers).containsOnlyKeys("200 good0", "200 good1");
        assertThat(answers.values()).allSatisfy(count -> assertThat(count).isBetween(196, 204));
        assertThat(rig().engine().readings().isPanic("backend")).isFalse();

        endpoints.get(2).close();
        Awaitility.await().atMost(TIMEOUT).until(() -> rig().engine().readings().isPanic("backend"));
        // All are tried again: of those that refuse the connection a request finds more than its tries allow now and
        // then.
        assertThat(answers("/", 10).getOrDefault("200 good1", 0)).isGreaterThan(40);
    }
}
