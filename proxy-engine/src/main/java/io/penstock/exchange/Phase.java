package io.penstock.exchange;

/** Where an exchange stands. The order of the constants is the order in which a request passes them. */
public enum Phase {
    /** In the pool, or its head is still arriving. */
    IDLE,
    /** The head is complete; the route is looked for. */
    ROUTE,
    /** Filters that need only the head: address lists, preflight answers. */
    ACCESS,
    /** Limits whose key the request itself says. */
    LIMITS,
    /** Filters that find out who calls. */
    AUTH,
    /** Limits whose key needs to know who calls. */
    CONSUMER_LIMITS,
    /** The request may have to wait for its turn. */
    ADMISSION,
    /** Edits, transforms, plugins. */
    TRANSFORM,
    /** A stream to an endpoint is being opened. */
    CONNECT,
    /** The request is with the endpoint, whose answer has not begun. */
    AWAIT,
    /** Response filters run. */
    RESPONSE,
    /** The response is on its way to the client. */
    RELAY,
    /** An own answer is on its way to the client. */
    ANSWER,
    /** Both directions are opaque bytes. */
    TUNNEL,
    /** Done; about to return to the pool. */
    ENDED
}
