package io.penstock.upstream;

import io.penstock.limit.RetryBudget;
import io.penstock.mark.WorkerConfined;

/** The circuit of one upstream as one worker uses it: what is shared is asked no more often than it must be. */
@WorkerConfined
public final class UpstreamCircuit {
    /** A pause doubles so many times at most. */
    private static final int DOUBLINGS_MAX = 20;

    private final UpstreamWorker worker;
    private final UpstreamMeters meters;
    private UpstreamSpec spec;

    // What requests here have earned of further tries and the budget does not know yet: less than one try.
    private long earnedUnits;

    UpstreamCircuit(UpstreamWorker worker, UpstreamMeters meters, UpstreamSpec spec) {
        this.worker = worker;
        this.meters = meters;
        this.spec = spec;
    }

    void adopt(UpstreamSpec next) {
        spec = next;
    }

    /** A request comes for the first time: it earns its share of a further try. */
    public void requestBegan() {
        earnedUnits += spec.retries().budgetUnits();
        if (earnedUnits >= RetryBudget.TRY_UNITS) {
            bringEarned(worker.loop().nowNs());
        }
    }

    /** Takes one further try out of the budget, which all workers share. @return false if there is none */
    public boolean trySpendRetry() {
        long nowNs = worker.loop().nowNs();
        bringEarned(nowNs);
        boolean isSpent = spec.circuit().retries().trySpend(spec.retries().minPerSecond(), nowNs);
        if (!isSpent) {
            meters.retryBudgetRefused();
        }
        return isSpent;
    }

    private void bringEarned(long nowNs) {
        if (earnedUnits > 0) {
            spec.circuit().retries().earn(earnedUnits, nowNs);
            earnedUnits = 0;
        }
    }

    /** How long to wait before an endpoint is tried again: up to a bound that doubles each time, by chance within it. */
    public long pauseNs(int pausesBefore) {
        UpstreamSpec.Retries retries = spec.retries();
        long doubled = retries.backoffBaseNs() << Math.min(pausesBefore, DOUBLINGS_MAX);
        long longestNs = Math.clamp(doubled, 1, retries.backoffMaxNs());
        // In thousandths: the bound of a chance is an int, and no timer is finer.
        return longestNs / 1000 * worker.chance().below(1001);
    }
}
