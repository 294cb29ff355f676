package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests earn of further tries. */
final class RetryBudgetTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int FIFTH = RetryBudget.TRY_UNITS / 5;

    private final RetryBudget budget = new RetryBudget();

    private int spendAll(int minPerSecond, long nowNs) {
        int spent = 0;
        while (budget.trySpend(minPerSecond, nowNs)) {
            spent++;
        }
        return spent;
    }

    @Test
    void hasNothingAtFirst() {
        assertThat(budget.trySpend(0, 0)).isFalse();
    }

    @Test
    void givesOneTryForEachFiveRequestsThatEarnAFifth() {
        for (int i = 0; i < 99; i++) {
            budget.earn(FIFTH, 0);
        }

        assertThat(spendAll(0, 0)).isEqualTo(19);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 5 * SECOND_NS, Long.MAX_VALUE - 1, Long.MIN_VALUE + 1, -SECOND_NS})
    void givesTheMinimumAtOnceAndThenItsRate(long startNs) {
        assertThat(spendAll(10, startNs)).isEqualTo(10);
        assertThat(spendAll(10, startNs + SECOND_NS / 10)).isEqualTo(1);
        assertThat(spendAll(10, startNs + 3 * SECOND_NS)).isEqualTo(10);
    }

    @Test
    void takesWhatIsEarnedBeforeTheMinimum() {
        budget.earn(RetryBudget.TRY_UNITS, 0);

        assertThat(budget.trySpend(1, 0)).isTrue();
        assertThat(spendAll(1, 0)).isEqualTo(1);
    }

    @Test
    void halvesWhatWasSavedEachSecond() {
        budget.earn(RetryBudget.TRY_UNITS * 80L, 0);

        assertThat(spendAll(0, 3 * SECOND_NS)).isEqualTo(10);
    }

    @Test
    void savesNoMoreThanTwoSecondsEarn() {
        for (int second = 0; second < 100; second++) {
            for (int request = 0; request < 500; request++) {
                budget.earn(FIFTH, second * SECOND_NS);
            }
        }

        assertThat(spendAll(0, 99 * SECOND_NS)).isBetween(100, 200);
    }

    @Test
    void forgetsEverythingInALongCalm() {
        budget.earn(Long.MAX_VALUE / 4, 0);

        assertThat(spendAll(0, 100 * SECOND_NS)).isZero();
    }

    @Test
    void givesNoMoreThanWasEarnedHoweverManyAsk() throws InterruptedException {
        AtomicInteger spent = new AtomicInteger();
        List<Thread> workers = new ArrayList<>();
        for (int worker = 0; worker < 4; worker++) {
            workers.add(Thread.ofPlatform().start(() -> {
                for (int request = 0; request < 100_000; request++) {
                    budget.earn(FIFTH, 0);
                    if (budget.trySpend(0, 0)) {
                        spent.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread worker : workers) {
            worker.join();
        }

        assertThat(spent.get() + spendAll(0, 0)).isEqualTo(80_000);
    }
}
