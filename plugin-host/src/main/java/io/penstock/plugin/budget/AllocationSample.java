package io.penstock.plugin.budget;

import org.jspecify.annotations.Nullable;

/**
 * What scripts allocate, from every {@link #STRIDE}th entry of a thread into any of them: exact for that entry, and taken
 * for as many. So it costs an entry 2 to 3 ns on average, and over many entries each script is told its due. The stride
 * is a prime, so that scripts that take turns are not missed.
 *
 * <p>The gauge's thread only.
 */
final class AllocationSample {
    /** Of so many entries one is measured. */
    static final int STRIDE = 61;

    private final ThreadMeter meter;
    private int entries;
    private long before;

    AllocationSample(ThreadMeter meter) {
        this.meter = meter;
    }

    void entered() {
        if (++entries == STRIDE) {
            before = meter.allocatedBytesHere();
        }
    }

    void left(@Nullable Stoppable script) {
        if (entries == STRIDE && script != null) {
            entries = 0;
            script.allocated((meter.allocatedBytesHere() - before) * STRIDE);
        }
    }
}
