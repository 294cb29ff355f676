package io.penstock.plugin.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WatchdogTest {
    private static final long MS = 1_000_000;

    private final FakeMeter meter = new FakeMeter();
    private final List<String> stopped = new ArrayList<>();
    private long nowNs;
    private final Watchdog watchdog = new Watchdog(meter, () -> nowNs, Runnable::run);
    private final WorkerGauge gauge = watchdog.newGauge();

    private static final class FakeMeter implements ThreadMeter {
        private long cpuNs = 77 * MS;
        private long bytes = 5_000_000;
        private int readings;

        @Override
        public long cpuNs(long threadId) {
            readings++;
            return cpuNs;
        }

        @Override
        public long allocatedBytes(long threadId) {
            return bytes;
        }

        @Override
        public long allocatedBytesHere() {
            return bytes;
        }
    }

    private void enter(String name) {
        gauge.enter(() -> stopped.add(name), nowNs, 5 * MS, 1_000);
    }

    // Only then is it read what the thread has used up.
    private void seenAfterAMillisecond() {
        nowNs += MS;
        assertThat(watchdog.look()).as("an entry to keep an eye on").isTrue();
    }

    @Test
    void readsNothingForAnEntryThatHasNotLastedAMillisecond() {
        enter("a");
        nowNs += MS - 1;

        assertThat(watchdog.look()).as("an entry to keep an eye on").isFalse();
        gauge.leave();
        assertThat(watchdog.look()).as("an entry to keep an eye on").isFalse();
        assertThat(meter.readings).isZero();
    }

    @Test
    void letsAScriptRunInsideItsBudgets() {
        enter("a");
        seenAfterAMillisecond();
        meter.cpuNs += 5 * MS;
        meter.bytes += 1_000;
        watchdog.look();

        assertThat(stopped).isEmpty();
        assertThat(gauge.overrun()).isNull();
    }

    @Test
    void stopsAScriptOverItsCpuTimeOnce() {
        enter("a");
        seenAfterAMillisecond();
        meter.cpuNs += 5 * MS + 1;
        watchdog.look();
        watchdog.look();

        assertThat(stopped).containsExactly("a");
        assertThat(gauge.overrun()).isEqualTo(Overrun.CPU);
    }

    @Test
    void stopsAScriptOverItsAllocation() {
        enter("a");
        seenAfterAMillisecond();
        meter.bytes += 1_001;
        watchdog.look();
        gauge.leave();

        assertThat(stopped).containsExactly("a");
        assertThat(gauge.overrun()).isEqualTo(Overrun.MEMORY);
    }

    @Test
    void countsEachEntryFromItsOwnBeginning() {
        enter("a");
        seenAfterAMillisecond();
        meter.cpuNs += 4 * MS;
        gauge.leave();
        enter("b");
        seenAfterAMillisecond();
        meter.cpuNs += 4 * MS;
        watchdog.look();

        assertThat(stopped).isEmpty();
    }

    @Test
    void doesNotStopAScriptThatHadNoCpuUntilTheClockSaysLong() {
        enter("a");
        seenAfterAMillisecond();
        nowNs += Watchdog.WALL_NS_MIN - MS;
        watchdog.look();
        assertThat(stopped).isEmpty();

        nowNs += 1;
        watchdog.look();

        assertThat(stopped).containsExactly("a");
        assertThat(gauge.overrun()).isEqualTo(Overrun.WALL);
    }

    @Test
    void chargesALongEntryWithTheCpuTimeThatWasSeenAndNotWithTheClock() {
        enter("a");
        seenAfterAMillisecond();
        meter.cpuNs += 3 * MS;
        watchdog.look();
        gauge.leave();

        assertThat(gauge.cpuNs(MS)).isEqualTo(MS);
        assertThat(gauge.cpuNs(300 * MS)).isEqualTo(9 * MS);
    }

    @Test
    void saysNothingOfALaterEntry() {
        enter("a");
        seenAfterAMillisecond();
        meter.cpuNs += 6 * MS;
        watchdog.look();
        gauge.leave();
        enter("b");

        assertThat(gauge.overrun()).isNull();
    }

    @Test
    void quarantineBeginsWithTheLastStrikeInAWindowAndIsReleasedByHand() {
        Quarantine quarantine = new Quarantine(3, 100);

        assertThat(quarantine.strike(0, 1_000 + 0, "cpu")).isFalse();
        assertThat(quarantine.strike(50, 1_000 + 50, "cpu")).isFalse();
        assertThat(quarantine.strike(120, 1_000 + 120, "cpu")).isFalse();
        assertThat(quarantine.strikes(120)).isEqualTo(2);
        assertThat(quarantine.strike(121, 1_000 + 121, "cpu")).isTrue();
        assertThat(quarantine.isActive()).isTrue();
        assertThat(quarantine.state()).contains(new Quarantine.State(1_121, "cpu"));
        assertThat(quarantine.release()).isTrue();
        assertThat(quarantine.state()).isEmpty();
        assertThat(quarantine.isActive()).isFalse();
        assertThat(quarantine.release()).isFalse();
    }
}
