package io.penstock.upstream;

import io.penstock.config.LocalityConfig;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that take requests, by how near they are: in the own zone, in the own region, elsewhere; and how much of the
 * load each level gets.
 *
 * <p>A level gets as much as it can carry, the nearest first, and the next one what is left. It can carry all as long as its
 * usable endpoints have {@code spillBelow} of the weight of all that the level has; below that, as much less as there is
 * less of them. Where all levels together cannot carry it, each gets its part in proportion. Source: the priority levels
 * and the overprovisioning factor of Envoy, of which {@code spillBelow} is the inverse.
 */
@WorkerConfined
final class Nearness {
    /** Zone, region, elsewhere. */
    static final int LEVELS = 3;

    private static final int WHOLE = 1 << 20;
    private static final Endpoint[] NONE = new Endpoint[0];

    private final Endpoint[][] usable = {NONE, NONE, NONE};

    // Of a draw below WHOLE, which level it falls to.
    private final int[] drawnBelow = {WHOLE, WHOLE, WHOLE};
    private int levels = 1;

    /** How many levels there are. */
    int levels() {
        return levels;
    }

    /** Those of a level that take requests; not to be written to. */
    Endpoint[] usable(int level) {
        return usable[level];
    }

    /** A level, as often as it gets load. */
    int draw(Chance chance) {
        if (levels == 1) {
            return 0;
        }
        int drawn = chance.below(WHOLE);
        return drawn < drawnBelow[0] ? 0 : drawn < drawnBelow[1] ? 1 : 2;
    }

    /**
     * Works out who takes how much.
     *
     * @param locality where this gateway is; null if all endpoints are as near
     */
    void settle(@Nullable LocalityConfig locality, EndpointList endpoints) {
        if (locality == null) {
            levels = 1;
            usable[0] = endpoints.usable();
            return;
        }
        levels = LEVELS;
        int[] counts = new int[LEVELS];
        double[] weights = new double[LEVELS];
        double[] usableWeights = new double[LEVELS];
        for (Endpoint endpoint : endpoints.array()) {
            int level = levelOf(endpoint, locality);
            if (endpoint.mayBeUsedByConfig()) {
                weights[level] += endpoint.weight();
            }
            if (endpoint.isUsable()) {
                counts[level]++;
                usableWeights[level] += endpoint.weight();
            }
        }
        for (int level = 0; level < LEVELS; level++) {
            usable[level] = new Endpoint[counts[level]];
        }
        int[] at = new int[LEVELS];
        for (Endpoint endpoint : endpoints.usable()) {
            int level = levelOf(endpoint, locality);
            usable[level][at[level]++] = endpoint;
        }
        share(locality, weights, usableWeights);
    }

    private void share(LocalityConfig locality, double[] weights, double[] usableWeights) {
        double[] loads = new double[LEVELS];
        double left = 1;
        for (int level = 0; level < LEVELS; level++) {
            double healthy = weights[level] == 0 ? 0 : usableWeights[level] / weights[level];
            double carries = healthy == 0
                    ? 0
                    : Math.min(
                            1, healthy / Math.max(0.0001, locality.spillBelow().fraction()));
            loads[level] = Math.min(left, carries);
            left -= loads[level];
        }
        double sum = 1 - left;
        double below = 0;
        for (int level = 0; level < LEVELS; level++) {
            below += sum == 0 ? 0 : loads[level] / sum;
            drawnBelow[level] = (int) Math.round(below * WHOLE);
        }
    }

    // Null of a level of its own: who says nothing of where it is, is elsewhere.
    private static int levelOf(Endpoint endpoint, LocalityConfig locality) {
        boolean isSameRegion = endpoint.spec().region().equals(locality.region());
        if (locality.zone().isPresent()
                && isSameRegion
                && endpoint.spec().zone().equals(locality.zone())) {
            return 0;
        }
        return locality.region().isPresent() && isSameRegion ? 1 : 2;
    }
}
