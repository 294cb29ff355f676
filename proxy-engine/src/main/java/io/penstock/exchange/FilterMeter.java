package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.snapshot.FilterSlot;
import io.penstock.spi.Verdict;
import org.agrona.concurrent.NanoClock;

/**
 * What hooks of the gateway's own filters cost. Every call is counted; of about each sixteenth the time is taken, since reading
 * the clock twice takes longer than most of these hooks. Plugins tell of theirs by themselves.
 */
@WorkerConfined
public final class FilterMeter {
    private static final int GAP_BITS = 5;
    private static final long NOT_TIMED = 0;

    private final WorkerCounters counters;
    private final NanoClock clock;
    private int chance;
    private int callsLeft;

    /** Of one worker. */
    public FilterMeter(WorkerCounters counters, NanoClock clock) {
        this.counters = counters;
        this.clock = clock;
    }

    /** A hook is about to be called. @return when it is, or 0 if its time is not taken */
    long begin(FilterSlot slot) {
        if (slot.seriesId() < 0 || --callsLeft > 0) {
            return NOT_TIMED;
        }
        // Gaps of 1 to 32 calls by a linear congruence (Numerical Recipes): with equal ones a chain as long would
        // always show the
        // same hook.
        chance = chance * 1664525 + 1013904223;
        callsLeft = 1 + (chance >>> (Integer.SIZE - GAP_BITS));
        return clock.nanoTime() | 1;
    }

    /** It has said its verdict, or that it will later. */
    void end(FilterSlot slot, Hook hook, Verdict verdict, long beganNs) {
        if (slot.seriesId() < 0) {
            return;
        }
        int id = slot.seriesId() + Integer.numberOfTrailingZeros(hook.bit());
        counters.add(SeriesCounter.FILTER_CALLS, id, 1);
        if (verdict instanceof Verdict.Failed) {
            counters.add(SeriesCounter.FILTER_FAILURES, id, 1);
        }
        if (beganNs != NOT_TIMED) {
            counters.add(SeriesCounter.FILTER_TIMED_CALLS, id, 1);
            counters.add(SeriesCounter.FILTER_TIMED_NS, id, Math.max(0, clock.nanoTime() - beganNs));
        }
    }
}
