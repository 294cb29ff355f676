package io.penstock.config;

/** What a listener speaks. */
public enum Protocol implements Choice {
    /** HTTP in clear text. */
    HTTP,
    /** HTTP over TLS. */
    HTTPS,
    /** Bytes, passed on as they are. */
    TCP,
    /** TLS, passed on by its server name. */
    TLS
}
