package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.penstock.config.Bandwidth;
import io.penstock.config.BandwidthConfig;
import io.penstock.config.LimitConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class RateTableTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000_000_000;
    private static final long DAY = 86_400 * SECOND;

    private long nowNs = -5 * SECOND;
    private final RateTable table = new RateTable(15, nowNs);
    private final LimitPlan tenPerSecond = plan(10, 3);

    @AfterEach
    void close() {
        table.close();
    }

    @Test
    void passesExactlyTheBurstAtOnceFromIdle() {
        assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(3);
    }

    @Test
    void passesOneMoreAtEachInterval() {
        takenAtOnce(tenPerSecond, 1);

        nowNs += 100 * MS - 1;
        assertThat(acquire(tenPerSecond, 1)).isEqualTo(1);
        nowNs += 1;
        assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(1);
    }

    @Test
    void refillsToTheBurstAndNoFurther() {
        takenAtOnce(tenPerSecond, 1);

        nowNs += DAY;

        assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(3);
    }

    @Test
    void saysHowLongToWaitToTheNanosecond() {
        takenAtOnce(tenPerSecond, 1);
        nowNs += 30 * MS + 7;

        long wait = acquire(tenPerSecond, 1);

        assertThat(wait).isEqualTo(70 * MS - 7);
        nowNs += wait;
        assertThat(acquire(tenPerSecond, 1)).isEqualTo(RateTable.TAKEN);
    }

    @Test
    void takesNothingWhenItRefuses() {
        takenAtOnce(tenPerSecond, 1);
        for (int i = 0; i < 1000; i++) {
            acquire(tenPerSecond, 1);
        }

        nowNs += 100 * MS;

        assertThat(acquire(tenPerSecond, 1)).isEqualTo(RateTable.TAKEN);
    }

    @Test
    void keepsKeysApart() {
        assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(3);
        assertThat(takenAtOnce(tenPerSecond, 2)).isEqualTo(3);
        assertThat(takenAtOnce(tenPerSecond, 1)).isZero();
    }

    @Test
    void countsTheKeyWhoseHashIsZero() {
        assertThat(table.tryAcquire(tenPerSecond, 0, 0, nowNs)).isEqualTo(RateTable.TAKEN);
        assertThat(table.tryAcquire(tenPerSecond, 0, 0, nowNs)).isEqualTo(RateTable.TAKEN);
        assertThat(table.tryAcquire(tenPerSecond, 0, 0, nowNs)).isEqualTo(RateTable.TAKEN);
        assertThat(table.tryAcquire(tenPerSecond, 0, 0, nowNs)).isPositive();
    }

    @Test
    void neverRefusesAClientThatKeepsToARateThatDoesNotDivideASecond() {
        LimitPlan three = plan(3, 2);
        for (long i = 0; i < 3000; i++) {
            nowNs = i * SECOND / 3 + (i * SECOND % 3 == 0 ? 0 : 1);

            assertThat(acquire(three, 1)).isEqualTo(RateTable.TAKEN);
        }
    }

    @Test
    void freesAnIdleKeyForAnother() {
        fill(tenPerSecond);

        nowNs += SECOND;

        assertThat(takenAtOnce(tenPerSecond, 1000)).isEqualTo(3);
        assertThat(table.fullCount()).isZero();
    }

    @Test
    void keepsNoMoreThanAFewWhoseBucketsAreNotFull() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RateTable(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new RateTable(Integer.MAX_VALUE, 0));
        assertThat(table.slots()).isEqualTo(15);
        assertThat(table.bytes()).isEqualTo(256);
    }

    @Nested
    class WhenEverySlotIsTakenByAKeyThatIsNotIdle {
        @Test
        void refusesOthersWhereTheLimitSaysSo() {
            fill(tenPerSecond);

            assertThat(acquire(plan("x", 10, 3, false), 1000)).isEqualTo(RateTable.FULL);
            assertThat(table.fullCount()).isEqualTo(1);
        }

        @Test
        void letsOthersPassWhereTheLimitSaysSo() {
            fill(tenPerSecond);

            assertThat(acquire(plan("x", 10, 3, true), 1000)).isEqualTo(RateTable.TAKEN);
            assertThat(table.fullCount()).isEqualTo(1);
        }

        @Test
        void goesOnCountingTheKeysItHas() {
            fill(tenPerSecond);

            acquire(tenPerSecond, 1000);

            assertThat(takenAtOnce(tenPerSecond, 0)).isEqualTo(2);
        }
    }

    @Nested
    class WhenTheLimitIsChanged {
        @Test
        void goesOnWithTheStateThatKeysHave() {
            takenAtOnce(tenPerSecond, 1);

            assertThat(takenAtOnce(plan(10, 5), 1)).isEqualTo(2);
        }

        @Test
        void doesNotLockOutKeysOfAMuchSlowerLimit() {
            LimitPlan hourly = plan("x", 1, Duration.ofHours(1), 10);
            assertThat(takenAtOnce(hourly, 1)).isEqualTo(10);

            assertThat(acquire(tenPerSecond, 1)).isEqualTo(100 * MS);
            nowNs += 100 * MS;
            assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(1);
            nowNs += SECOND;
            assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(3);
        }
    }

    @Nested
    class WhenMonthsPass {
        @Test
        void seesAFullBucketAfterASweep() {
            takenAtOnce(tenPerSecond, 1);
            for (int month = 0; month < 36; month++) {
                nowNs += 30 * DAY;
                assertThat(table.sweep(0, table.buckets(), nowNs)).isZero();
            }

            assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(3);
        }

        @Test
        void seesAFullBucketInASlotNeverUsed() {
            for (long days : new long[] {100, 103, 104, 105, 150, 207, 209, 3000}) {
                nowNs += days * DAY;

                assertThat(takenAtOnce(tenPerSecond, days)).isEqualTo(3);
                nowNs += SECOND;
                table.sweep(0, 1, nowNs);
            }
        }

        @Test
        void neverLocksOutAKeyThatWasNotSwept() {
            takenAtOnce(tenPerSecond, 1);

            nowNs += 150 * DAY;
            acquire(tenPerSecond, 1);
            nowNs += SECOND;

            assertThat(takenAtOnce(tenPerSecond, 1)).isEqualTo(3);
        }
    }

    @Test
    void countsTheKeysThatAreNotIdleWhileSweeping() {
        takenAtOnce(tenPerSecond, 1);
        takenAtOnce(tenPerSecond, 2);

        assertThat(table.sweep(0, table.buckets(), nowNs)).isEqualTo(2);
        assertThat(table.sweep(0, table.buckets(), nowNs + SECOND)).isZero();
    }

    private void fill(LimitPlan plan) {
        for (int key = 0; key < 15; key++) {
            assertThat(acquire(plan, key)).isEqualTo(RateTable.TAKEN);
        }
    }

    private int takenAtOnce(LimitPlan plan, long key) {
        int taken = 0;
        while (acquire(plan, key) == RateTable.TAKEN) {
            taken++;
        }
        return taken;
    }

    private long acquire(LimitPlan plan, long key) {
        return table.tryAcquire(plan, (key + 1) * 0x9e3779b97f4a7c15L, key * 0xd1b54a32d192ed03L, nowNs);
    }

    private static LimitPlan plan(int perSecond, int burst) {
        return plan("x", perSecond, burst, true);
    }

    private static LimitPlan plan(String name, int perSecond, int burst, boolean allowsWhenFull) {
        return LimitPlan.of(name, perSecond, Duration.ofSeconds(1), burst, allowsWhenFull);
    }

    private static LimitPlan plan(String name, int permits, Duration per, int burst) {
        return LimitPlan.of(name, permits, per, burst, true);
    }

    @Nested
    final class OfABandwidth {
        private static final int MEGABYTE = 1_000_000;

        private final LimitPlan line = LimitPlan.of(
                LimitConfig.named("line", BandwidthConfig.ofResponses(Bandwidth.parse("8Mbit/s")))
                        .build(),
                0,
                quota -> {
                    throw new AssertionError("no quota");
                });

        private long pace(int bytes) {
            return table.pace(line, false, 7, 7, bytes, nowNs);
        }

        @Test
        void saysHowFarBytesLieAhead() {
            assertThat(pace(0)).isZero();
            assertThat(pace(MEGABYTE / 2)).isEqualTo(500 * MS);
            assertThat(pace(0)).isEqualTo(500 * MS);

            nowNs += 300 * MS;

            assertThat(pace(MEGABYTE)).isEqualTo(1200 * MS);
            nowNs += DAY;
            assertThat(pace(0)).isZero();
        }

        @Test
        void owesTenMinutesAtMost() {
            for (int i = 0; i < 1000; i++) {
                pace(MEGABYTE);
            }

            assertThat(pace(0)).isEqualTo(600 * SECOND);
        }

        @Test
        void countsItsBytesApartFromItsRate() {
            pace(MEGABYTE);

            assertThat(table.used(tenPerSecond, 7, 7, nowNs)).isZero();
            assertThat(takenAtOnce(tenPerSecond, 7)).isEqualTo(3);
        }

        @Test
        void chargesTheBytesOfSeveralThreadsToTheLast() throws Exception {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int k = 0; k < 10_000; k++) {
                        pace(1_000);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(pace(0)).isEqualTo(40 * SECOND);
        }
    }
}
