package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.AdaptiveConfig;
import io.penstock.config.CircuitConfig;
import io.penstock.config.Share;
import io.penstock.config.UpstreamConfig;
import io.penstock.engine.ChaosEndpoint.Mood;
import io.penstock.metrics.Reason;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A limit that is learned, over an endpoint that does four requests at once, on real sockets. */
final class AdaptiveLimitTrafficTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final int CLIENTS = 64;
    private static final int EACH = 50;
    private static final int MAX = 32;

    @TempDir
    private Path logs;

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void refusesWhatWouldOnlyWait(int workers) throws Exception {
        try (ChaosEndpoint endpoint = new ChaosEndpoint(Mood.QUEUED);
                ChaosRig rig = new ChaosRig(
                        workers,
                        logs,
                        UpstreamConfig.named("up")
                                .targets(endpoint.target())
                                .circuit(new CircuitConfig(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(new AdaptiveConfig(2, MAX, Share.parse("50%"))),
                                        Optional.empty())))) {
            Map<String, Integer> answers = rig.ask(GET, CLIENTS, EACH);
            rig.settle();

            assertThat(answers.keySet()).containsExactlyInAnyOrder("200", "503");
            assertThat(rig.metrics().value(Reason.UPSTREAM_LIMIT_REACHED))
                    .isEqualTo((long) answers.getOrDefault("503", 0));
            assertThat(endpoint.requests()).isEqualTo(answers.getOrDefault("200", 0));
            assertThat(endpoint.atOnce()).isLessThanOrEqualTo(MAX);
            assertThat(rig.engine()
                            .tables()
                            .shared()
                            .circuits()
                            .of("up")
                            .requests()
                            .inside())
                    .isZero();
            assertThat(rig.engine()
                            .tables()
                            .shared()
                            .circuits()
                            .of("up")
                            .adaptive()
                            .baseUs())
                    .isPositive();
        }
    }
}
