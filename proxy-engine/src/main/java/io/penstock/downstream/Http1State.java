package io.penstock.downstream;

/** Where a client's HTTP/1 connection stands: what its next bytes are. */
enum Http1State {
    /** Between requests. */
    IDLE,
    /** A head is arriving. */
    HEAD,
    /** A body is arriving for the exchange. */
    BODY,
    /** The request is complete, the response is not. */
    AWAIT,
    /** The response is complete; the rest of the body is read and dropped, then the next request may come. */
    DRAIN,
    /** Opaque bytes. */
    TUNNEL,
    /** The last response has left; input is read and dropped until the peer closes. */
    LINGER,
    /** Gone, or only waiting for the last output to leave. */
    CLOSED
}
