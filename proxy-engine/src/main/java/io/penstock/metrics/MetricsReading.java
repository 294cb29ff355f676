package io.penstock.metrics;

import java.util.List;
import java.util.Map;

/** Everything observed, merged over workers, as it stood at one moment. Immutable. */
public final class MetricsReading {
    private final long[] totals;
    private final long[] refusals;
    private final Map<Family, List<SeriesReading>> series;
    private final LatencyReading requestLatency;
    private final LatencyReading upstreamLatency;
    private final LatencyReading admissionWait;
    private final List<Sample> samples;

    MetricsReading(
            long[] totals,
            long[] refusals,
            Map<Family, List<SeriesReading>> series,
            LatencyReading requestLatency,
            LatencyReading upstreamLatency,
            LatencyReading admissionWait,
            List<Sample> samples) {
        this.totals = totals;
        this.refusals = refusals;
        this.series = Map.copyOf(series);
        this.requestLatency = requestLatency;
        this.upstreamLatency = upstreamLatency;
        this.admissionWait = admissionWait;
        this.samples = List.copyOf(samples);
    }

    /** A counter's value. */
    public long value(Counter counter) {
        return totals[counter.index()];
    }

    /** How often a reason was counted. */
    public long value(Reason reason) {
        return refusals[reason.index()];
    }

    /** The members of a family that have series, by name, and {@link SeriesNames#OTHER} last if anything was counted there. */
    public List<SeriesReading> series(Family family) {
        return series.getOrDefault(family, List.of());
    }

    /** From a request's first byte to its response's last. */
    public LatencyReading requestLatency() {
        return requestLatency;
    }

    /** From a request's head sent to an endpoint to its answer's last byte. */
    public LatencyReading upstreamLatency() {
        return upstreamLatency;
    }

    /** From joining the queue of an admission to leaving it, let in or not. */
    public LatencyReading admissionWait() {
        return admissionWait;
    }

    /** What the sources beside the workers said. */
    public List<Sample> samples() {
        return samples;
    }
}
