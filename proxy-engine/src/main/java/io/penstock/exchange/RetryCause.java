package io.penstock.exchange;

import io.penstock.metrics.Counter;

/** What a try came to that another one follows. */
enum RetryCause {
    CONNECT_FAILURE(Counter.RETRIES_AFTER_CONNECT_FAILURE),
    RESET(Counter.RETRIES_AFTER_RESET),
    TIMEOUT(Counter.RETRIES_AFTER_TIMEOUT),
    STATUS(Counter.RETRIES_AFTER_STATUS),
    /** A pooled connection turned out to be closed before anything came of it. */
    STALE_CONNECTION(Counter.RETRIES_STALE);

    private final Counter counter;

    RetryCause(Counter counter) {
        this.counter = counter;
    }

    Counter counter() {
        return counter;
    }
}
