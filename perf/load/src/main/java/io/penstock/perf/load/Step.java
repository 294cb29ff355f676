package io.penstock.perf.load;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** One rate of a ramp: counts what became of its requests. Any thread. */
final class Step {
    /** In place of a response time. */
    static final int FAILED = -1;

    /** Requests waiting at one time; beyond that the step is lost, and more would only exhaust this machine's ports. */
    private static final int WAITING_MAX = 4_000;

    private static final int MS_MAX = 60_000;

    private final double rate;
    private final double errorPercentMax;
    private final int p99MsMax;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicIntegerArray byMs = new AtomicIntegerArray(MS_MAX + 1);

    Step(double rate, double errorPercentMax, int p99MsMax) {
        this.rate = rate;
        this.errorPercentMax = errorPercentMax;
        this.p99MsMax = p99MsMax;
    }

    double rate() {
        return rate;
    }

    /** Whether this request may be made; then {@link #end} follows. */
    boolean begin() {
        if (waiting.incrementAndGet() <= WAITING_MAX) {
            return true;
        }
        waiting.decrementAndGet();
        refused.incrementAndGet();
        return false;
    }

    /** A request is over after so many milliseconds, or {@link #FAILED}. */
    void end(int ms) {
        waiting.decrementAndGet();
        if (ms == FAILED) {
            failed.incrementAndGet();
        } else {
            byMs.incrementAndGet(Math.min(ms, MS_MAX));
        }
    }

    /** Whether errors and p99 kept within their bounds; a step that was not made did not hold. */
    boolean held() {
        int answered = 0;
        for (int ms = 0; ms <= MS_MAX; ms++) {
            answered += byMs.get(ms);
        }
        int all = answered + failed.get();
        return all > 0
                && refused.get() == 0
                && failed.get() * 100.0 <= errorPercentMax * all
                && p99Ms(answered) <= p99MsMax;
    }

    private int p99Ms(int answered) {
        int left = answered - (int) Math.ceil(answered * 0.99);
        int ms = MS_MAX;
        for (int slower = byMs.get(ms); slower <= left && ms > 0; slower += byMs.get(ms)) {
            ms--;
        }
        return ms;
    }
}
