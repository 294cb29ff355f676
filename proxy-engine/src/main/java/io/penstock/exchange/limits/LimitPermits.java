package io.penstock.exchange.limits;

import io.penstock.exchange.facts.EpochClock;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.LimitPolicy;
import io.penstock.limit.QuotaPlan;
import io.penstock.limit.QuotaTable;
import io.penstock.limit.QuotaWindow;
import io.penstock.limit.RateTable;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * Takes one permit of a limit for a key: of its rate, then of its quota, so that what the rate refuses spends no quota. Says
 * what is left of both to whoever writes the answer.
 */
@WorkerConfined
public final class LimitPermits {
    private static final long MINUTE_US = 60_000_000L;
    private static final long MINUTE_NS = 60_000_000_000L;

    private final RateTable rates;
    private final QuotaTable quotas;
    private final EpochClock clock;
    private long waitNs;

    /** Takes permits from these; {@code clock} says which minute it is. */
    public LimitPermits(RateTable rates, QuotaTable quotas, EpochClock clock) {
        this.rates = rates;
        this.quotas = quotas;
        this.clock = clock;
    }

    /**
     * Takes a permit.
     *
     * @param report takes what is left, null where nobody asks
     */
    LimitOutcome take(LimitPlan plan, KeyHash key, long nowNs, @Nullable LimitReport report) {
        waitNs = 0;
        if (plan.hasRate()) {
            LimitOutcome outcome = takeRate(plan, key, nowNs, report);
            if (outcome != LimitOutcome.TAKEN) {
                return outcome;
            }
        }
        QuotaPlan quota = plan.quota();
        return quota == null ? LimitOutcome.TAKEN : takeQuota(plan, quota, key, nowNs, report);
    }

    private LimitOutcome takeRate(LimitPlan plan, KeyHash key, long nowNs, @Nullable LimitReport report) {
        long used = rates.take(plan, key.high(), key.low(), nowNs);
        if (used == RateTable.NO_SLOT) {
            return plan.allowsWhenFull() ? LimitOutcome.TAKEN : LimitOutcome.TABLE_FULL;
        }
        LimitPolicy policy = plan.ratePolicy();
        if (used > 0) {
            if (policy != null && report != null) {
                report.add(policy, plan.permitsLeft(used), plan.resetNs(used));
            }
            return LimitOutcome.TAKEN;
        }
        waitNs = -used;
        if (policy != null && report != null) {
            report.add(policy, 0, waitNs);
        }
        return LimitOutcome.RATE_LIMITED;
    }

    private LimitOutcome takeQuota(
            LimitPlan plan, QuotaPlan quota, KeyHash key, long nowNs, @Nullable LimitReport report) {
        long nowUs = clock.epochUs(nowNs);
        long nowMinute = nowUs / MINUTE_US;
        long bounds = quota.window().bounds();
        long taken = quotas.take(quota, key.high(), key.low(), QuotaWindow.startMinute(bounds, nowMinute), nowMinute);
        if (taken == QuotaTable.NO_SLOT) {
            return plan.allowsWhenFull() ? LimitOutcome.TAKEN : LimitOutcome.TABLE_FULL;
        }
        // At least something, should the control thread be so late that the next window is over too.
        long leftNs = Math.max(1, QuotaWindow.endMinute(bounds, nowMinute) * MINUTE_NS - nowUs * 1000);
        LimitPolicy policy = plan.quotaPolicy();
        if (policy != null && report != null) {
            report.add(policy, taken > 0 ? quota.requests() - taken : 0, leftNs);
        }
        if (taken > 0) {
            return LimitOutcome.TAKEN;
        }
        waitNs = leftNs;
        return LimitOutcome.QUOTA_EXHAUSTED;
    }

    /** Where bandwidths are counted too. */
    RateTable rates() {
        return rates;
    }

    /** How long until what was refused last has room, in nanoseconds; 0 if that is not known. */
    long waitNs() {
        return waitNs;
    }
}
