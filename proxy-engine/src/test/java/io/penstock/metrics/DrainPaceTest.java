package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DrainPaceTest {
    private static final int SLOTS = 16_384;

    private final DrainPace pace = new DrainPace(SLOTS);

    @Test
    void sleepsTwiceAsLongAfterEachPassThatFoundNothingUpToItsBound() {
        assertThat(pace.sleepNs(1)).isEqualTo(DrainPace.BUSY_NS);
        assertThat(pace.sleepNs(0)).isEqualTo(DrainPace.BUSY_NS * 2);
        pace.sleepNs(0);
        assertThat(pace.sleepNs(0)).isEqualTo(DrainPace.IDLE_NS);
    }

    @Test
    void sleepsAsInBusyTimesOnceARecordCame() {
        pace.sleepNs(0);
        pace.sleepNs(0);

        assertThat(pace.sleepNs(1)).isEqualTo(DrainPace.BUSY_NS);
    }

    @Test
    void halvesTheSleepEachTimeThatARingFilledByMoreThanAQuarter() {
        assertThat(pace.sleepNs(SLOTS / 4)).isEqualTo(DrainPace.BUSY_NS);
        assertThat(pace.sleepNs(SLOTS / 4 + 1)).isEqualTo(DrainPace.BUSY_NS / 2);
        assertThat(pace.sleepNs(SLOTS)).isEqualTo(DrainPace.BUSY_NS / 4);
    }

    @Test
    void halvesTheSleepOfBusyTimesWhenARushEndsAnIdleOne() {
        pace.sleepNs(0);

        assertThat(pace.sleepNs(SLOTS)).isEqualTo(DrainPace.BUSY_NS / 2);
    }

    @Test
    void keepsAShortSleepUntilRingsStayAlmostEmpty() {
        pace.sleepNs(SLOTS);

        assertThat(pace.sleepNs(SLOTS / 8)).isEqualTo(DrainPace.BUSY_NS / 2);
        assertThat(pace.sleepNs(SLOTS / 17)).isEqualTo(DrainPace.BUSY_NS);
    }

    @Test
    void neverSleepsShorterThanItsBound() {
        for (int i = 0; i < 20; i++) {
            pace.sleepNs(SLOTS);
        }

        assertThat(pace.sleepNs(SLOTS)).isEqualTo(DrainPace.SHORTEST_NS);
    }

    /** What the bounds of rings are made for: 100 000 requests a second on one worker, however many workers there are. */
    @Test
    void leavesRoomInTheSmallestRingForARushAfterIdleTimes() {
        for (int workers = 1; workers <= 256; workers++) {
            long inOneSleep = 100_000 * DrainPace.IDLE_NS / 1_000_000_000;

            assertThat(inOneSleep)
                    .isLessThan(AccessLogBounds.forWorkers(workers).slots());
        }
    }
}
