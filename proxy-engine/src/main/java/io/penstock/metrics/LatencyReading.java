package io.penstock.metrics;

import java.util.List;
import org.HdrHistogram.Histogram;

/** Durations of all workers since the start, as they stood at one moment. Immutable. */
public final class LatencyReading {
    private final Histogram histogram;
    private final long sumNs;

    private LatencyReading(Histogram histogram, long sumNs) {
        this.histogram = histogram;
        this.sumNs = sumNs;
    }

    static LatencyReading of(List<LatencyRecorder> recorders) {
        Histogram merged = LatencyRecorder.newHistogram();
        long sumNs = 0;
        for (LatencyRecorder recorder : recorders) {
            recorder.addTo(merged);
            sumNs += recorder.sumNs();
        }
        return new LatencyReading(merged, sumNs);
    }

    /** How many durations. */
    public long count() {
        return histogram.getTotalCount();
    }

    /** Their sum, in nanoseconds. */
    public long sumNs() {
        return sumNs;
    }

    /** The duration that {@code percent} of all do not exceed, in nanoseconds, exact to 1 %; 0 if there are none. */
    public long percentileNs(double percent) {
        return histogram.getTotalCount() == 0 ? 0 : histogram.getValueAtPercentile(percent);
    }

    /** The longest, in nanoseconds, exact to 1 %; 0 if there are none. */
    public long maxNs() {
        return histogram.getMaxValue();
    }

    /** How many do not exceed {@code ns}, exact to 1 % of {@code ns}. */
    public long countUpTo(long ns) {
        return histogram.getTotalCount() == 0 ? 0 : histogram.getCountBetweenValues(0, ns);
    }
}
