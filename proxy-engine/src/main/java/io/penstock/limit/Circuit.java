package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;

/**
 * What workers share about one upstream beside its permits. Found by the upstream's name, so that it survives revisions.
 *
 * @param retries what its requests have earned of further tries
 */
@SharedByWorkers
public record Circuit(RetryBudget retries) {
    /** A circuit of which nothing is known yet. */
    public Circuit() {
        this(new RetryBudget());
    }
}
