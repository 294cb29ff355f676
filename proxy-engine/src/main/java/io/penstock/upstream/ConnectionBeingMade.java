package io.penstock.upstream;

import io.penstock.mark.WorkerConfined;

/** A connection that is being made for a request. */
@WorkerConfined
interface ConnectionBeingMade {
    /** The request does not want it any more. */
    void cancelConnecting();
}
