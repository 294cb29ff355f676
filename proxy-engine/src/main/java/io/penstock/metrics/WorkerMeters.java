package io.penstock.metrics;

import io.penstock.mark.WorkerConfined;

/**
 * All that one worker measures with. The worker writes; readers go through {@link Metrics}.
 *
 * @param counters what is counted
 * @param requestLatency from a request's first byte to its response's last
 * @param upstreamLatency from a request's head sent to its answer's last byte
 * @param admissionWait from joining the queue of an admission to leaving it
 * @param accessLog the worker's end of its ring of access records
 * @param heads heads of some of its requests
 */
@WorkerConfined
public record WorkerMeters(
        WorkerCounters counters,
        LatencyRecorder requestLatency,
        LatencyRecorder upstreamLatency,
        LatencyRecorder admissionWait,
        AccessPublisher accessLog,
        HeadSamples heads) {}
