package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.config.BreakerConfig;
import io.penstock.config.CircuitConfig;
import io.penstock.config.HedgeConfig;
import io.penstock.config.RetryConfig;
import io.penstock.config.Share;
import io.penstock.config.UpstreamConfig;
import io.penstock.engine.ChaosEndpoint.Mood;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Family;
import io.penstock.metrics.SeriesCounter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are sent to a second endpoint where the first is late, on real sockets. */
final class HedgeTrafficTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final int CLIENTS = 8;

    @TempDir
    private Path logs;

    private static UpstreamConfig.Builder upstream(RetryConfig.Builder retries, ChaosEndpoint a, ChaosEndpoint b) {
        return UpstreamConfig.named("up").targets(a.target(), b.target()).retries(retries.build());
    }

    private static RetryConfig.Builder hedged() {
        return RetryConfig.builder().hedge(HedgeConfig.after(Duration.ofMillis(20)));
    }

    private static long count(ChaosRig rig, SeriesCounter counter) {
        return rig.metrics().series(Family.UPSTREAM).stream()
                .mapToLong(series -> series.value(counter))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"1, SLOW", "4, SLOW", "1, SILENT", "4, SILENT"})
    void hidesASlowEndpointFromClients(int workers, Mood mood) throws Exception {
        try (ChaosEndpoint good = new ChaosEndpoint();
                ChaosEndpoint slow = new ChaosEndpoint(mood);
                ChaosRig rig = new ChaosRig(
                        workers,
                        logs,
                        upstream(hedged().budget("100%").minPerSecond(1000), good, slow)
                                .circuit(new CircuitConfig(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(new BreakerConfig(
                                                Share.parse("1%"),
                                                Duration.ofSeconds(60),
                                                1,
                                                Duration.ofHours(1),
                                                1)))))) {
            Map<String, Integer> answers = rig.ask(GET, CLIENTS, 20);
            rig.settle();

            assertThat(answers).containsExactly(Map.entry("200", CLIENTS * 20));
            assertThat(slow.requests()).isPositive();
            // One more where a starved machine made the good one late, and the slow one was asked as the second.
            assertThat((long) slow.requests())
                    .isBetween(
                            count(rig, SeriesCounter.UPSTREAM_HEDGES_WON), count(rig, SeriesCounter.UPSTREAM_HEDGES));
            // Who was given up has neither succeeded nor failed: the breaker has nothing against it.
            assertThat(rig.metrics().value(Counter.UPSTREAM_FAILURES)).isZero();
            assertThat(rig.metrics().value(Counter.CIRCUITS_OPENED)).isZero();
            await().until(() -> slow.connections() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void neverAsksMoreThanTheBudgetAllows(int workers) throws Exception {
        int all = CLIENTS * 5;
        try (ChaosEndpoint a = new ChaosEndpoint(Mood.SLOW);
                ChaosEndpoint b = new ChaosEndpoint(Mood.SLOW);
                ChaosRig rig = new ChaosRig(
                        workers, logs, upstream(hedged().budget("20%").minPerSecond(0), a, b))) {
            Map<String, Integer> answers = rig.ask(GET, CLIENTS, 5);
            rig.settle();

            assertThat(answers).containsExactly(Map.entry("200", all));
            assertThat(a.requests() + b.requests()).isLessThanOrEqualTo(all + all / 5);
            assertThat(count(rig, SeriesCounter.UPSTREAM_HEDGES)).isPositive();
            assertThat(rig.metrics().value(Counter.RETRY_BUDGET_REFUSALS)).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void givesBothUpWhenTheClientLeaves(int workers) throws Exception {
        try (ChaosEndpoint a = new ChaosEndpoint(Mood.SILENT);
                ChaosEndpoint b = new ChaosEndpoint(Mood.SILENT);
                ChaosRig rig = new ChaosRig(workers, logs, upstream(hedged(), a, b))) {
            try (Socket client = new Socket()) {
                client.connect(
                        rig.engine().readings().status().listeners().getFirst().address());
                client.setSoLinger(true, 0);
                client.getOutputStream().write(GET.getBytes(StandardCharsets.ISO_8859_1));
                await().until(() -> a.requests() == 1 && b.requests() == 1);
            }

            rig.settle();
            await().until(() -> a.connections() + b.connections() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void tellsTheClientWhenBothFail(int workers) throws Exception {
        try (ChaosEndpoint a = new ChaosEndpoint(Mood.SILENT);
                ChaosEndpoint b = new ChaosEndpoint(Mood.SILENT);
                ChaosRig rig = new ChaosRig(
                        workers,
                        logs,
                        upstream(hedged().minPerSecond(1000).perTryTimeout(Duration.ofMillis(100)), a, b))) {
            assertThat(rig.ask(GET, CLIENTS, 3)).containsExactly(Map.entry("504", CLIENTS * 3));
            rig.settle();

            assertThat(a.requests()).isEqualTo(CLIENTS * 3);
            assertThat(b.requests()).isEqualTo(CLIENTS * 3);
        }
    }
}
