package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.CalendarUnit;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Quotas count exactly, in the window that is now, and forget nothing that still counts. */
final class QuotaTableTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final long MINUTE = NOON.getEpochSecond() / 60;
    private static final long DAY_START = MINUTE - 12 * 60;

    private final QuotaTable table = new QuotaTable(240);

    @AfterEach
    void close() {
        table.close();
    }

    private static QuotaPlan plan(long requests, CalendarUnit unit, String zone) {
        return new QuotaPlan(requests, new QuotaWindow(unit, ZoneId.of(zone), NOON));
    }

    private static QuotaPlan daily(long requests) {
        return plan(requests, CalendarUnit.DAY, "UTC");
    }

    private long take(QuotaPlan plan, long key, long start, long now) {
        return table.take(plan, key * 0x9e3779b97f4a7c15L, key * 0xc2b2ae3d27d4eb4fL, start, now);
    }

    @Test
    void countsUpToTheQuotaAndNoFurther() {
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            counts.add(take(daily(3), 1, DAY_START, MINUTE));
        }

        assertThat(counts).containsExactly(1L, 2L, 3L, QuotaTable.EXHAUSTED, QuotaTable.EXHAUSTED);
        assertThat(take(daily(3), 2, DAY_START, MINUTE)).isEqualTo(1);
    }

    @Test
    void beginsAnewWithTheNextWindow() {
        take(daily(1), 1, DAY_START, MINUTE);

        assertThat(take(daily(1), 1, DAY_START, DAY_START + 1439)).isEqualTo(QuotaTable.EXHAUSTED);
        assertThat(take(daily(1), 1, DAY_START + 1440, DAY_START + 1440)).isEqualTo(1);
        assertThat(take(daily(1), 1, DAY_START + 1440, DAY_START + 1441)).isEqualTo(QuotaTable.EXHAUSTED);
    }

    @Test
    void aWorkerWhoseClockIsBehindCountsInTheWindowThatAnotherHasBegun() {
        take(daily(2), 1, DAY_START + 1440, DAY_START + 1440);

        assertThat(take(daily(2), 1, DAY_START, DAY_START + 1439)).isEqualTo(2);
        assertThat(take(daily(2), 1, DAY_START + 1440, DAY_START + 1440)).isEqualTo(QuotaTable.EXHAUSTED);
    }

    @Test
    void aClockThatIsSetBackADayDoesNotStopAnybodyForADay() {
        take(daily(1), 1, DAY_START + 1440, DAY_START + 2000);

        assertThat(take(daily(1), 1, DAY_START, MINUTE)).isEqualTo(1);
    }

    @Test
    void aChangedQuotaGoesOnWithItsCount() {
        take(daily(1), 1, DAY_START, MINUTE);

        assertThat(take(daily(5), 1, DAY_START, MINUTE)).isEqualTo(2);
        assertThat(take(daily(2), 1, DAY_START, MINUTE)).isEqualTo(QuotaTable.EXHAUSTED);
    }

    @Test
    void anotherWindowOrZoneIsAnotherCount() {
        take(daily(1), 1, DAY_START, MINUTE);

        assertThat(take(plan(1, CalendarUnit.HOUR, "UTC"), 1, MINUTE, MINUTE)).isEqualTo(1);
        assertThat(take(plan(1, CalendarUnit.DAY, "Europe/Berlin"), 1, DAY_START, MINUTE))
                .isEqualTo(1);
        assertThat(take(daily(1), 1, DAY_START, MINUTE)).isEqualTo(QuotaTable.EXHAUSTED);
    }

    @Test
    void keysThatStillCountAreNotGivenAwayAndPassedOnesAre() {
        QuotaPlan plan = daily(1);
        int taken = 0;
        long key = 1;
        for (; taken < table.slots() * 2 && table.fullCount() == 0; key++) {
            taken += take(plan, key, DAY_START, MINUTE) == 1 ? 1 : 0;
        }

        assertThat(table.fullCount()).isEqualTo(1);
        for (long known = 1; known < key - 1; known++) {
            assertThat(take(plan, known, DAY_START, MINUTE)).isEqualTo(QuotaTable.EXHAUSTED);
        }
        assertThat(take(plan, key - 1, DAY_START + 2880, DAY_START + 2880)).isEqualTo(1);
    }

    @Test
    void sweepingForgetsWhatHasPassedAndNothingElse() {
        take(daily(1), 1, DAY_START, MINUTE);
        take(plan(1, CalendarUnit.MINUTE, "UTC"), 2, MINUTE, MINUTE);

        assertThat(table.sweep(0, table.buckets(), MINUTE + 10)).isEqualTo(1);
        assertThat(take(daily(1), 1, DAY_START, MINUTE + 10)).isEqualTo(QuotaTable.EXHAUSTED);
    }

    @Test
    void countsAsAModelThatForgetsNothing() {
        long seed = 20_261_122;
        Random random = new Random(seed);
        Map<String, Long> model = new HashMap<>();
        List<QuotaPlan> plans = List.of(plan(7, CalendarUnit.MINUTE, "UTC"), plan(40, CalendarUnit.HOUR, "UTC"));
        long now = MINUTE;
        int full = 0;
        for (int step = 0; step < 200_000; step++) {
            now += random.nextInt(40) == 0 ? 1 : 0;
            int key = 1 + random.nextInt(150);
            QuotaPlan plan = plans.get(key % 2);
            long start = plan.unit() == CalendarUnit.MINUTE ? now : now / 60 * 60;

            long found = take(plan, key, start, now);

            if (found == QuotaTable.NO_SLOT) {
                full++;
                continue;
            }
            long counted = model.merge(key + "/" + start, 1L, Long::sum);
            assertThat(found)
                    .as("step %d of seed %d, key %d", step, seed, key)
                    .isEqualTo(counted <= plan.requests() ? counted : QuotaTable.EXHAUSTED);
        }
        assertThat(full).isLessThan(50_000);
    }

    @Test
    void isExactWhenFourThreadsCrossBoundariesTogether() throws Exception {
        int threads = 4;
        int windows = 200;
        long quota = 500;
        QuotaPlan plan = plan(quota, CalendarUnit.MINUTE, "UTC");
        AtomicLong taken = new AtomicLong();
        AtomicIntegerArray finished = new AtomicIntegerArray(windows);
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(Thread.ofPlatform().start(() -> {
                for (int window = 0; window < windows; window++) {
                    // Clocks of workers are at most one window apart.
                    while (window > 1 && finished.get(window - 2) < threads) {
                        Thread.onSpinWait();
                    }
                    while (take(plan, 1, MINUTE + window, MINUTE + window) > 0) {
                        taken.incrementAndGet();
                    }
                    finished.incrementAndGet(window);
                }
            }));
        }
        for (Thread thread : running) {
            thread.join();
        }

        assertThat(taken.get()).isEqualTo(quota * windows);
    }
}
