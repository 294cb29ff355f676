package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/** Chooses the endpoint of a request, for one upstream on one worker. */
@WorkerConfined
sealed interface Balancer permits RoundRobin, LeastRequests, Ewma, Maglev {
    /**
     * Chooses one that the request has not tried. On the request path, so a null instead of an Optional.
     *
     * @param usable those that take requests, as {@link #endpointsChanged} heard of them
     * @return null if the request has tried all of them
     */
    @Nullable
    Endpoint choose(Endpoint[] usable, OpenRequest request);

    /** Hears that there are others, or that others take requests, than before. */
    void endpointsChanged(Endpoint[] usable, EndpointList all);

    /** Hears that the same have other weights than before. */
    void weightsChanged(Endpoint[] usable);
}
