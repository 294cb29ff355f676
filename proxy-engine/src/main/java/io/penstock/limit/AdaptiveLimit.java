package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many requests an upstream takes at once before they only wait for each other, learned from how long its answers take;
 * one limit for all workers.
 *
 * <p>Any thread, lock-free, without allocation. Workers bring what they saw in batches, not for each answer.
 */
@SharedByWorkers
public final class AdaptiveLimit {
    /*
     * The gradient of Netflix' concurrency-limits (Gradient2Limit) with the base of Envoy's adaptive concurrency filter.
     * Answers are looked at by windows. With the mean of a window and the base, which is the mean without a queue,
     *     gradient = tolerance * base / mean, in [0.5, 1]
     *     limit    = limit * gradient + sqrt(limit), smoothed
     * so that it falls when answers take longer than the base allows, and else grows by the square root of itself; faster,
     * until the first time that it is too much. It grows only while it is used.
     *
     * The base is the lowest mean seen, or what comes while less than half of the limit is used, when nothing waits for itself. As
     * it may have been learned with a queue, or the upstream have become slower, it is measured anew every PROBE: the limit is halved,
     * the answers of one window, which had waited, are left out, and the mean of the next is the base. Envoy goes down to its
     * minimum for that, which costs answers; half is below the knee wherever the limit has settled, and where it is not, the
     * next probe follows soon.
     *
     * A window is one word, a count and a sum, so that both are of the same answers. Whoever finds a window over and takes
     * the flag BUSY alone computes; nobody waits for it.
     */

    private static final long WINDOW_NS = 100_000_000L;

    /** A window lasts until so many answers came, or for a second. */
    private static final int ANSWERS_MIN = 20;

    private static final long WINDOW_NS_MAX = 1_000_000_000L;
    private static final long PROBE_NS = 15_000_000_000L;
    private static final long PROBE_SOON_NS = 1_000_000_000L;

    /** Where it begins. */
    private static final int START = 20;

    private static final double GRADIENT_MIN = 0.5;
    private static final double SMOOTHING = 0.2;
    private static final double GROWTH_AT_FIRST = 1.5;
    private static final double FALL_AFTER_FAILURES = 0.9;

    /** The base has moved by so much that the way to the limit is taken anew. */
    private static final double SLOWER = 1.25;

    /** A probe has found a base that is lower by so much: another one may find one that is lower still. */
    private static final double LOWER = 0.95;

    private static final int COUNT_SHIFT = 40;
    private static final long SUM_MASK = (1L << COUNT_SHIFT) - 1;
    private static final long TOOK_US_MAX = 60_000_000L;
    private static final double MILLI = 1000;

    // Cells 128 bytes apart where many write.
    private static final int WINDOW = 16;
    private static final int FAILED = 32;
    private static final int PEAK = 33;
    private static final int BUSY = 48;
    private static final int LIMIT = 64;
    private static final int BASE_US = 65;
    private static final int BASE_NS = 66;
    private static final int BEGAN_NS = 67;
    private static final int PROBE = 68;
    private static final int GROWS_SLOWLY = 69;
    private static final int CELLS = 84;

    private static final long NO_PROBE = 0;
    private static final long DRAINS = 1;
    private static final long MEASURES = 2;

    private final AtomicLongArray cells = new AtomicLongArray(CELLS);

    /** How many requests may be under way now. */
    public long limit(AdaptivePlan plan) {
        double known = learned();
        return Math.clamp(Math.round(cells.get(PROBE) == NO_PROBE ? known : known / 2), plan.min(), plan.max());
    }

    /** How long an answer takes where nothing waits, in microseconds; 0 if that is not known yet. */
    public long baseUs() {
        return cells.get(BASE_US);
    }

    /** What one answer adds to a sum for {@link #bring}. */
    public static long microsOf(long tookNs) {
        return Math.clamp(tookNs / 1000, 0, TOOK_US_MAX);
    }

    /**
     * Brings what one worker saw since it brought something last.
     *
     * @param count answers, fewer than a million
     * @param sumUs how long they took, of all together
     * @param failed tries that came to nothing
     * @param inside requests under way
     */
    public void bring(AdaptivePlan plan, int count, long sumUs, int failed, long inside, long nowNs) {
        long window = cells.addAndGet(WINDOW, (long) count << COUNT_SHIFT | (sumUs & SUM_MASK));
        if (failed > 0) {
            cells.getAndAdd(FAILED, failed);
        }
        if (inside > cells.get(PEAK)) {
            // The highest of those that race, or one of them: it only says whether the limit is used.
            cells.set(PEAK, inside);
        }
        long lastedNs = nowNs - cells.get(BEGAN_NS);
        boolean isOver = lastedNs >= WINDOW_NS && (window >>> COUNT_SHIFT >= ANSWERS_MIN || lastedNs >= WINDOW_NS_MAX);
        if ((isOver || cells.get(BEGAN_NS) == 0) && cells.compareAndSet(BUSY, 0, 1)) {
            try {
                step(plan, nowNs);
            } finally {
                cells.set(BUSY, 0);
            }
        }
    }

    private void step(AdaptivePlan plan, long nowNs) {
        if (cells.get(BEGAN_NS) != 0 && nowNs - cells.get(BEGAN_NS) < WINDOW_NS) {
            // Another worker was sooner.
            return;
        }
        boolean isFirst = cells.get(BEGAN_NS) == 0;
        cells.set(BEGAN_NS, nowNs == 0 ? 1 : nowNs);
        if (isFirst) {
            cells.set(BASE_NS, nowNs);
            return;
        }
        long window = cells.getAndSet(WINDOW, 0);
        long failed = cells.getAndSet(FAILED, 0);
        long peak = cells.getAndSet(PEAK, 0);
        long count = window >>> COUNT_SHIFT;
        double limit = limit(plan);
        if (failed * 10 > count + failed) {
            settle(plan, learned() * FALL_AFTER_FAILURES);
            cells.set(GROWS_SLOWLY, 1);
        } else if (count > 0) {
            learn(plan, (double) (window & SUM_MASK) / count, peak * 2 >= limit, nowNs);
        }
    }

    private void learn(AdaptivePlan plan, double meanUs, boolean isUsed, long nowNs) {
        long probe = cells.get(PROBE);
        if (probe == DRAINS) {
            cells.set(PROBE, MEASURES);
            return;
        }
        double base = cells.get(BASE_US);
        if (probe == MEASURES) {
            cells.set(PROBE, NO_PROBE);
            if (meanUs > base * SLOWER) {
                cells.set(GROWS_SLOWLY, 0);
            }
            base(meanUs, nowNs);
            if (meanUs < base * LOWER) {
                probeSoon(nowNs);
            }
            return;
        }
        if (base == 0) {
            base(meanUs, nowNs);
            if (isUsed) {
                probeSoon(nowNs);
            }
        } else if (meanUs < base) {
            base(meanUs, nowNs);
        } else if (!isUsed) {
            base(base + SMOOTHING * (meanUs - base), nowNs);
        } else if (nowNs - cells.get(BASE_NS) > PROBE_NS) {
            cells.set(PROBE, DRAINS);
            return;
        }
        if (isUsed) {
            move(plan, meanUs);
        }
    }

    private void move(AdaptivePlan plan, double meanUs) {
        double limit = learned();
        double gradient = Math.clamp(plan.tolerance() * cells.get(BASE_US) / meanUs, GRADIENT_MIN, 1);
        if (gradient == 1 && cells.get(GROWS_SLOWLY) == 0) {
            settle(plan, limit * GROWTH_AT_FIRST);
            return;
        }
        cells.set(GROWS_SLOWLY, 1);
        settle(plan, limit + SMOOTHING * (limit * gradient + Math.sqrt(limit) - limit));
    }

    private void base(double us, long nowNs) {
        cells.set(BASE_US, Math.max(1, Math.round(us)));
        cells.set(BASE_NS, nowNs);
    }

    // Half of the limit was still too much, or may be: the base is not the last word.
    private void probeSoon(long nowNs) {
        cells.set(BASE_NS, nowNs - PROBE_NS + PROBE_SOON_NS);
    }

    private void settle(AdaptivePlan plan, double limit) {
        cells.set(LIMIT, Math.round(MILLI * Math.clamp(limit, plan.min(), plan.max())));
    }

    private double learned() {
        long milli = cells.get(LIMIT);
        return milli == 0 ? START : milli / MILLI;
    }

    /** Forgets what it has learned. */
    public void reset() {
        cells.set(WINDOW, 0);
        cells.set(FAILED, 0);
        cells.set(PEAK, 0);
        cells.set(LIMIT, 0);
        cells.set(BASE_US, 0);
        cells.set(BEGAN_NS, 0);
        cells.set(PROBE, NO_PROBE);
        cells.set(GROWS_SLOWLY, 0);
    }
}
