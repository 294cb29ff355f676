package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Sample;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeySweepTest {
    private final LimitPlan plan = LimitPlan.of("x", 1, Duration.ofSeconds(1), 1, false);
    private long nowNs;

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 20_000})
    void countsTheKeysInUseOnceInEachRound(int slots) {
        try (RateTable table = new RateTable(slots, nowNs)) {
            KeySweep sweep = KeySweep.of(table, () -> nowNs);
            int keys = Math.min(10, slots);
            for (int key = 0; key < keys; key++) {
                take(table, key);
            }

            round(sweep);
            assertThat(read(sweep)).containsEntry("penstock_rate_table_active_keys", (double) keys);
            nowNs += 10_000_000_000L;
            round(sweep);
            assertThat(read(sweep)).containsEntry("penstock_rate_table_active_keys", 0.0);
        }
    }

    @Test
    void saysHowOftenAKeyFoundNoSlot() {
        try (RateTable table = new RateTable(1, nowNs)) {
            for (int key = 0; key < RateTable.BUCKET_SLOTS + 3; key++) {
                take(table, key);
            }

            assertThat(read(KeySweep.of(table, () -> nowNs)))
                    .containsEntry("penstock_rate_table_full_total", 3.0)
                    .containsEntry("penstock_rate_table_slots", 15.0);
        }
    }

    private void take(RateTable table, int key) {
        long hash = (key + 1) * 0x9e3779b97f4a7c15L;
        table.tryAcquire(plan, hash, Long.rotateLeft(hash, 17), nowNs);
    }

    private static void round(KeySweep sweep) {
        for (int part = 0; part < KeySweep.PARTS; part++) {
            sweep.next();
        }
    }

    private static Map<String, Double> read(KeySweep sweep) {
        Map<String, Double> values = new HashMap<>();
        sweep.collect((Sample sample) -> values.put(sample.entry().name(), sample.value()));
        return values;
    }
}
