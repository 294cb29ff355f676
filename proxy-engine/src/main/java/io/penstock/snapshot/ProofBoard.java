package io.penstock.snapshot;

import io.penstock.mark.WorkerConfined;

/** Where a worker looks for what it shows to certificate authorities. */
@WorkerConfined
public final class ProofBoard {
    private DomainProofs current = DomainProofs.NONE;

    /** What is shown now. */
    public DomainProofs current() {
        return current;
    }

    /** Shows these from now on. */
    public void show(DomainProofs proofs) {
        current = proofs;
    }
}
