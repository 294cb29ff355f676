package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Durations that one worker observed: recorded by that worker alone, read by any other thread without stopping it.
 *
 * <p>Two HdrHistograms change places under a writer-reader phaser: the worker's part is wait-free, two uncontended atomic
 * additions; a reader waits until the worker has left the histogram that it takes, which is nanoseconds. What readers took
 * is added up here, so several of them do not take from each other. From 1 us to 1 h with two significant digits; about 80 KB.
 */
@SharedByWorkers
public final class LatencyRecorder {
    static final long LOWEST_NS = 1_000;
    static final long HIGHEST_NS = 3_600_000_000_000L;
    static final int DIGITS = 2;

    private static final VarHandle SUM;

    static {
        try {
            SUM = MethodHandles.lookup().findVarHandle(LatencyRecorder.class, "sumNs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(LOWEST_NS, HIGHEST_NS, DIGITS);
    private final Histogram total = newHistogram();
    private Histogram interval = recorder.getIntervalHistogram();

    @SuppressWarnings("UnusedVariable") // read and written through SUM
    private long sumNs;

    static Histogram newHistogram() {
        return new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);
    }

    /** Records one duration; what is out of range counts as the nearest bound. The worker only. */
    public void record(long ns) {
        long bounded = Math.clamp(ns, 0, HIGHEST_NS);
        recorder.recordValue(bounded);
        SUM.setOpaque(this, (long) SUM.getOpaque(this) + bounded);
    }

    /** Adds all that was recorded since the start to {@code into}. Any thread but the worker. */
    synchronized void addTo(Histogram into) {
        interval = recorder.getIntervalHistogram(interval);
        total.add(interval);
        into.add(total);
    }

    /** The sum of all durations since the start, in nanoseconds. Any thread. */
    long sumNs() {
        return (long) SUM.getOpaque(this);
    }
}
