package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A circuit breaker, the same for all workers: closed, tries pass and are counted; once too many of them fail, it is open
 * and none passes; after a time it is half open, and a few trials pass, of which each has to succeed for it to close.
 *
 * <p>{@code STATE} is one word: in its lowest two bits which state, above them, when open, until when (in 1024 ns); when half
 * open, the generation, how many trials have begun and how many have succeeded. Each step is one compare-and-set of it, so that of
 * several workers one takes the step and the others see it. The window is a ring of buckets; each is one word with the number of its
 * period, so that a bucket of an earlier round is taken for empty and begun anew by whoever counts into it first.
 * Source: M. Nygard, Release It!, chapter Stability Patterns; the window is that of resilience4j.
 *
 * <p>Any thread, lock-free, without allocation. What passes gets a token and must be concluded with it.
 */
@SharedByWorkers
public final class Breaker {
    /** Parts of the window. */
    public static final int BUCKETS = 10;

    /** The token of what passed while it was closed. */
    public static final long CLOSED_TOKEN = 0;

    /** Where it stands. */
    public enum State {
        /** Everything passes. */
        CLOSED,
        /** Nothing passes. */
        OPEN,
        /** Trials pass. */
        HALF_OPEN
    }

    /** What became of a try. */
    public enum Outcome {
        /** The endpoint did its part. */
        SUCCESS,
        /** It did not. */
        FAILURE,
        /** It was never known. */
        ABANDONED
    }

    private static final long CLOSED = 0;
    private static final long OPEN = 1;
    private static final long HALF_OPEN = 2;
    private static final long STATE_MASK = 3;
    private static final int TIME_SHIFT = 10;
    private static final int SUCCEEDED_SHIFT = 2;
    private static final int BEGUN_SHIFT = 18;
    private static final int GENERATION_SHIFT = 34;
    private static final long COUNT_MASK = 0xFFFF;
    private static final long GENERATION_MASK = 0xFFF_FFFF;

    // A bucket: its period, failures, tries, from the highest bits down.
    private static final int TRIES_BITS = 20;
    private static final long TRIES_MAX = (1 << TRIES_BITS) - 1;
    private static final int PERIOD_SHIFT = 2 * TRIES_BITS;
    private static final long PERIOD_MASK = 0xFF_FFFF;

    private static final int STATE = 16;
    private static final int GENERATION = 32;
    private static final int FIRST_BUCKET = 48;
    private static final int CELLS = FIRST_BUCKET + BUCKETS + 16;

    private final AtomicLongArray cells = new AtomicLongArray(CELLS);

    /** Where it stands, whatever time it is: an open one stays so until something wants to pass. */
    public State state() {
        return stateOf(cells.get(STATE));
    }

    /** How long it stays open at least, in nanoseconds; 0 where it does not. */
    public long openForNs(long nowNs) {
        long word = cells.get(STATE);
        return stateOf(word) == State.OPEN ? Math.max(0, untilOf(word) - nowNs) : 0;
    }

    /** How many tries were counted in the window. */
    public long tries(BreakerPlan plan, long nowNs) {
        return inWindow(plan, nowNs, 0);
    }

    /** How many of them failed. */
    public long failures(BreakerPlan plan, long nowNs) {
        return inWindow(plan, nowNs, TRIES_BITS);
    }

    /**
     * Lets a try pass, or says how long none will.
     *
     * @return a token for {@link #conclude}, never negative; else the nanoseconds until a try may pass, negated, where none is known
     *     a millisecond
     */
    public long tryPass(BreakerPlan plan, long nowNs) {
        while (true) {
            long word = cells.get(STATE);
            switch (stateOf(word)) {
                case CLOSED -> {
                    return CLOSED_TOKEN;
                }
                case OPEN -> {
                    long leftNs = untilOf(word) - nowNs;
                    if (leftNs > 0) {
                        return -leftNs;
                    }
                    long generation = cells.incrementAndGet(GENERATION) & GENERATION_MASK;
                    if (cells.compareAndSet(STATE, word, halfOpen(generation, 1, 0))) {
                        return token(generation);
                    }
                }
                case HALF_OPEN -> {
                    if (begunOf(word) >= plan.trials()) {
                        return -1_000_000;
                    }
                    long next = halfOpen(generationOf(word), begunOf(word) + 1, succeededOf(word));
                    if (cells.compareAndSet(STATE, word, next)) {
                        return token(generationOf(word));
                    }
                }
            }
        }
    }

    /** Whether a try would pass now. */
    public boolean wouldPass(BreakerPlan plan, long nowNs) {
        long word = cells.get(STATE);
        return switch (stateOf(word)) {
            case CLOSED -> true;
            case OPEN -> untilOf(word) - nowNs <= 0;
            case HALF_OPEN -> begunOf(word) < plan.trials();
        };
    }

    /**
     * Says what became of what passed.
     *
     * @return whether this opened the breaker
     */
    public boolean conclude(BreakerPlan plan, long token, Outcome outcome, long nowNs) {
        if (token != CLOSED_TOKEN) {
            return concludeTrial(plan, token, outcome, nowNs);
        }
        if (outcome == Outcome.ABANDONED || stateOf(cells.get(STATE)) != State.CLOSED) {
            return false;
        }
        boolean isFailure = outcome == Outcome.FAILURE;
        count(nowNs, plan.bucketNs(), isFailure);
        return isFailure && isTooMany(plan, nowNs) && cells.compareAndSet(STATE, CLOSED, open(plan, nowNs));
    }

    private boolean concludeTrial(BreakerPlan plan, long token, Outcome outcome, long nowNs) {
        while (true) {
            long word = cells.get(STATE);
            if (stateOf(word) != State.HALF_OPEN || token(generationOf(word)) != token) {
                return false;
            }
            long succeeded = succeededOf(word) + (outcome == Outcome.SUCCESS ? 1 : 0);
            long next = switch (outcome) {
                case FAILURE -> open(plan, nowNs);
                case ABANDONED -> halfOpen(generationOf(word), begunOf(word) - 1, succeeded);
                case SUCCESS ->
                    succeeded >= plan.trials() ? CLOSED : halfOpen(generationOf(word), begunOf(word), succeeded);
            };
            if (next == CLOSED) {
                // Before it is closed: what passes then must not be judged by what was before.
                emptyWindow();
            }
            if (cells.compareAndSet(STATE, word, next)) {
                return outcome == Outcome.FAILURE;
            }
        }
    }

    /** Closes it and forgets what it saw. */
    public void reset() {
        emptyWindow();
        cells.set(STATE, CLOSED);
    }

    private void emptyWindow() {
        for (int i = 0; i < BUCKETS; i++) {
            cells.set(FIRST_BUCKET + i, 0);
        }
    }

    // ---- the window

    private void count(long nowNs, long bucketNs, boolean isFailure) {
        long period = Math.floorDiv(nowNs, bucketNs);
        int at = FIRST_BUCKET + (int) Math.floorMod(period, (long) BUCKETS);
        long tag = period & PERIOD_MASK;
        long bucket = cells.get(at);
        while (true) {
            long before = isOf(bucket, tag) ? bucket : tag << PERIOD_SHIFT;
            if ((before & TRIES_MAX) == TRIES_MAX) {
                // A million in a tenth of the window: their share of failures says enough.
                return;
            }
            long next = before + 1 + (isFailure ? 1L << TRIES_BITS : 0);
            long found = cells.compareAndExchange(at, bucket, next);
            if (found == bucket) {
                return;
            }
            bucket = found;
        }
    }

    private boolean isTooMany(BreakerPlan plan, long nowNs) {
        long tries = inWindow(plan, nowNs, 0);
        long failures = inWindow(plan, nowNs, TRIES_BITS);
        return tries >= plan.minRequests() && failures * 10_000 >= tries * plan.failureBasisPoints();
    }

    private long inWindow(BreakerPlan plan, long nowNs, int shift) {
        long last = Math.floorDiv(nowNs, plan.bucketNs());
        long sum = 0;
        for (long period = last - BUCKETS + 1; period <= last; period++) {
            long bucket = cells.get(FIRST_BUCKET + (int) Math.floorMod(period, (long) BUCKETS));
            if (isOf(bucket, period & PERIOD_MASK)) {
                sum += bucket >>> shift & TRIES_MAX;
            }
        }
        return sum;
    }

    // An empty bucket is of no period: one that was counted into has a try.
    private static boolean isOf(long bucket, long tag) {
        return bucket >>> PERIOD_SHIFT == tag && (bucket & TRIES_MAX) != 0;
    }

    // ---- the word

    private static State stateOf(long word) {
        long state = word & STATE_MASK;
        return state == CLOSED ? State.CLOSED : state == OPEN ? State.OPEN : State.HALF_OPEN;
    }

    private static long open(BreakerPlan plan, long nowNs) {
        return ((nowNs + plan.openForNs()) >> TIME_SHIFT) << 2 | OPEN;
    }

    private static long untilOf(long word) {
        return word >> 2 << TIME_SHIFT;
    }

    private static long halfOpen(long generation, long begun, long succeeded) {
        return generation << GENERATION_SHIFT | begun << BEGUN_SHIFT | succeeded << SUCCEEDED_SHIFT | HALF_OPEN;
    }

    private static long generationOf(long word) {
        return word >>> GENERATION_SHIFT & GENERATION_MASK;
    }

    private static long begunOf(long word) {
        return word >>> BEGUN_SHIFT & COUNT_MASK;
    }

    private static long succeededOf(long word) {
        return word >>> SUCCEEDED_SHIFT & COUNT_MASK;
    }

    private static long token(long generation) {
        return generation + 1;
    }
}
