package io.penstock.limit;

import io.penstock.config.AdaptiveConfig;
import io.penstock.mark.SharedByWorkers;

/**
 * An adaptive limit compiled.
 *
 * @param min the limit is never lower
 * @param max the limit is never higher
 * @param tolerance how many times as long as without a queue answers may take before it falls, above 1
 */
@SharedByWorkers
public record AdaptivePlan(int min, int max, double tolerance) {
    /** Compiles what the operator wrote. */
    public static AdaptivePlan of(AdaptiveConfig config) {
        return new AdaptivePlan(
                config.min(), config.max(), 1 + config.tolerance().basisPoints() / 10_000.0);
    }
}
