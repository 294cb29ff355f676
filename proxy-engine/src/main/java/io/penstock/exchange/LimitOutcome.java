package io.penstock.exchange;

import io.penstock.metrics.Reason;

/** What became of a request at its limits. */
enum LimitOutcome {
    /** Every limit had room. */
    TAKEN(Reason.INTERNAL),
    /** A rate is exhausted. */
    RATE_LIMITED(Reason.RATE_LIMITED),
    /** A limit's table of keys is full, and the limit refuses then. */
    TABLE_FULL(Reason.RATE_TABLE_FULL),
    /** The request lacks a part of a limit's key, and the limit refuses then. */
    KEY_MISSING(Reason.LIMIT_KEY_MISSING);

    private final Reason reason;

    LimitOutcome(Reason reason) {
        this.reason = reason;
    }

    /** Why the request is refused; of no meaning where it is not. */
    Reason reason() {
        return reason;
    }
}
