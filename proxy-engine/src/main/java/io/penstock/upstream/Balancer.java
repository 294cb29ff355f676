package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;

/** Chooses the endpoint of a request, for one upstream on one worker. */
@WorkerConfined
sealed interface Balancer permits RoundRobin, LeastRequests {
    /** No endpoint may be used. */
    int NONE = -1;

    /**
     * Chooses among the endpoints that may be used: granted, of a weight above 0, and not tried by this request.
     *
     * @return an index of {@code endpoints}, or {@link #NONE}
     */
    int choose(Endpoint[] endpoints, OpenRequest request);

    /** Hears that the endpoints are others than before, or have other weights. */
    void endpointsChanged(Endpoint[] endpoints);
}
