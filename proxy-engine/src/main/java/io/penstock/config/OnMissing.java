package io.penstock.config;

/** What becomes of a request that lacks a part of a limit's key. */
public enum OnMissing implements Choice {
    /** All that lack it share one bucket. */
    SHARE,
    /** The limit does not hold for it. */
    SKIP,
    /** It is refused with 400. */
    REFUSE
}
