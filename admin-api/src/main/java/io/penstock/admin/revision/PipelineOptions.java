package io.penstock.admin.revision;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The pipeline's bounds and clocks.
 *
 * @param waitingMax edits that may wait; one more is {@link EditResult.Busy}
 * @param batchMax edits that share one flush and one adoption
 * @param keyLife how long an idempotency key is remembered
 * @param clock wall time, for what people read
 * @param nanoClock monotonic nanoseconds, for what is waited for
 */
public record PipelineOptions(int waitingMax, int batchMax, Duration keyLife, Clock clock, LongSupplier nanoClock) {

    public static PipelineOptions defaults() {
        return new PipelineOptions(1024, 64, Duration.ofHours(24), Clock.systemUTC(), System::nanoTime);
    }

    public PipelineOptions withClocks(Clock wall, LongSupplier monotonic) {
        return new PipelineOptions(waitingMax, batchMax, keyLife, wall, monotonic);
    }
}
