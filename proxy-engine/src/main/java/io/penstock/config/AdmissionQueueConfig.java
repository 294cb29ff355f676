package io.penstock.config;

import java.time.Duration;

/** Where requests wait for their turn, with nothing of their bodies read. */
public record AdmissionQueueConfig(
        @Doc("How many may wait at once, over all workers; 0 for none.") @Default("1000")
        int max,

        @Doc("How long one may wait.") @Default("2s") Duration timeout,

        @Doc("Who goes first among equals: fifo the oldest; adaptive the same, but the newest once the queue has not "
                + "been empty for 100 ms.")
        @Default("adaptive")
        QueueOrder order) {
    /** Workers look whether something has become free every 16 ms. */
    private static final Duration TIMEOUT_MIN = Duration.ofMillis(20);

    private static final Duration TIMEOUT_MAX = Duration.ofMinutes(5);

    public AdmissionQueueConfig {
        new ValueChecks()
                .between("max", max, 0, 1_000_000)
                .require(
                        timeout.compareTo(TIMEOUT_MIN) >= 0 && timeout.compareTo(TIMEOUT_MAX) <= 0,
                        "timeout",
                        "found " + DurationText.format(timeout) + ", wanted 20ms to 5m")
                .end();
    }

    /** A queue of so many for so long, in the usual order. */
    public static AdmissionQueueConfig of(int max, Duration timeout) {
        return new AdmissionQueueConfig(max, timeout, QueueOrder.ADAPTIVE);
    }
}
