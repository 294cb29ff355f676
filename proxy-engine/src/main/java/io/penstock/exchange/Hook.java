package io.penstock.exchange;

import io.penstock.snapshot.FilterSlot;

/** Which hook of a filter runs or is waited for. */
enum Hook {
    /** None: the filter's views are closed. */
    NONE(0),
    /** The request's head, before an endpoint is asked. */
    REQUEST(FilterSlot.REQUEST),
    /** The request's head, before one try. */
    UPSTREAM_REQUEST(FilterSlot.UPSTREAM_REQUEST),
    /** A part of the request's body. */
    REQUEST_BODY(FilterSlot.REQUEST_BODY),
    /** The response's head. */
    RESPONSE(FilterSlot.RESPONSE),
    /** A part of the response's body. */
    RESPONSE_BODY(FilterSlot.RESPONSE_BODY),
    /** The response's trailers. */
    TRAILERS(FilterSlot.TRAILERS),
    /** The refusal or failure of the exchange, which it is told of. */
    ERROR(FilterSlot.ERROR),
    /** The end of the exchange, which it is told of. */
    LOG(FilterSlot.END);

    private final int bit;

    Hook(int bit) {
        this.bit = bit;
    }

    /** Its bit in {@link FilterSlot#hooks()}. */
    int bit() {
        return bit;
    }
}
