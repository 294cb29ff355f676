package io.penstock.exchange.admission;

import io.penstock.limit.AdmissionPlan;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.mark.WorkerConfined;

/**
 * How workers take turns at one admission. A worker learns of those that wait elsewhere from the table's cells, which are
 * written only while requests wait, and leaves places free for them until they have looked, every
 * {@link AdmissionGate#POLL_NS}:
 * <ul>
 *   <li>as many as requests of a higher class wait elsewhere, but at most half of all, so that a worker that is stuck cannot
 *       keep all places empty;
 *   <li>what it holds beyond its even share, while requests that are not of a lower class than its own wait elsewhere:
 *       at once where that is much, else one place now and then, since each costs the time until the other has looked.
 * </ul>
 */
@WorkerConfined
final class AdmissionShare {
    /** How long places are left free for others, in nanoseconds: two of their looks. */
    static final long LEFT_FREE_NS = 2 * AdmissionGate.POLL_NS;

    /** How often a worker that holds a little more than its share leaves a place, in nanoseconds. */
    static final long TURN_NS = 256_000_000L;

    private final KeyedPermitTable permits;
    private final int workers;
    private long leftFree;
    private long leftFreeUntilNs = Long.MIN_VALUE;
    private long nextTurnNs = Long.MIN_VALUE;

    AdmissionShare(KeyedPermitTable permits, int workers) {
        this.permits = permits;
        this.workers = workers;
    }

    /** How many places may be taken, over all workers, by one of a class on this worker. */
    long places(AdmissionPlan plan, int rank, int waitingHere, AdmissionQueue[] queues, long nowNs) {
        int all = plan.concurrency();
        if (workers == 1 || plan.waiting(permits) <= waitingHere) {
            return all;
        }
        long forHigher = Math.min(waitingElsewhere(plan, rank, queues), Math.max(1, all / 2));
        long forTurns = nowNs < leftFreeUntilNs ? leftFree : 0;
        return all - Math.max(forHigher, forTurns);
    }

    /**
     * One that was past admission has ended: others may be due.
     *
     * @param held how many this worker held, that one included
     */
    void released(AdmissionPlan plan, int held, int waitingHere, AdmissionQueue[] queues, long nowNs) {
        int even = plan.concurrency() / workers;
        if (workers == 1 || held <= even || nowNs < leftFreeUntilNs || plan.waiting(permits) <= waitingHere) {
            return;
        }
        int excess = held - even;
        // Loads of workers differ by chance all the time: only what is beyond that is worth places left empty.
        boolean isMuch = excess > Math.max(2, even / 4);
        if (!isMuch && nowNs < nextTurnNs) {
            return;
        }
        long due = waitingElsewhere(plan, bestRank(plan, queues) + 1, queues);
        if (due > 0) {
            leftFree = Math.min(isMuch ? excess : 1, due);
            leftFreeUntilNs = nowNs + LEFT_FREE_NS;
            nextTurnNs = nowNs + TURN_NS;
        }
    }

    private static int bestRank(AdmissionPlan plan, AdmissionQueue[] queues) {
        for (int i = 0; i < plan.ranks(); i++) {
            if (queues[i].size() > 0) {
                return i;
            }
        }
        return plan.ranks() - 1;
    }

    /** How many of lower classes than one wait on other workers. */
    long waitingElsewhereBehind(AdmissionPlan plan, int rank, AdmissionQueue[] queues) {
        return waitingElsewhere(plan, plan.ranks(), queues) - waitingElsewhere(plan, rank + 1, queues);
    }

    /** The highest class of which somebody waits on another worker; the lowest of all if nobody does. */
    int bestRankElsewhere(AdmissionPlan plan, AdmissionQueue[] queues) {
        for (int i = 0; i < plan.ranks(); i++) {
            if (plan.waiting(permits, i) > queues[i].size()) {
                return i;
            }
        }
        return plan.ranks() - 1;
    }

    // Of the classes before one.
    private long waitingElsewhere(AdmissionPlan plan, int before, AdmissionQueue[] queues) {
        long sum = 0;
        for (int i = 0; i < before; i++) {
            sum += Math.max(0, plan.waiting(permits, i) - queues[i].size());
        }
        return sum;
    }
}
