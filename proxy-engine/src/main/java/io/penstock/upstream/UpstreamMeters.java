package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.WorkerCounters;

/** What is counted of one upstream on one worker: in the sums over all upstreams, and under its own name. */
@WorkerConfined
final class UpstreamMeters {
    private final WorkerCounters counters;
    private int seriesId = -1;

    UpstreamMeters(WorkerCounters counters) {
        this.counters = counters;
    }

    /** The id of its own metrics, -1 where it counts among the others. */
    int seriesId() {
        return seriesId;
    }

    /** Counts under another id from now on, and takes those that wait along. */
    void countUnder(int id, int pendingRequests) {
        if (id != seriesId) {
            counters.add(SeriesCounter.UPSTREAM_PENDING, seriesId, -pendingRequests);
            seriesId = id;
            counters.add(SeriesCounter.UPSTREAM_PENDING, seriesId, pendingRequests);
        }
    }

    void tried() {
        counters.add(SeriesCounter.UPSTREAM_TRIES, seriesId, 1);
    }

    void tryFailed() {
        counters.add(Counter.UPSTREAM_FAILURES);
        counters.add(SeriesCounter.UPSTREAM_TRY_FAILURES, seriesId, 1);
    }

    void answered(int status) {
        counters.responded(SeriesCounter.UPSTREAM_RESPONSES_1XX, seriesId, status);
    }

    /** Requests began, or ceased, to wait for a connection. */
    void pending(int change) {
        counters.add(Counter.POOL_PENDING, change);
        counters.add(SeriesCounter.UPSTREAM_PENDING, seriesId, change);
    }

    void pendingRefused() {
        counters.add(SeriesCounter.UPSTREAM_PENDING_REFUSED, seriesId, 1);
    }

    void circuitRefused() {
        counters.add(SeriesCounter.UPSTREAM_CIRCUIT_REFUSALS, seriesId, 1);
    }

    void circuitOpened() {
        counters.add(Counter.CIRCUITS_OPENED);
        counters.add(SeriesCounter.UPSTREAM_CIRCUIT_OPENED, seriesId, 1);
    }

    void retryBudgetRefused() {
        counters.add(Counter.RETRY_BUDGET_REFUSALS);
        counters.add(SeriesCounter.UPSTREAM_RETRY_BUDGET_REFUSALS, seriesId, 1);
    }

    void connectionAdded() {
        counters.add(Counter.UPSTREAM_CONNECTIONS_OPEN);
    }

    void connectionGone() {
        counters.add(Counter.UPSTREAM_CONNECTIONS_OPEN, -1);
        counters.add(Counter.UPSTREAM_CLOSED);
    }

    /** Connections went into the pool, or left it. */
    void idle(int change) {
        counters.add(Counter.UPSTREAM_CONNECTIONS_IDLE, change);
    }
}
