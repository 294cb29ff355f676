package io.penstock.exchange;

/** Which hook of a filter runs or is waited for. */
enum Hook {
    /** None: the filter's views are closed. */
    NONE,
    /** The request's head, before an endpoint is asked. */
    REQUEST,
    /** The request's head, before one try. */
    UPSTREAM_REQUEST,
    /** A part of the request's body. */
    REQUEST_BODY,
    /** The response's head. */
    RESPONSE,
    /** A part of the response's body. */
    RESPONSE_BODY,
    /** The response's trailers. */
    TRAILERS,
    /** One that is told something and has no say. */
    TOLD;

    boolean isOfHead() {
        return this == REQUEST || this == RESPONSE;
    }
}
