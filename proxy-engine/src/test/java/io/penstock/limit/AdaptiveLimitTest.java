package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit of a model of an upstream that does so much at once, by a clock that the test advances. */
final class AdaptiveLimitTest {
    private static final AdaptivePlan PLAN = new AdaptivePlan(2, 1000, 1.5);
    private static final long STEP_NS = 10_000_000L;
    private static final double SECOND_NS = 1e9;

    private final AdaptiveLimit limit = new AdaptiveLimit();
    private long nowNs = 1;
    private double owed;
    private double answered;

    /** What is asked of an upstream that does {@code atOnce} requests at once and takes {@code serviceMs} for each, for a time. */
    private void run(int seconds, int demand, int atOnce, double serviceMs) {
        answered = 0;
        for (double left = seconds * SECOND_NS; left > 0; left -= STEP_NS) {
            long inside = Math.min(demand, limit.limit(PLAN));
            double tookMs = serviceMs * Math.max(1, (double) inside / atOnce);
            owed += inside / tookMs * (STEP_NS / 1e6);
            int count = (int) owed;
            owed -= count;
            answered += count;
            nowNs += STEP_NS;
            limit.bring(PLAN, count, Math.round(count * tookMs * 1000), 0, inside, nowNs);
        }
    }

    private void fail(int seconds, int each) {
        for (double left = seconds * SECOND_NS; left > 0; left -= STEP_NS) {
            nowNs += STEP_NS;
            limit.bring(PLAN, each, each * 20_000L, each, limit.limit(PLAN), nowNs);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 40, 200, 400})
    void settlesAboveWhatTheUpstreamDoesAtOnceAndBelowTwiceThat(int atOnce) {
        run(120, 5000, atOnce, 20);
        assertThat(limit.limit(PLAN)).isBetween((long) atOnce, 2L * atOnce + 6);

        run(60, 5000, atOnce, 20);

        assertThat(answered).isGreaterThan(0.95 * 60 * atOnce / 0.020);
    }

    @Test
    void fallsSoonWhenTheUpstreamLosesMostOfItsPower() {
        run(60, 5000, 100, 20);

        run(10, 5000, 20, 20);

        assertThat(limit.limit(PLAN)).isBetween(20L, 50L);
    }

    @Test
    void growsAgainWhenThePowerIsBack() {
        run(60, 5000, 20, 20);

        run(60, 5000, 100, 20);

        assertThat(limit.limit(PLAN)).isBetween(100L, 204L);
    }

    @Test
    void learnsThatAnswersTakeLongerThoughNothingWaits() {
        run(60, 5000, 100, 20);

        run(60, 5000, 100, 60);

        assertThat(limit.limit(PLAN)).isBetween(95L, 204L);
    }

    @Test
    void staysWhereItIsWhileLittleOfItIsUsed() {
        run(60, 5, 100, 20);

        assertThat(limit.limit(PLAN)).isEqualTo(20);
        assertThat(limit.baseUs()).isBetween(19_900L, 20_100L);
    }

    @Test
    void fallsToItsMinimumWhereNothingComesBack() {
        run(30, 5000, 100, 20);

        fail(20, 5);

        assertThat(limit.limit(PLAN)).isEqualTo(PLAN.min());
    }

    @Test
    void keepsToItsBounds() {
        AdaptivePlan narrow = new AdaptivePlan(30, 40, 1.5);

        assertThat(limit.limit(narrow)).isEqualTo(30);
        run(60, 5000, 400, 20);
        assertThat(limit.limit(narrow)).isEqualTo(40);
    }

    @Test
    void beginsAnewAfterAReset() {
        run(30, 5000, 100, 20);

        limit.reset();

        assertThat(limit.limit(PLAN)).isEqualTo(20);
        assertThat(limit.baseUs()).isZero();
    }

    @Test
    void losesNoAnswersThatSeveralWorkersBringAtOnce() throws Exception {
        int workers = 4;
        int each = 100_000;
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
                for (int k = 1; k <= each; k++) {
                    limit.bring(PLAN, 1, 20_000, 0, 10, k * 1_000_000L);
                }
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        // All took the same time, so any mean that is not this one has mixed two windows.
        assertThat(limit.baseUs()).isEqualTo(20_000);
        assertThat(limit.limit(PLAN)).isBetween(20L, 1000L);
    }
}
