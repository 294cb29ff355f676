package io.penstock.transport.tls;

/** How a handshake came to nothing. */
public enum TlsFailure {
    /** It was not done in time. */
    TIMEOUT,
    /** The peer ended the connection. */
    CLOSED,
    /** What the peer said was refused, by us or by itself. */
    REFUSED
}
