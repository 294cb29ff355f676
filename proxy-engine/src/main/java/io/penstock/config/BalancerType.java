package io.penstock.config;

/** How an upstream picks a target. */
public enum BalancerType implements Choice {
    /** In turn, by weight. */
    ROUND_ROBIN,
    /** The one with fewer requests in flight for its weight, of two picked by chance. */
    LEAST_REQUESTS,
    /** The one that would answer sooner by its recent times to the first byte, of two picked by chance. */
    EWMA,
    /** The one that the hash of {@code hashKey} belongs to. */
    MAGLEV,
    /** The one that a cookie of the gateway's says, else the one with fewer requests in flight, of two picked by chance. */
    STICKY
}
