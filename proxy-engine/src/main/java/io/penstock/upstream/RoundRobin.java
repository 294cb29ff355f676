package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * Smooth weighted round robin.
 *
 * <p>Each endpoint has a credit. A choice adds every endpoint's weight to its credit, takes the endpoint with the most, and
 * takes the sum of the weights off that one. Over any run of as many choices as the weights add up to, each endpoint is
 * chosen exactly as often as its weight says, and its turns lie as far apart as they can. Invariant: the credits add up to
 * 0. Source: nginx, ngx_http_upstream_round_robin.c.
 *
 * <p>Each worker begins at a place of its own in the cycle, chosen by chance: else the first requests of all workers would
 * meet at the first endpoint.
 */
@WorkerConfined
final class RoundRobin implements Balancer {
    private final Chance chance;

    // A request that has tried nothing yet, for the turns that nobody asked for.
    private final OpenRequest anyRequest = new OpenRequest();

    RoundRobin(Chance chance) {
        this.chance = chance;
    }

    @Override
    public @Nullable Endpoint choose(Endpoint[] usable, OpenRequest request) {
        Endpoint best = null;
        long bestCredit = Long.MIN_VALUE;
        long weights = 0;
        for (Endpoint endpoint : usable) {
            if (!request.hasTried(endpoint)) {
                long weight = endpoint.share();
                endpoint.roundRobinCredit += weight;
                weights += weight;
                if (endpoint.roundRobinCredit > bestCredit) {
                    best = endpoint;
                    bestCredit = endpoint.roundRobinCredit;
                }
            }
        }
        if (best != null) {
            best.roundRobinCredit -= weights;
        }
        return best;
    }

    @Override
    public void endpointsChanged(Endpoint[] usable, EndpointList all) {
        for (Endpoint endpoint : usable) {
            endpoint.roundRobinCredit = 0;
        }
        if (usable.length > 1) {
            for (int turns = chance.below(usable.length); turns > 0; turns--) {
                choose(usable, anyRequest);
            }
        }
    }

    @Override
    public void weightsChanged(Endpoint[] usable) {
        // Looked up at each choice.
    }
}
