package io.penstock.exchange.admission;

import io.penstock.limit.AdmissionPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.jspecify.annotations.Nullable;

/** Whoever asks a gate to be let in: linked into its queue without an object of its own for that. The gate's worker calls. */
@WorkerConfined
public abstract class Waiter {
    /** Stands for a cell that is not held. */
    public static final int NO_CELL = -1;

    // Links, class and cells of the queue; kept by the gate.
    @Nullable
    Waiter previous;

    @Nullable
    Waiter next;

    int rank;
    int queueCell = NO_CELL;
    int rankCell = NO_CELL;
    long sinceNs;
    long deadlineNs;

    /** In no queue. */
    protected Waiter() {}

    /** It is let in, to a place that it gives back to the gate once. */
    protected abstract void passed(int cell);

    /** It is in the queue from now on. */
    protected abstract void waits();

    /** It has waited and may go on. */
    protected abstract void goOn(AdmissionPlan plan);

    /** It has left the queue without a place past admission. */
    protected abstract void turnedAway(AdmissionPlan plan, Reason reason);
}
