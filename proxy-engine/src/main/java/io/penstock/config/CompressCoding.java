package io.penstock.config;

/** A content coding that responses may get. */
public enum CompressCoding implements Choice {
    /** RFC 1952. */
    GZIP,
    /** RFC 7932. */
    BR,
    /** RFC 8878. */
    ZSTD
}
