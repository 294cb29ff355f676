package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;

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
    public int choose(Endpoint[] endpoints, OpenRequest request) {
        int best = NONE;
        long bestCredit = Long.MIN_VALUE;
        int weights = 0;
        for (int i = 0; i < endpoints.length; i++) {
            Endpoint endpoint = endpoints[i];
            if (endpoint.mayTake(request)) {
                endpoint.roundRobinCredit += endpoint.weight();
                weights += endpoint.weight();
                if (endpoint.roundRobinCredit > bestCredit) {
                    best = i;
                    bestCredit = endpoint.roundRobinCredit;
                }
            }
        }
        if (best != NONE) {
            endpoints[best].roundRobinCredit -= weights;
        }
        return best;
    }

    @Override
    public void endpointsChanged(Endpoint[] endpoints) {
        for (Endpoint endpoint : endpoints) {
            endpoint.roundRobinCredit = 0;
        }
        if (endpoints.length > 1) {
            for (int turns = chance.below(endpoints.length); turns > 0; turns--) {
                choose(endpoints, anyRequest);
            }
        }
    }
}
