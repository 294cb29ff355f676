package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;

/**
 * What workers share about one upstream beside its permits. Found by the upstream's name, so that it survives revisions.
 *
 * @param requests those under way
 * @param furtherTries those under way
 * @param adaptive how many may be under way, as answers tell
 * @param breaker whether tries pass
 * @param retries what its requests have earned of further tries
 */
@SharedByWorkers
public record Circuit(
        Occupancy requests, Occupancy furtherTries, AdaptiveLimit adaptive, Breaker breaker, RetryBudget retries) {
    /** A circuit of which nothing is known yet. */
    public Circuit() {
        this(new Occupancy(), new Occupancy(), new AdaptiveLimit(), new Breaker(), new RetryBudget());
    }
}
