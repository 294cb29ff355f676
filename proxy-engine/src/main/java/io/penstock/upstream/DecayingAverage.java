package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;

/**
 * An average of times to the first byte in which what is {@link #DECAY_NS} older counts for 1/e.
 *
 * <p>It follows a longer time at once and a shorter one slowly: who has become slow is found out by the first request, and
 * who was slow once is trusted again bit by bit. Without any samples it fades, so that an endpoint that was avoided is tried
 * again.
 */
@WorkerConfined
final class DecayingAverage {
    /** How fast the past fades, in nanoseconds. */
    static final long DECAY_NS = 10_000_000_000L;

    /** What a failure counts at least, in nanoseconds: an endpoint that fails at once must not look like the fastest. */
    static final long FAILURE_NS = 100_000_000L;

    private double averageNs;
    private long sampledNs;

    /** Takes a time. */
    void add(long tookNs, long nowNs) {
        double past = nsAt(nowNs);
        double weight = Math.exp(-(double) Math.max(0, nowNs - sampledNs) / DECAY_NS);
        averageNs = tookNs > past ? tookNs : averageNs * weight + tookNs * (1 - weight);
        sampledNs = nowNs;
    }

    /** Takes a failure, as twice the time that would have been expected. */
    void failed(long nowNs) {
        averageNs = Math.max(FAILURE_NS, 2 * nsAt(nowNs));
        sampledNs = nowNs;
    }

    /** The average, in nanoseconds; 0 if there was no sample. */
    double nsAt(long nowNs) {
        return averageNs * Math.exp(-(double) Math.max(0, nowNs - sampledNs) / DECAY_NS);
    }
}
