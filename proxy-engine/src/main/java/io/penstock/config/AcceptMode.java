package io.penstock.config;

/** Who accepts a listener's connections. */
public enum AcceptMode implements Choice {
    /** Every worker, on a socket of its own; the kernel spreads. */
    REUSEPORT,
    /** One worker, which hands each connection to the least loaded. */
    BALANCED
}
