package io.penstock.upstream;

import io.penstock.discovery.OutcomeReport;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Timer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells the control thread what became of one upstream's requests on one worker: soon after a failure, else about once a
 * second, and nothing while there is nothing to tell. However many requests there are, there are no more reports.
 */
@WorkerConfined
final class OutcomeWatch extends Timer {
    /** How long after a failure a report leaves at most, in nanoseconds. */
    static final long FAILURE_NS = 48_000_000L;

    /** How long after a success it does. */
    static final long SUCCESS_NS = 1_000_000_000L;

    private static final long NEVER = Long.MAX_VALUE;

    private final Upstream upstream;
    private boolean isOn;
    private long dueNs = NEVER;

    OutcomeWatch(Upstream upstream) {
        this.upstream = upstream;
    }

    /** Whether anybody wants to know. */
    void on(boolean is) {
        isOn = is;
    }

    void firstByte(OutcomeTally tally, long tookNs) {
        if (isOn) {
            tally.firstByte(tookNs);
            reportWithin(SUCCESS_NS);
        }
    }

    void succeeded(OutcomeTally tally) {
        if (isOn) {
            tally.succeeded();
            reportWithin(SUCCESS_NS);
        }
    }

    void failed(OutcomeTally tally) {
        if (isOn) {
            tally.failed();
            reportWithin(FAILURE_NS);
        }
    }

    private void reportWithin(long lengthNs) {
        if (dueNs == NEVER || lengthNs < SUCCESS_NS) {
            long byNs = upstream.worker().loop().nowNs() + lengthNs;
            if (byNs < dueNs) {
                dueNs = byNs;
                upstream.worker().loop().wheel().arm(this, byNs);
            }
        }
    }

    @Override
    protected void expired(long nowNs) {
        dueNs = NEVER;
        List<OutcomeReport.Outcomes> outcomes = new ArrayList<>();
        for (int i = 0; i < upstream.endpointCount(); i++) {
            Endpoint endpoint = upstream.endpoint(i);
            if (!endpoint.outcomes().isEmpty()) {
                outcomes.add(endpoint.outcomes().take(endpoint.address()));
            }
        }
        if (isOn && !outcomes.isEmpty()) {
            upstream.worker().report(new OutcomeReport(upstream.name(), outcomes));
        }
    }
}
