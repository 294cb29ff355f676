package io.penstock.exchange.limits;

import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;

/** What became of a request at a limit. */
public enum LimitOutcome {
    /** There was room, or the limit lets pass where its table has none. */
    TAKEN(Reason.INTERNAL, SeriesCounter.LIMIT_TAKEN),
    /** A rate is exhausted. */
    RATE_LIMITED(Reason.RATE_LIMITED, SeriesCounter.LIMIT_RATE_LIMITED),
    /** A quota is used up. */
    QUOTA_EXHAUSTED(Reason.QUOTA_EXHAUSTED, SeriesCounter.LIMIT_QUOTA_EXHAUSTED),
    /** As much is under way as may be at once. */
    CONCURRENCY_LIMITED(Reason.CONCURRENCY_LIMITED, SeriesCounter.LIMIT_CONCURRENCY_LIMITED),
    /** A limit's table of keys is full, and the limit refuses then. */
    TABLE_FULL(Reason.RATE_TABLE_FULL, SeriesCounter.LIMIT_TABLE_FULL),
    /** The request lacks a part of a limit's key, and the limit refuses then. */
    KEY_MISSING(Reason.LIMIT_KEY_MISSING, SeriesCounter.LIMIT_KEY_MISSING);

    private final Reason reason;
    private final SeriesCounter counter;

    LimitOutcome(Reason reason, SeriesCounter counter) {
        this.reason = reason;
        this.counter = counter;
    }

    /** Why the request is refused; of no meaning where it is not. */
    public Reason reason() {
        return reason;
    }

    /** What it is counted by. */
    SeriesCounter counter() {
        return counter;
    }
}
