package io.penstock.engine;

import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One revision on its way to the workers. */
public final class Adoption {
    private final long revision;
    private final CompletableFuture<Void> active = new CompletableFuture<>();
    private final BitSet pending;

    Adoption(long revision, int workers) {
        this.revision = revision;
        this.pending = new BitSet(workers);
        pending.set(0, workers);
    }

    /** The revision's number. */
    public long revision() {
        return revision;
    }

    /** Completes when the last worker serves the revision. Any thread. */
    public CompletionStage<Void> active() {
        return active.minimalCompletionStage();
    }

    /** Workers that do not serve it yet. Any thread. */
    public synchronized int pendingWorkers() {
        return pending.cardinality();
    }

    /** Control thread. */
    void adoptedBy(int worker) {
        boolean isLast;
        synchronized (this) {
            pending.clear(worker);
            isLast = pending.isEmpty();
        }
        if (isLast) {
            active.complete(null);
        }
    }
}
