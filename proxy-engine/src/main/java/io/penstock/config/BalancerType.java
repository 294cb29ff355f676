package io.penstock.config;

/** How an upstream picks a target. */
public enum BalancerType implements Choice {
    /** In turn, by weight. */
    ROUND_ROBIN,
    /** The one with fewer requests in flight for its weight, of two picked by chance. */
    LEAST_REQUESTS
}
