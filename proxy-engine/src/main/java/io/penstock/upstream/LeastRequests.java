package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;

/**
 * The power of two choices: of two endpoints chosen by chance, the one that would be less loaded takes the request, load
 * being requests in flight on this worker, the new one included, by weight. Nearly as even as looking at all endpoints,
 * and workers that know nothing of each other do not herd to the same one. Source: M. Mitzenmacher, The Power of Two
 * Choices in Randomized Load Balancing, IEEE TPDS 12 (2001).
 */
@WorkerConfined
final class LeastRequests implements Balancer {
    private final Chance chance;

    LeastRequests(Chance chance) {
        this.chance = chance;
    }

    @Override
    public int choose(Endpoint[] endpoints, OpenRequest request) {
        int usable = 0;
        for (Endpoint endpoint : endpoints) {
            if (endpoint.mayTake(request)) {
                usable++;
            }
        }
        if (usable == 0) {
            return NONE;
        }
        int first = chance.below(usable);
        if (usable == 1) {
            return nthUsable(endpoints, request, first);
        }
        // One of the others, each as likely as the next: a place in what is left, moved past the first.
        int second = chance.below(usable - 1);
        if (second >= first) {
            second++;
        }
        int a = nthUsable(endpoints, request, first);
        int b = nthUsable(endpoints, request, second);
        return isLessLoaded(endpoints[b], endpoints[a]) ? b : a;
    }

    @Override
    public void endpointsChanged(Endpoint[] endpoints) {
        // Nothing is remembered between choices.
    }

    private static int nthUsable(Endpoint[] endpoints, OpenRequest request, int n) {
        int left = n;
        for (int i = 0; i < endpoints.length; i++) {
            if (endpoints[i].mayTake(request) && left-- == 0) {
                return i;
            }
        }
        throw new IllegalStateException("fewer usable endpoints than were counted");
    }

    // (a.inFlight + 1) / a.weight < (b.inFlight + 1) / b.weight, without dividing.
    private static boolean isLessLoaded(Endpoint a, Endpoint b) {
        return (a.inFlightRequests() + 1L) * b.weight() < (b.inFlightRequests() + 1L) * a.weight();
    }
}
