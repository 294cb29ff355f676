package io.penstock.exchange;

import io.penstock.config.OnMissing;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.RateTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.RouteLimits;

/**
 * Takes one permit of each limit of a route, in order. The first that refuses decides; what was taken before it stays
 * taken, since giving it back would let a flood against one limit probe the others for free.
 */
@WorkerConfined
public final class LimitCheck {
    private final RateTable rates;
    private final LimitKeys keys;
    private String refusedBy = "";
    private long waitNs;

    /** Takes permits from {@code rates}; {@code hash} makes the keys. */
    public LimitCheck(RateTable rates, KeyHash hash) {
        this.rates = rates;
        this.keys = new LimitKeys(hash);
    }

    /** Takes the permits. Where one is refused, {@link #refusedBy} and {@link #waitNs} say more. */
    LimitOutcome take(LimitPlan[] limits, RouteLimits route, LimitSubject subject, long nowNs) {
        for (LimitPlan plan : limits) {
            LimitOutcome outcome = take(plan, route, subject, nowNs);
            if (outcome != LimitOutcome.TAKEN) {
                refusedBy = plan.name();
                return outcome;
            }
        }
        return LimitOutcome.TAKEN;
    }

    private LimitOutcome take(LimitPlan plan, RouteLimits route, LimitSubject subject, long nowNs) {
        waitNs = 0;
        if (!keys.make(plan, route, subject)) {
            return plan.onMissing() == OnMissing.SKIP ? LimitOutcome.TAKEN : LimitOutcome.KEY_MISSING;
        }
        KeyHash key = keys.hash();
        long result = rates.tryAcquire(plan, key.high(), key.low(), nowNs);
        if (result == RateTable.TAKEN) {
            return LimitOutcome.TAKEN;
        }
        if (result == RateTable.FULL) {
            return LimitOutcome.TABLE_FULL;
        }
        waitNs = result;
        return LimitOutcome.RATE_LIMITED;
    }

    /** The limit that refused last. */
    String refusedBy() {
        return refusedBy;
    }

    /** How long until the limit that refused last has room, in nanoseconds; 0 if that is not known. */
    long waitNs() {
        return waitNs;
    }
}
