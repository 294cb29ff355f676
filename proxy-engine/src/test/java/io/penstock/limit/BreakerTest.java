package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.limit.Breaker.Outcome;
import io.penstock.limit.Breaker.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When tries pass. */
final class BreakerTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long START_NS = 100 * SECOND_NS;

    /** Half of at least four tries in ten seconds opens it for five; two trials close it. */
    private static final BreakerPlan PLAN = new BreakerPlan(5000, SECOND_NS, 4, 5 * SECOND_NS, 2);

    private final Breaker breaker = new Breaker();

    private void tries(Outcome outcome, int count, long nowNs) {
        for (int i = 0; i < count; i++) {
            long token = breaker.tryPass(PLAN, nowNs);
            assertThat(token).isNotNegative();
            breaker.conclude(PLAN, token, outcome, nowNs);
        }
    }

    private void open(long nowNs) {
        tries(Outcome.FAILURE, 4, nowNs);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void staysClosedBelowTheLeastNumberOfTries() {
        tries(Outcome.FAILURE, 3, START_NS);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void staysClosedWhileFewerFailThanTheShare() {
        tries(Outcome.SUCCESS, 6, START_NS);
        tries(Outcome.FAILURE, 5, START_NS);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void opensWithTheFailureThatReachesTheShare() {
        tries(Outcome.SUCCESS, 3, START_NS);
        tries(Outcome.FAILURE, 2, START_NS);

        assertThat(breaker.conclude(PLAN, Breaker.CLOSED_TOKEN, Outcome.FAILURE, START_NS))
                .isTrue();

        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, START_NS, Long.MIN_VALUE / 2, -SECOND_NS})
    void saysHowLongNothingPasses(long startNs) {
        open(startNs);

        assertThat(-breaker.tryPass(PLAN, startNs + SECOND_NS)).isBetween(4 * SECOND_NS - 1024, 4 * SECOND_NS);
        assertThat(breaker.wouldPass(PLAN, startNs + SECOND_NS)).isFalse();
    }

    @Test
    void letsSoManyTrialsPassAfterwardsAndNoMore() {
        open(START_NS);
        long laterNs = START_NS + 6 * SECOND_NS;

        assertThat(breaker.wouldPass(PLAN, laterNs)).isTrue();
        assertThat(breaker.tryPass(PLAN, laterNs)).isPositive();
        assertThat(breaker.tryPass(PLAN, laterNs)).isPositive();
        assertThat(breaker.tryPass(PLAN, laterNs)).isNegative();
        assertThat(breaker.wouldPass(PLAN, laterNs)).isFalse();
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    }

    @Test
    void closesWhenAllTrialsSucceedAndForgetsWhatWasBefore() {
        open(START_NS);
        long laterNs = START_NS + 6 * SECOND_NS;

        tries(Outcome.SUCCESS, 2, laterNs);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);

        tries(Outcome.FAILURE, 3, laterNs);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void opensAgainWithTheFirstTrialThatFails() {
        open(START_NS);
        long laterNs = START_NS + 6 * SECOND_NS;
        long first = breaker.tryPass(PLAN, laterNs);
        long second = breaker.tryPass(PLAN, laterNs);

        assertThat(breaker.conclude(PLAN, first, Outcome.FAILURE, laterNs)).isTrue();
        assertThat(breaker.state()).isEqualTo(State.OPEN);

        breaker.conclude(PLAN, second, Outcome.SUCCESS, laterNs);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.tryPass(PLAN, laterNs + SECOND_NS)).isNegative();
    }

    @Test
    void givesThePlaceOfATrialThatWasAbandonedToAnother() {
        open(START_NS);
        long laterNs = START_NS + 6 * SECOND_NS;
        long first = breaker.tryPass(PLAN, laterNs);
        breaker.tryPass(PLAN, laterNs);

        breaker.conclude(PLAN, first, Outcome.ABANDONED, laterNs);

        assertThat(breaker.tryPass(PLAN, laterNs)).isPositive();
        assertThat(breaker.tryPass(PLAN, laterNs)).isNegative();
    }

    @Test
    void doesNotCountWhatPassedBeforeItOpened() {
        long early = breaker.tryPass(PLAN, START_NS);
        open(START_NS);
        long laterNs = START_NS + 6 * SECOND_NS;
        tries(Outcome.SUCCESS, 1, laterNs);

        breaker.conclude(PLAN, early, Outcome.FAILURE, laterNs);

        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    }

    @Test
    void doesNotTakeATrialOfAnEarlierTimeForOneOfThis() {
        open(START_NS);
        long old = breaker.tryPass(PLAN, START_NS + 6 * SECOND_NS);
        long other = breaker.tryPass(PLAN, START_NS + 6 * SECOND_NS);
        breaker.conclude(PLAN, other, Outcome.FAILURE, START_NS + 6 * SECOND_NS);
        breaker.tryPass(PLAN, START_NS + 12 * SECOND_NS);

        breaker.conclude(PLAN, old, Outcome.FAILURE, START_NS + 12 * SECOND_NS);

        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    }

    @Test
    void forgetsFailuresThatAreOlderThanTheWindow() {
        tries(Outcome.FAILURE, 3, START_NS);

        tries(Outcome.FAILURE, 3, START_NS + 10 * SECOND_NS);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);

        tries(Outcome.FAILURE, 1, START_NS + 19 * SECOND_NS);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void countsNothingThatWasAbandoned() {
        tries(Outcome.ABANDONED, 10, START_NS);
        tries(Outcome.FAILURE, 3, START_NS);

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void closesWhenItIsReset() {
        open(START_NS);

        breaker.reset();

        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        tries(Outcome.FAILURE, 3, START_NS);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void opensOnceHoweverManyThreadsSeeItFail() throws InterruptedException {
        BreakerPlan plan = new BreakerPlan(10_000, SECOND_NS, 4000, 5 * SECOND_NS, 2);
        List<Boolean> opened = new ArrayList<>();
        List<Thread> workers = new ArrayList<>();
        for (int worker = 0; worker < 4; worker++) {
            workers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 1000; i++) {
                    if (breaker.conclude(plan, Breaker.CLOSED_TOKEN, Outcome.FAILURE, START_NS)) {
                        synchronized (opened) {
                            opened.add(true);
                        }
                    }
                }
            }));
        }
        for (Thread worker : workers) {
            worker.join();
        }

        assertThat(opened).hasSize(1);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }
}
