package io.penstock.config;

/** Where the client's address is taken from. */
public enum ClientAddressSource implements Choice {
    /** The other end of the connection. */
    PEER,
    /** X-Forwarded-For, as far as trusted peers wrote it. */
    X_FORWARDED_FOR,
    /** Forwarded (RFC 7239), as far as trusted peers wrote it. */
    FORWARDED
}
