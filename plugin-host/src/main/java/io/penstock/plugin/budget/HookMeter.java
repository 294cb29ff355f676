package io.penstock.plugin.budget;

import io.penstock.mark.SharedByWorkers;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What one hook costs on one worker: its time inside the script, that of what it left to run later, and the time from
 * call to settlement where it waited. The worker records, others read without stopping it. Histograms are made when
 * something is first recorded: 1 us to 60 s, two significant digits.
 */
@SharedByWorkers
public final class HookMeter {
    /** Shorter times count as this. */
    public static final long LOWEST_NS = 1_000;

    /** Longer times count as this. */
    public static final long HIGHEST_NS = 60_000_000_000L;

    /** Significant digits. */
    public static final int DIGITS = 2;

    private final Series inside = new Series();
    private final Series later = new Series();
    private final Series waiting = new Series();
    private volatile long failures;

    /** Makes one with nothing in it. */
    public HookMeter() {}

    /** Records one entry. The worker only. */
    public void entered(long ns) {
        inside.record(ns);
    }

    /** Records a piece of script that the hook left to run later: what follows an await, a timer, a reply. The worker only. */
    public void ranLater(long ns) {
        later.record(ns);
    }

    /** Counts a call that failed. The worker only. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // One writer.
    public void failed() {
        failures++;
    }

    /** How many calls failed. Any thread. */
    public long failures() {
        return failures;
    }

    /** Records the time to the settlement of a hook that waited. The worker only. */
    public void waited(long ns) {
        waiting.record(ns);
    }

    /** Adds the times inside to a histogram made by {@link #newHistogram()}. Any thread. */
    public void addInside(Histogram into) {
        inside.addTo(into);
    }

    /** Adds the times of what ran later. Any thread. */
    public void addLater(Histogram into) {
        later.addTo(into);
    }

    /** Adds the waiting times. Any thread. */
    public void addWaiting(Histogram into) {
        waiting.addTo(into);
    }

    /** A histogram with this meter's bounds. */
    public static Histogram newHistogram() {
        return new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);
    }

    private static final class Series {
        private volatile @Nullable SingleWriterRecorder recorder;
        private @Nullable Histogram total;
        private @Nullable Histogram interval;

        void record(long ns) {
            SingleWriterRecorder open = recorder;
            if (open == null) {
                open = new SingleWriterRecorder(LOWEST_NS, HIGHEST_NS, DIGITS);
                recorder = open;
            }
            open.recordValue(Math.clamp(ns, 0, HIGHEST_NS));
        }

        synchronized void addTo(Histogram into) {
            SingleWriterRecorder open = recorder;
            if (open == null) {
                return;
            }
            Histogram all = total == null ? newHistogram() : total;
            interval = open.getIntervalHistogram(interval);
            all.add(interval);
            total = all;
            into.add(all);
        }
    }
}
