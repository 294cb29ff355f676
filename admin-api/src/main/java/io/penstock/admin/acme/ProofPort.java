package io.penstock.admin.acme;

import io.penstock.engine.DomainProof;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where proofs of names are shown to authorities. */
@FunctionalInterface
public interface ProofPort {
    /**
     * Shows these in place of those before.
     *
     * @return completes when whoever asks is shown them
     */
    CompletionStage<Void> prove(List<DomainProof> proofs);
}
