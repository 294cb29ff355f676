package io.penstock.plugin.budget;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AllocationSampleTest {
    private static final int TURNS = 100 * AllocationSample.STRIDE;

    private long bytes;
    private final WorkerGauge gauge = new WorkerGauge(new ThreadMeter() {
        @Override
        public long cpuNs(long threadId) {
            return 0;
        }

        @Override
        public long allocatedBytes(long threadId) {
            return bytes;
        }

        @Override
        public long allocatedBytesHere() {
            return bytes;
        }
    });

    private static final class Script implements Stoppable {
        private long allocated;

        @Override
        public void stop() {}

        @Override
        public void allocated(long more) {
            allocated += more;
        }
    }

    private void enter(Script script, long allocating) {
        gauge.enter(script, 0, 1, 1);
        bytes += allocating;
        gauge.leave();
    }

    @Test
    void tellsScriptsThatTakeTurnsTheirDue() {
        Script one = new Script();
        Script other = new Script();

        for (int i = 0; i < TURNS; i++) {
            enter(one, 10);
            bytes += 1_000_000;
            enter(other, 30);
        }

        assertThat(one.allocated).isEqualTo(10L * TURNS);
        assertThat(other.allocated).isEqualTo(30L * TURNS);
    }
}
