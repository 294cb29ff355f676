package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The table against a model that has a bucket for every key and never forgets one. */
final class RateTableModelTest {
    private static final int STEPS = 400_000;

    /** Nearer than what the table waits before it gives away the slot of an idle key. */
    private static final int CLOCKS_APART_NS = 60_000_000;

    @Test
    void decidesAsTheModelWhateverIsEvicted() {
        decidesAsTheModel(20_261_120, 0);
    }

    @Test
    void decidesAsTheModelByTheClocksOfWorkersThatAreATurnApart() {
        decidesAsTheModel(20_261_122, CLOCKS_APART_NS);
    }

    private static void decidesAsTheModel(long seed, int clocksApartNs) {
        Random random = new Random(seed);
        List<LimitPlan> plans = List.of(
                LimitPlan.of("a", 1000, Duration.ofSeconds(1), 1, false),
                LimitPlan.of("b", 333, Duration.ofSeconds(1), 4, false),
                LimitPlan.of("c", 70, Duration.ofMinutes(1), 2, false));
        Map<Integer, BigInteger> arrivals = new HashMap<>();
        long clockNs = 77 + CLOCKS_APART_NS;
        int full = 0;
        try (RateTable table = new RateTable(30, 77)) {
            for (int step = 0; step < STEPS; step++) {
                clockNs += random.nextInt(10) == 0 ? random.nextInt(400_000_000) : random.nextInt(3_000_000);
                long nowNs = clockNs - (clocksApartNs == 0 ? 0 : random.nextInt(clocksApartNs));
                int key = random.nextInt(90);
                LimitPlan plan = plans.get(key % plans.size());
                long hash = (key + 1) * 0x9e3779b97f4a7c15L;

                long found = table.tryAcquire(plan, hash, Long.rotateLeft(hash, 23) * 31, nowNs);

                if (found == RateTable.FULL) {
                    full++;
                    continue;
                }
                assertThat(found)
                        .as("step %d of seed %d, key %d", step, seed, key)
                        .isEqualTo(model(arrivals, key, plan, nowNs));
            }
        }
        // The table must have been crowded, or eviction was not tested, but not so much that little else was.
        assertThat(full).isBetween(1, STEPS / 4);
    }

    private static long model(Map<Integer, BigInteger> arrivals, int key, LimitPlan plan, long nowNs) {
        BigInteger four = BigInteger.valueOf(4);
        BigInteger now = BigInteger.valueOf(nowNs).multiply(four);
        BigInteger arrival = arrivals.getOrDefault(key, BigInteger.ZERO).max(now);
        BigInteger next = arrival.add(BigInteger.valueOf(plan.intervalUnits()));
        BigInteger over = next.subtract(now).subtract(BigInteger.valueOf(plan.burstUnits()));
        if (over.signum() > 0) {
            return over.add(BigInteger.valueOf(3)).divide(four).longValueExact();
        }
        arrivals.put(key, next);
        return RateTable.TAKEN;
    }
}
