package io.penstock.exchange.limits;

import io.penstock.limit.KeyHash;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.RateTable;
import io.penstock.mark.WorkerConfined;

/** The share that one direction of one exchange has of one bandwidth. Reused by the exchanges of one slot. */
@WorkerConfined
public final class PaceShare {
    /*
     * Two schedules. That of the key is exact over all workers: every byte moves its time on by what the byte takes at the
     * limit's bandwidth (RateTable.pace), and nobody goes on while it lies more than AHEAD ahead of now. So the sum is right, whoever passes.
     *
     * Who passes is said by a schedule of the share's own: once a body has had to wait it is one of a crowd, whose number all
     * workers know, and each byte moves its own time on by what the byte takes at the bandwidth divided by the crowd. It may
     * be SLACK ahead of that. As all shares together are the bandwidth, and a time of one's own forgets nothing, it does not matter how
     * much comes at once, who is woken first, or where in a tick a worker's wheel stands: whoever came off badly is behind its own
     * schedule, and passes the next time, when those who came off well wait. (Fluid fair queueing, as in Demers, Keshav and Shenker, "Analysis and
     * simulation of a fair queueing algorithm", 1989, with the crowd counted rather than the rounds simulated.)
     *
     * A share may stay unused, when its endpoint or client is slow. Then the key's schedule falls back below SPARE, and anybody
     * passes. Who has not had to wait for LATE leaves the crowd.
     */

    /** How far all bytes of a key may lie ahead: 50 ms, three ticks of the wheel on which those who wait hang. */
    static final long AHEAD_NS = 50_000_000L;

    /** Nearer than this the key's bandwidth is about to go unused. */
    static final long SPARE_NS = AHEAD_NS / 2;

    /** How far a body may lie ahead of its own share: a tick, so that small parts do not each wait for one. */
    static final long SLACK_NS = 16_777_216L;

    /** After so long without a wait a body is none of the crowd; and so much of its share it may catch up at least. */
    public static final long LATE_NS = 250_000_000L;

    /** What is read at once at most: where that takes long, those that come in smaller parts wait long for their turn. */
    private static final long PART_BYTES = 64 * 1024;

    /** So many of the largest parts of everybody may be caught up. */
    private static final long ROUNDS_LATE = 4;

    private static final long CROWD_MAX = Integer.MAX_VALUE;
    private static final long REQUEST_KEY = 0x63726f77_72657175L;
    private static final long RESPONSE_KEY = 0x63726f77_72657370L;
    private static final long BYTE_NS = 8 * 1_000_000_000L;
    private static final int NOWHERE = -1;

    private final boolean isRequest;
    private LimitPlan plan;
    private long keyHigh;
    private long keyLow;

    /** The cell by which it is counted among the crowd; {@link #NOWHERE} if it is not. */
    private int cell = NOWHERE;

    /** Until when its own share is used. */
    private long ownNs;

    /** For bodies of requests, or of answers. */
    public PaceShare(boolean isRequest, LimitPlan plan) {
        this.isRequest = isRequest;
        this.plan = plan;
    }

    /** Begins with the bandwidth of one key. */
    public void begin(LimitPlan limit, KeyHash key) {
        plan = limit;
        keyHigh = key.high();
        keyLow = key.low();
    }

    /** The bandwidth that holds. */
    public LimitPlan plan() {
        return plan;
    }

    /**
     * Charges bytes that have passed; none, to look.
     *
     * @return the nanoseconds until it may be looked again whether more may pass; not positive where it may
     */
    public long charge(RateTable rates, KeyedPermitTable crowds, int bytes, long nowNs) {
        long aheadNs = rates.pace(plan, isRequest, keyHigh, keyLow, bytes, nowNs);
        if (aheadNs == RateTable.NO_ROOM) {
            return 0;
        }
        if (cell == NOWHERE) {
            if (aheadNs <= AHEAD_NS || !join(crowds)) {
                return aheadNs - AHEAD_NS;
            }
            ownNs = nowNs;
        }
        if (bytes > 0) {
            long crowd = Math.max(1, crowds.inUse(crowdHigh(), keyLow));
            double byteNs = (double) BYTE_NS * crowd / plan.bitsPerSecond(isRequest);
            long lateNs = Math.max(LATE_NS, (long) (ROUNDS_LATE * PART_BYTES * byteNs));
            ownNs = Math.clamp(ownNs, nowNs - lateNs, nowNs + SLACK_NS) + (long) (bytes * byteNs);
        }
        return Math.max(aheadNs - AHEAD_NS, Math.min(ownNs - nowNs - SLACK_NS, aheadNs - SPARE_NS));
    }

    // Without a cell it waits for the key's schedule alone: the sum stays right.
    private boolean join(KeyedPermitTable crowds) {
        int found = crowds.tryAcquire(crowdHigh(), keyLow, CROWD_MAX);
        cell = found < 0 ? NOWHERE : found;
        return cell != NOWHERE;
    }

    /** It is not one of those that wait for the bandwidth any more. */
    public void leave(KeyedPermitTable crowds) {
        if (cell != NOWHERE) {
            crowds.release(cell);
            cell = NOWHERE;
        }
    }

    private long crowdHigh() {
        return keyHigh ^ (isRequest ? REQUEST_KEY : RESPONSE_KEY);
    }
}
