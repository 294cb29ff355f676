package io.penstock.admin.store;

import java.util.Optional;

/**
 * How the store is doing, for {@code /v1/node} and alarms. Read without asking the store's thread.
 *
 * @param lastProblem the problem of the last write; absent once a write succeeded again
 * @param exportProblem the problem of the last export of a snapshot; absent once one succeeded again
 * @param exportedRevision the revision of the newest exported snapshot; 0 if there is none
 * @param waitingWrites writes that wait for the store's thread
 * @param writesRefused writes refused since start
 */
public record StoreHealth(
        Optional<StoreProblem> lastProblem,
        Optional<StoreProblem> exportProblem,
        long exportedRevision,
        int waitingWrites,
        long writesRefused) {

    public boolean isHealthy() {
        return lastProblem.isEmpty() && exportProblem.isEmpty();
    }
}
