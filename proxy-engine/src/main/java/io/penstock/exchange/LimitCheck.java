package io.penstock.exchange;

import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.RateTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.RouteRuntime;

/**
 * Takes one permit of each limit of a route, in order. The first that refuses decides; what was taken before it stays
 * taken, since giving it back would let a flood against one limit probe the others for free.
 */
@WorkerConfined
public final class LimitCheck {
    /** Every limit had room. */
    static final long TAKEN = RateTable.TAKEN;

    /** A limit's table of keys is full, and the limit refuses then. */
    static final long TABLE_FULL = RateTable.FULL;

    private final RateTable rates;
    private final KeyHash hash;
    private String refusedBy = "";

    /** Takes permits from {@code rates}; {@code hash} makes the keys. */
    public LimitCheck(RateTable rates, KeyHash hash) {
        this.rates = rates;
        this.hash = hash;
    }

    /**
     * Takes the permits.
     *
     * @return {@link #TAKEN}, {@link #TABLE_FULL}, or the nanoseconds until the limit that refused has room
     */
    long take(RouteRuntime route, byte[] clientAddress, long nowNs) {
        LimitPlan[] limits = route.limits();
        for (LimitPlan plan : limits) {
            hash.begin(plan);
            if (plan.usesClientAddress()) {
                hash.add(clientAddress, 0, clientAddress.length);
            }
            if (plan.usesRoute()) {
                hash.add(route.nameHash());
            }
            hash.finish();
            long waitNs = rates.tryAcquire(plan, hash.high(), hash.low(), nowNs);
            if (waitNs == TAKEN || (waitNs == TABLE_FULL && plan.allowsWhenFull())) {
                continue;
            }
            refusedBy = plan.name();
            return waitNs;
        }
        return TAKEN;
    }

    /** The limit that refused last. */
    String refusedBy() {
        return refusedBy;
    }
}
