package io.penstock.limit;

import io.penstock.config.RetryCondition;
import io.penstock.mark.SharedByWorkers;
import java.util.BitSet;
import java.util.List;

/** What another try may follow, compiled. Immutable; asked without allocation. */
@SharedByWorkers
public final class RetryCauses {
    private static final int STATUSES_END = 600;

    private final boolean hasConnectFailure;
    private final boolean hasReset;
    private final boolean hasTimeout;
    // Written in the constructor only.
    private final BitSet statuses = new BitSet(STATUSES_END);

    RetryCauses(List<RetryCondition> conditions) {
        boolean connectFailure = false;
        boolean reset = false;
        boolean timeout = false;
        for (RetryCondition condition : conditions) {
            switch (condition.kind()) {
                case CONNECT_FAILURE -> connectFailure = true;
                case RESET -> reset = true;
                case TIMEOUT -> timeout = true;
                case SERVER_ERROR -> statuses.set(500, STATUSES_END);
                case STATUS -> statuses.set(condition.status());
            }
        }
        hasConnectFailure = connectFailure;
        hasReset = reset;
        hasTimeout = timeout;
    }

    /** Whether a connection that could not be made is one. */
    public boolean hasConnectFailure() {
        return hasConnectFailure;
    }

    /** Whether a connection that was lost before the answer is one. */
    public boolean hasReset() {
        return hasReset;
    }

    /** Whether an answer that does not come in time is one. */
    public boolean hasTimeout() {
        return hasTimeout;
    }

    /** Whether an answer with this status is one. */
    public boolean has(int status) {
        return statuses.get(status);
    }

    /** Whether there is one after which the endpoint may have seen the request. */
    public boolean isAfterSending() {
        return hasReset || hasTimeout || !statuses.isEmpty();
    }
}
