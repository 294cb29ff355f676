package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.config.BreakerConfig;
import io.penstock.config.CircuitConfig;
import io.penstock.config.Share;
import io.penstock.config.UpstreamConfig;
import io.penstock.engine.ChaosEndpoint.Mood;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A breaker over an endpoint that fails, on real sockets. */
final class CircuitStormTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final int CLIENTS = 8;
    private static final int EACH = 50;
    private static final int MIN_REQUESTS = 20;

    @TempDir
    private Path logs;

    private static UpstreamConfig.Builder upstream(ChaosEndpoint endpoint, Duration openFor) {
        return UpstreamConfig.named("up")
                .targets(endpoint.target())
                .circuit(new CircuitConfig(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new BreakerConfig(
                                Share.parse("50%"), Duration.ofSeconds(60), MIN_REQUESTS, openFor, 2))));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void opensForAllWorkersAtOnceAndClosesWhenTheEndpointIsWell(int workers) throws Exception {
        try (ChaosEndpoint endpoint = new ChaosEndpoint(Mood.BUSY);
                ChaosRig rig = new ChaosRig(workers, logs, upstream(endpoint, Duration.ofHours(1)))) {
            Map<String, Integer> answers = rig.ask(GET, CLIENTS, EACH);
            rig.settle();

            assertThat(answers).containsExactly(Map.entry("503", CLIENTS * EACH));
            // Those that had passed when it opened still come through: at most one for each client.
            assertThat(endpoint.requests()).isBetween(MIN_REQUESTS, MIN_REQUESTS + CLIENTS);
            assertThat(rig.metrics().value(Reason.CIRCUIT_OPEN)).isEqualTo(CLIENTS * EACH - endpoint.requests());
            assertThat(rig.metrics().value(Counter.CIRCUITS_OPENED)).isEqualTo(1);

            endpoint.mood(Mood.OK);
            rig.publish(UpstreamConfig.named("up").targets(endpoint.target()));
            rig.publish(upstream(endpoint, Duration.ofMillis(50)));

            await().until(() -> rig.ask(GET, CLIENTS, 5).equals(Map.of("200", CLIENTS * 5)));
            rig.settle();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void isClosedByHandForAllWorkersAtOnce(int workers) throws Exception {
        try (ChaosEndpoint endpoint = new ChaosEndpoint(Mood.BUSY);
                ChaosRig rig = new ChaosRig(workers, logs, upstream(endpoint, Duration.ofHours(1)))) {
            rig.ask(GET, CLIENTS, EACH);
            rig.settle();
            CircuitStatus.BreakerStatus open = rig.engine()
                    .readings()
                    .circuit("up")
                    .orElseThrow()
                    .breaker()
                    .orElseThrow();
            assertThat(open.state()).isEqualTo("open");
            assertThat(open.openUntil()).isPresent();
            assertThat(open.failures()).isBetween((long) MIN_REQUESTS, (long) MIN_REQUESTS + CLIENTS);
            endpoint.mood(Mood.OK);

            assertThat(rig.engine().resetBreaker("up")).isTrue();

            assertThat(rig.ask(GET, CLIENTS, 5)).containsExactly(Map.entry("200", CLIENTS * 5));
            CircuitStatus.BreakerStatus closed = rig.engine()
                    .readings()
                    .circuit("up")
                    .orElseThrow()
                    .breaker()
                    .orElseThrow();
            assertThat(closed).isEqualTo(new CircuitStatus.BreakerStatus("closed", Optional.empty(), CLIENTS * 5, 0));
            assertThat(rig.engine().resetBreaker("nowhere")).isFalse();
            rig.settle();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void closesByTrialsOnceTheEndpointIsWell(int workers) throws Exception {
        try (ChaosEndpoint endpoint = new ChaosEndpoint(Mood.RESET);
                ChaosRig rig = new ChaosRig(workers, logs, upstream(endpoint, Duration.ofMillis(100)))) {
            rig.ask(GET, CLIENTS, EACH);
            assertThat(rig.metrics().value(Counter.CIRCUITS_OPENED)).isPositive();

            endpoint.mood(Mood.OK);

            await().until(() -> rig.ask(GET, CLIENTS, 5).equals(Map.of("200", CLIENTS * 5)));
            rig.settle();
        }
    }
}
