package io.penstock.exchange.limits;

import io.penstock.config.OnMissing;
import io.penstock.http.ByteBuilder;
import io.penstock.limit.KeyHash;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.RateTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.SeriesCounter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.snapshot.RouteLimits;

/**
 * Takes one permit of each limit of a route, in order. The first that refuses decides; what was taken before it stays
 * taken, since giving it back would let a flood against one limit probe the others for free. Places of concurrency are
 * given back at the end of the exchange, whatever ends it.
 */
@WorkerConfined
public final class LimitCheck {
    /** When somebody with too much under way is told to come again: nobody knows when something of it ends. */
    private static final long PLACE_WAIT_NS = 1_000_000_000L;

    private final LimitPermits permits;
    private final KeyedPermitTable places;
    private final LimitKeys keys;
    private final WorkerCounters counters;
    private final ByteBuilder text = new ByteBuilder(256);
    private String refusedBy = "";
    private long waitNs;

    /** {@code hash} makes the keys of what is taken from {@code permits} and {@code places}. */
    public LimitCheck(LimitPermits permits, KeyedPermitTable places, KeyHash hash, WorkerCounters counters) {
        this.permits = permits;
        this.places = places;
        this.keys = new LimitKeys(hash);
        this.counters = counters;
    }

    /** Takes the permits. Where one is refused, {@link #refusedBy} and {@link #waitNs} say more. */
    public LimitOutcome take(LimitPlan[] limits, RouteLimits route, LimitSubject subject, long nowNs) {
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
        if (keys.make(plan, route, subject)) {
            LimitOutcome outcome = takeBoth(plan, subject, nowNs);
            counters.add(outcome.counter(), plan.seriesId(), 1);
            return outcome;
        }
        waitNs = 0;
        boolean isSkipped = plan.onMissing() == OnMissing.SKIP;
        counters.add(isSkipped ? SeriesCounter.LIMIT_SKIPPED : SeriesCounter.LIMIT_KEY_MISSING, plan.seriesId(), 1);
        return isSkipped ? LimitOutcome.TAKEN : LimitOutcome.KEY_MISSING;
    }

    // The place first: what is refused for want of one has used up no rate and no quota.
    private LimitOutcome takeBoth(LimitPlan plan, LimitSubject subject, long nowNs) {
        if (plan.concurrency() > 0) {
            LimitOutcome outcome = subject.places().take(places, plan, keys.hash());
            if (outcome != LimitOutcome.TAKEN) {
                waitNs = PLACE_WAIT_NS;
                return outcome;
            }
        }
        LimitOutcome outcome = permits.take(plan, keys.hash(), nowNs, subject.report());
        waitNs = permits.waitNs();
        if (outcome == LimitOutcome.TAKEN && plan.hasBandwidth()) {
            subject.bandwidths().add(plan, keys.hash());
        }
        return outcome;
    }

    /** Where bandwidths are counted. */
    public RateTable rates() {
        return permits.rates();
    }

    /** Where those are counted that share a bandwidth. */
    public KeyedPermitTable places() {
        return places;
    }

    /** Gives back the places of an exchange that has ended. */
    public void release(LimitSubject subject) {
        subject.places().release(places);
    }

    /** Room for the text of fields, written over by everyone. */
    public ByteBuilder text() {
        return text;
    }

    /** The limit that refused last. */
    public String refusedBy() {
        return refusedBy;
    }

    /** How long until the limit that refused last has room, in nanoseconds; 0 if that is not known. */
    public long waitNs() {
        return waitNs;
    }
}
