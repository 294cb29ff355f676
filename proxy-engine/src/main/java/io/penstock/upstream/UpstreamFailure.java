package io.penstock.upstream;

import io.penstock.metrics.Reason;

/**
 * Why a stream to an endpoint failed.
 *
 * @param reason the stable reason
 * @param retry what may be done about it
 */
public record UpstreamFailure(Reason reason, Retry retry) {
    /** Whether the request may be sent again. */
    public enum Retry {
        /** Nothing of the request left this host: any request may go to another endpoint. */
        NOTHING_SENT,
        /** The endpoint says that it has not looked at it: any request may go again, better to another. */
        REFUSED,
        /** A connection reused from the pool was closed with no byte of an answer: safe for repeatable requests. */
        STALE_CONNECTION,
        /** Something may have been done by the endpoint. */
        UNSAFE
    }
}
