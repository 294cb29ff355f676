package io.penstock.exchange.admission;

import io.penstock.limit.AdmissionPlan;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.WorkerMeters;
import io.penstock.transport.Loop;
import io.penstock.transport.Timer;
import org.jspecify.annotations.Nullable;

/**
 * One admission on one worker: who is let in, who waits, and who is turned away.
 *
 * <p>Places are exact over all workers, exchanges are not shared: each worker has a queue of its own, hands what its own
 * exchanges give back to those that wait here, and looks with each arrival, and every {@link #POLL_NS}, whether something
 * has become free elsewhere. {@link AdmissionShare} sees to it that no worker keeps all places.
 *
 * <p>The higher class goes first. Among equals the oldest does, or, where the plan is adaptive and the queue has not been empty for
 * {@link #OVERLOAD_NS}, the newest ("adaptive LIFO", Maurer, "Fail at Scale", ACM Queue 13/8, 2015): a queue that does not
 * empty only adds its length to each wait, and whoever came last is most likely still there.
 */
@WorkerConfined
public final class AdmissionGate extends Timer {
    /** How often those that wait look for a place, in nanoseconds: the tick of the wheel. */
    static final long POLL_NS = 16_000_000L;

    /** How long a queue may last until it counts as one that does not empty, in nanoseconds. */
    static final long OVERLOAD_NS = 100_000_000L;

    /** What becomes of one that asks. */
    public enum Outcome {
        /** It goes on. */
        PASSED,
        /** It waits. */
        WAITS,
        /** There is no room to wait. */
        FULL
    }

    private final Loop loop;
    private final KeyedPermitTable permits;
    private final WorkerMeters meters;
    private final AdmissionShare share;
    private final AdmissionQueue[] queues = new AdmissionQueue[AdmissionPlan.RANKS_MAX];
    private final Runnable serving = this::serve;
    private AdmissionPlan plan;
    private int held;
    private int waiting;
    private long busySinceNs;
    private boolean willServe;

    AdmissionGate(AdmissionPlan plan, Loop loop, KeyedPermitTable permits, WorkerMeters meters, int workers) {
        this.plan = plan;
        this.loop = loop;
        this.permits = permits;
        this.meters = meters;
        this.share = new AdmissionShare(permits, workers);
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new AdmissionQueue();
        }
    }

    /** Goes on by another plan; whoever waits keeps its place and its deadline. */
    void adopt(AdmissionPlan next) {
        plan = next;
    }

    /** Whether nobody waits or is past it here, so that it may be forgotten. */
    boolean isIdle() {
        return held == 0 && waiting == 0 && !willServe;
    }

    /** Lets it in, queues it, or neither. */
    public Outcome enter(Waiter wait, int rank) {
        if (!isSomeoneAhead(rank)) {
            int cell = tryPass(rank, loop.nowNs());
            if (cell != KeyedPermitTable.REFUSED) {
                pass(wait, cell);
                return Outcome.PASSED;
            }
        }
        return enqueue(wait, rank);
    }

    private boolean isSomeoneAhead(int rank) {
        if (waiting == 0) {
            return false;
        }
        for (int i = 0; i <= rank; i++) {
            if (queues[i].size() > 0) {
                return true;
            }
        }
        return false;
    }

    private int tryPass(int rank, long nowNs) {
        long places = share.places(plan, rank, waiting, queues, nowNs);
        return plan.tryPass(permits, places);
    }

    private void pass(Waiter wait, int cell) {
        held++;
        meters.counters().add(Counter.ADMITTED);
        wait.passed(cell);
    }

    // ---- the queue ----

    private Outcome enqueue(Waiter wait, int rank) {
        // Whoever comes looks for those before it: in a rush places that others leave free do not wait for the wheel.
        serveSoon();
        int cell = plan.queueMax() == 0 ? KeyedPermitTable.REFUSED : plan.tryWait(permits, 0);
        Waiter displaced = null;
        if (cell == KeyedPermitTable.REFUSED) {
            displaced = lastBehind(rank);
            cell = displaced == null ? beyondTheQueue(rank) : placeOf(displaced);
            if (cell == KeyedPermitTable.REFUSED) {
                return Outcome.FULL;
            }
        }
        long nowNs = loop.nowNs();
        wait.rank = rank;
        wait.queueCell = cell;
        wait.rankCell = plan.countWaiting(permits, rank);
        wait.sinceNs = nowNs;
        wait.deadlineNs = nowNs + plan.timeoutNs();
        if (waiting == 0) {
            busySinceNs = nowNs;
        }
        waiting++;
        queues[rank].add(wait);
        wait.waits();
        meters.counters().add(Counter.ADMISSION_QUEUED);
        meters.counters().add(Counter.ADMISSION_WAITS);
        if (!isArmed()) {
            loop.wheel().arm(this, nowNs + POLL_NS);
        }
        if (displaced != null) {
            displaced.turnedAway(plan, Reason.ADMISSION_QUEUE_FULL);
        }
        return Outcome.WAITS;
    }

    // A place in the queue goes from hand to hand, so that nobody else can get in between.
    private int placeOf(Waiter displaced) {
        int cell = displaced.queueCell;
        displaced.queueCell = Waiter.NO_CELL;
        unlink(displaced);
        return cell;
    }

    // Those of lower classes who wait on other workers make room when their workers look.
    private int beyondTheQueue(int rank) {
        long elsewhere = share.waitingElsewhereBehind(plan, rank, queues);
        return elsewhere > 0 ? plan.tryWait(permits, elsewhere) : KeyedPermitTable.REFUSED;
    }

    private void makeRoom() {
        while (waiting > 0 && plan.waiting(permits) > plan.queueMax()) {
            Waiter last = lastBehind(share.bestRankElsewhere(plan, queues));
            if (last == null) {
                return;
            }
            unlink(last);
            last.turnedAway(plan, Reason.ADMISSION_QUEUE_FULL);
        }
    }

    // Null if nobody of a lower class waits here.
    private @Nullable Waiter lastBehind(int rank) {
        for (int i = queues.length - 1; i > rank; i--) {
            Waiter last = isAdaptingAt(loop.nowNs()) ? queues[i].oldest() : queues[i].newest();
            if (last != null) {
                return last;
            }
        }
        return null;
    }

    private boolean isAdaptingAt(long nowNs) {
        return plan.isAdaptive() && nowNs - busySinceNs > OVERLOAD_NS;
    }

    private void unlink(Waiter wait) {
        queues[wait.rank].remove(wait);
        waiting--;
        giveBack(wait.queueCell);
        giveBack(wait.rankCell);
        wait.queueCell = Waiter.NO_CELL;
        wait.rankCell = Waiter.NO_CELL;
        meters.counters().add(Counter.ADMISSION_QUEUED, -1);
        meters.admissionWait().record(loop.nowNs() - wait.sinceNs);
    }

    private void giveBack(int cell) {
        // Where the table had no cell nothing was counted.
        if (cell >= 0) {
            permits.release(cell);
        }
    }

    /** One that waits has ended. */
    public void leave(Waiter wait) {
        unlink(wait);
    }

    /** One that was past admission has ended. */
    public void release(int cell) {
        giveBack(cell);
        share.released(plan, held, waiting, queues, loop.nowNs());
        held--;
        serveSoon();
    }

    // ---- handing out ----

    // After the turn: whoever ends shall not run others' requests in the middle of its own end.
    private void serveSoon() {
        if (waiting > 0 && !willServe) {
            willServe = true;
            loop.afterTurn(serving);
        }
    }

    private void serve() {
        willServe = false;
        long nowNs = loop.nowNs();
        Waiter first = first(nowNs);
        while (first != null) {
            int cell = tryPass(first.rank, nowNs);
            if (cell == KeyedPermitTable.REFUSED) {
                return;
            }
            unlink(first);
            pass(first, cell);
            first.goOn(plan);
            first = first(nowNs);
        }
    }

    // Null if nobody waits.
    private @Nullable Waiter first(long nowNs) {
        if (waiting == 0) {
            return null;
        }
        for (AdmissionQueue queue : queues) {
            if (queue.size() > 0) {
                return isAdaptingAt(nowNs) ? queue.newest() : queue.oldest();
            }
        }
        return null;
    }

    @Override
    protected void expired(long nowNs) {
        expireWaits(nowNs);
        makeRoom();
        serve();
        if (waiting > 0) {
            loop.wheel().arm(this, nowNs + POLL_NS);
        }
    }

    private void expireWaits(long nowNs) {
        for (AdmissionQueue queue : queues) {
            Waiter oldest = queue.oldest();
            while (oldest != null && nowNs >= oldest.deadlineNs) {
                unlink(oldest);
                oldest.turnedAway(plan, Reason.ADMISSION_TIMEOUT);
                oldest = queue.oldest();
            }
        }
    }
}
