package io.penstock.upstream;

import io.penstock.limit.PermitTable;
import io.penstock.mark.WorkerConfined;

/**
 * This worker's part in the permits of one upstream, and how workers take turns when {@code pool.max} is reached.
 *
 * <p>Permits are exact over all workers, connections are not shared. So a worker may hold all permits, idle or busy, while
 * requests of another wait. Both see that in the permit cell of waiting requests, which every worker reads for next to
 * nothing as it is written only while the pool is exhausted. While others wait:
 * <ul>
 *   <li>idle connections are closed at the next pressure check, as many as requests wait elsewhere;
 *   <li>a worker with more than its even share of the permits closes a connection instead of using it again, at most one
 *       every {@link #YIELD_EVERY_NS}, and then takes no permit for {@link #STAND_BACK_NS}, longer than the others' polls
 *       lie apart: the permit reaches one of them.
 * </ul>
 * Waking the other worker would need a message from worker to worker, which the house does not have; polling costs only
 * those that wait. The rate of yielding is bounded, since each costs a new connection.
 */
@WorkerConfined
final class PermitShare {
    /** How often waiting requests look for a permit, in nanoseconds: the tick of the wheel. */
    static final long POLL_NS = 16_000_000L;

    /** The least time between two connections closed for the sake of others, in nanoseconds. */
    static final long YIELD_EVERY_NS = 16_000_000L;

    /** How long no permit is taken after one was yielded, in nanoseconds. */
    static final long STAND_BACK_NS = 3 * POLL_NS;

    private final PermitTable permits;
    private final int workers;
    // The upstream keeps its slots as long as it exists.
    private final int connectionSlot;
    private final int pendingSlot;
    private long nextYieldNs = Long.MIN_VALUE;
    private long standBackUntilNs = Long.MIN_VALUE;

    PermitShare(PermitTable permits, int workers, int connectionSlot, int pendingSlot) {
        this.permits = permits;
        this.workers = workers;
        this.connectionSlot = connectionSlot;
        this.pendingSlot = pendingSlot;
    }

    boolean tryAcquireConnection(int connectionsMax, int waitingHere, long nowNs) {
        if (nowNs < standBackUntilNs && waitingElsewhere(waitingHere) > 0) {
            return false;
        }
        return permits.tryAcquire(connectionSlot, connectionsMax);
    }

    void releaseConnection() {
        permits.release(connectionSlot);
    }

    boolean tryAcquirePending(int pendingMax) {
        return permits.tryAcquire(pendingSlot, pendingMax);
    }

    void releasePending() {
        permits.release(pendingSlot);
    }

    /** How many idle connections of this worker others have more need of. */
    long wantedElsewhere(int connectionsMax, int waitingHere) {
        long waiting = waitingElsewhere(waitingHere);
        return waiting > 0 && permits.inUse(connectionSlot) >= connectionsMax ? waiting : 0;
    }

    /** Whether a connection that could be used again shall be closed: {@code pool.max} was lowered, or it is others' turn. */
    boolean mustGiveUp(int connectionsMax, int connectionsHere, int waitingHere, long nowNs) {
        long inUse = permits.inUse(connectionSlot);
        if (inUse > connectionsMax) {
            return true;
        }
        if (inUse < connectionsMax
                || waitingElsewhere(waitingHere) == 0
                || connectionsHere <= connectionsMax / workers
                || nowNs < nextYieldNs) {
            return false;
        }
        nextYieldNs = nowNs + YIELD_EVERY_NS;
        standBackUntilNs = nowNs + STAND_BACK_NS;
        return true;
    }

    private long waitingElsewhere(int waitingHere) {
        return permits.inUse(pendingSlot) - waitingHere;
    }
}
