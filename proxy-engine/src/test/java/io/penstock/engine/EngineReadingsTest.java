package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.transport.TransportChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine says of itself, before it serves, while it does and after. */
final class EngineReadingsTest {
    @TempDir
    private Path logs;

    private ProxyEngine start(int workers) throws Exception {
        return ProxyEngine.start(EngineOptions.of(workers, TransportChoice.NIO, logs, "test"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void saysHowAnEngineStandsThatServesNothingYet(int workers) throws Exception {
        try (ProxyEngine engine = start(workers)) {
            EngineReadings readings = engine.readings();

            assertThat(readings.isReady()).isFalse();
            assertThat(readings.status().phase()).isEqualTo(EnginePhase.STARTING);
            assertThat(readings.status().workers()).hasSize(workers);
            assertThat(readings.status().listeners()).isEmpty();
            assertThat(readings.explain(new ExplainRequest("GET", "/", List.of(Map.entry("Host", "a")), "", ""))
                            .refusal())
                    .isPresent();
        }
    }

    @Test
    void knowsNothingOfWhatNoConfigNames() throws Exception {
        try (ProxyEngine engine = start(1)) {
            EngineReadings readings = engine.readings();

            assertThat(readings.endpoints("none")).isEmpty();
            assertThat(readings.isPanic("none")).isFalse();
            assertThat(readings.circuit("none")).isEmpty();
            assertThat(readings.limit("none", List.of())).isEmpty();
            assertThat(readings.lastUse("nobody", "key")).isEmpty();
            assertThat(readings.dns()).isEmpty();
            assertThat(readings.request("never-seen")).isEmpty();
        }
    }

    @Test
    void saysNotReadyWhereItsEndIsAnnouncedAndStillCountsWhatItServes() throws Exception {
        try (EngineRig rig = new EngineRig(TransportChoice.NIO, 1, logs)) {
            EngineReadings readings = rig.engine().readings();

            rig.engine().announceEnd();

            assertThat(readings.isReady()).isFalse();
            assertThat(readings.status().phase()).isEqualTo(EnginePhase.DRAINING);
            assertThat(readings.status().listeners()).hasSize(1);
        }
    }
}
