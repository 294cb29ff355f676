package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many further tries an upstream's requests have earned, exact over all workers: each request earns a share of a try,
 * each try costs a whole one, so that tries never exceed requests x (1 + share) and the minimum.
 *
 * <p>What was earned is halved each second: a long calm does not pay for a storm, since no more is ever saved than two
 * seconds of requests earn. The minimum is a bucket of its own that time fills (GCRA, as in {@link RateTable}): one second of
 * it from idle, then its rate. Source of the idea: Finagle's {@code RetryBudget}.
 *
 * <p>Any thread, lock-free, without allocation. Workers bring what they earned in whole tries, not per request.
 */
@SharedByWorkers
public final class RetryBudget {
    /** What one try costs; a request earns the share's basis points of it. */
    public static final int TRY_UNITS = 10_000;

    private static final long SECOND_NS = 1_000_000_000L;
    private static final long UNSET = Long.MIN_VALUE;
    private static final int HALVINGS_MAX = 62;

    // Cells 128 bytes apart, and as far from whatever lies before and behind the array.
    private static final int BALANCE = 16;
    private static final int SETTLED = 32;
    private static final int DUE = 48;
    private static final int CELLS = 64;

    private final AtomicLongArray cells = new AtomicLongArray(CELLS);

    /** A budget in which nothing was earned yet. */
    public RetryBudget() {
        cells.set(SETTLED, UNSET);
        cells.set(DUE, UNSET);
    }

    /** Adds what requests have earned, in units of which a try costs {@link #TRY_UNITS}. */
    public void earn(long units, long nowNs) {
        settle(nowNs);
        cells.getAndAdd(BALANCE, units);
    }

    /**
     * Takes one further try.
     *
     * @param minPerSecond so many in each second need not be earned
     * @return whether there was one
     */
    public boolean trySpend(int minPerSecond, long nowNs) {
        settle(nowNs);
        long balance = cells.get(BALANCE);
        while (balance >= TRY_UNITS) {
            long found = cells.compareAndExchange(BALANCE, balance, balance - TRY_UNITS);
            if (found == balance) {
                return true;
            }
            balance = found;
        }
        return minPerSecond > 0 && tryMinimum(SECOND_NS / minPerSecond, nowNs);
    }

    /** What is saved now, in units. */
    public long balance() {
        return cells.get(BALANCE);
    }

    private boolean tryMinimum(long intervalNs, long nowNs) {
        while (true) {
            long due = cells.get(DUE);
            long from = due == UNSET || due - nowNs < 0 ? nowNs : due;
            long next = from + intervalNs;
            if (next - nowNs > SECOND_NS) {
                return false;
            }
            if (cells.compareAndSet(DUE, due, next)) {
                return true;
            }
        }
    }

    // Whoever moves the time on halves the balance; what others add or take meanwhile is halved or not, and never lost.
    private void settle(long nowNs) {
        long settled = cells.get(SETTLED);
        if (settled == UNSET) {
            cells.compareAndSet(SETTLED, UNSET, nowNs);
            return;
        }
        long seconds = (nowNs - settled) / SECOND_NS;
        if (seconds > 0 && cells.compareAndSet(SETTLED, settled, settled + seconds * SECOND_NS)) {
            long balance = cells.get(BALANCE);
            while (true) {
                long found = cells.compareAndExchange(BALANCE, balance, balance >> Math.min(seconds, HALVINGS_MAX));
                if (found == balance) {
                    return;
                }
                balance = found;
            }
        }
    }
}
