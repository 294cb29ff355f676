package io.penstock.upstream;

import io.penstock.limit.AdaptiveLimit;
import io.penstock.limit.AdaptivePlan;
import io.penstock.limit.Breaker;
import io.penstock.limit.BreakerPlan;
import io.penstock.limit.RetryBudget;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/** The circuit of one upstream as one worker uses it: what is shared is asked no more often than it must be. */
@WorkerConfined
public final class UpstreamCircuit {
    /** A pause doubles so many times at most. */
    private static final int DOUBLINGS_MAX = 20;

    /** So many answers are brought together, or those of so long a time. */
    private static final int BATCH = 32;

    private static final long BATCH_NS = 20_000_000L;

    private final UpstreamWorker worker;
    private final UpstreamMeters meters;
    private UpstreamSpec spec;

    // What the adaptive limit does not know yet.
    private int answers;
    private int failures;
    private long answersUs;
    private long broughtNs;

    private Reason refusal = Reason.UPSTREAM_REQUESTS_FULL;

    // What requests here have earned of further tries and the budget does not know yet: less than one try.
    private long earnedUnits;

    UpstreamCircuit(UpstreamWorker worker, UpstreamMeters meters, UpstreamSpec spec) {
        this.worker = worker;
        this.meters = meters;
        this.spec = spec;
    }

    void adopt(UpstreamSpec next) {
        if (next.bounds().breaker() == null && spec.bounds().breaker() != null) {
            // Trials under way are not concluded any more: one that is written again later begins closed.
            next.circuit().breaker().reset();
        }
        if (next.bounds().adaptive() == null && spec.bounds().adaptive() != null) {
            next.circuit().adaptive().reset();
        }
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

    /** Whether one more further try may be under way; then {@link #furtherTryEnded} must follow. */
    public boolean tryBeginFurtherTry() {
        return spec.circuit().furtherTries().tryEnter(spec.bounds().furtherTriesMax());
    }

    /** The answer to a further try has begun, or there is none. */
    public void furtherTryEnded() {
        spec.circuit().furtherTries().leave();
    }

    /** Whether requests are counted at all. */
    public boolean boundsRequests() {
        return spec.bounds().requestsMax() != Long.MAX_VALUE || spec.bounds().adaptive() != null;
    }

    /** Whether one more request may be under way; then {@link #requestEnded} must follow. */
    public boolean tryBeginRequest() {
        AdaptivePlan plan = spec.bounds().adaptive();
        long written = spec.bounds().requestsMax();
        long learned = plan == null ? Long.MAX_VALUE : spec.circuit().adaptive().limit(plan);
        boolean isInside = spec.circuit().requests().tryEnter(Math.min(written, learned));
        if (!isInside) {
            refusal = learned < written ? Reason.UPSTREAM_LIMIT_REACHED : Reason.UPSTREAM_REQUESTS_FULL;
            meters.circuitRefused();
        }
        return isInside;
    }

    /** Why {@link #tryBeginRequest} said no last. */
    public Reason refusal() {
        return refusal;
    }

    /** An answer's head came that is no failure, so long after its request had left. */
    void answered(long tookNs) {
        if (spec.bounds().adaptive() != null) {
            answers++;
            answersUs += AdaptiveLimit.microsOf(tookNs);
            bringAnswers();
        }
    }

    /** A try came to nothing, or to a failure. */
    void failed() {
        if (spec.bounds().adaptive() != null) {
            failures++;
            bringAnswers();
        }
    }

    private void bringAnswers() {
        long nowNs = worker.loop().nowNs();
        AdaptivePlan plan = spec.bounds().adaptive();
        if (plan != null && (answers + failures >= BATCH || nowNs - broughtNs >= BATCH_NS)) {
            spec.circuit()
                    .adaptive()
                    .bring(
                            plan,
                            answers,
                            answersUs,
                            failures,
                            spec.circuit().requests().inside(),
                            nowNs);
            broughtNs = nowNs;
            answers = 0;
            answersUs = 0;
            failures = 0;
        }
    }

    /** A request that was counted has come to its end. */
    public void requestEnded() {
        spec.circuit().requests().leave();
    }

    /**
     * Lets a try pass the breaker.
     *
     * @return a token for {@link #concluded}, never negative; else the nanoseconds until a try may pass, negated
     */
    public long tryPass() {
        BreakerPlan plan = spec.bounds().breaker();
        if (plan == null) {
            return Breaker.CLOSED_TOKEN;
        }
        long token = spec.circuit().breaker().tryPass(plan, worker.loop().nowNs());
        if (token < 0) {
            meters.circuitRefused();
        }
        return token;
    }

    /** Whether a try would pass the breaker now. */
    public boolean wouldPass() {
        BreakerPlan plan = spec.bounds().breaker();
        return plan == null
                || spec.circuit().breaker().wouldPass(plan, worker.loop().nowNs());
    }

    /** What became of a try that passed. */
    public void concluded(long token, Breaker.Outcome outcome) {
        BreakerPlan plan = spec.bounds().breaker();
        if (plan != null
                && spec.circuit()
                        .breaker()
                        .conclude(plan, token, outcome, worker.loop().nowNs())) {
            meters.circuitOpened();
        }
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
