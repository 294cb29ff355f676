package io.penstock.http;

/** What becomes of the connection after a response, as Connection tells the peer. */
public enum Persistence {
    /** It stays, as HTTP/1.1 takes for granted: nothing is written. */
    KEEP,
    /** It stays, which an HTTP/1.0 client must be told. */
    KEEP_TOLD,
    /** It closes. */
    CLOSE,
    /** It becomes a tunnel for the protocol that Upgrade names. */
    UPGRADE
}
