package io.penstock.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PeerBudgetTest {
    private static final long SECOND = 1_000_000_000L;

    private final PeerBudget budget = new PeerBudget(0);

    private int spendAll(int cost, long nowNs) {
        int times = 0;
        while (budget.trySpend(cost, nowNs)) {
            times++;
        }
        return times;
    }

    @Test
    void endsWhereNothingIsDoneButWhatCosts() {
        assertThat(spendAll(PeerBudget.RESET, 0)).isEqualTo(PeerBudget.POINTS_MAX / PeerBudget.RESET);
    }

    @Test
    void comesBackWithTimeUpToItsBound() {
        spendAll(1, 0);

        assertThat(spendAll(1, SECOND)).isBetween(40, 50);
        assertThat(spendAll(1, 1000 * SECOND)).isBetween(PeerBudget.POINTS_MAX - 1, PeerBudget.POINTS_MAX);
    }

    @Test
    void neverEndsWhereWorkIsDone() {
        for (int i = 0; i < 100_000; i++) {
            assertThat(budget.trySpend(PeerBudget.RESET, 0)).isTrue();
            budget.earn(PeerBudget.ANSWERED);
        }
    }

    @Test
    void asksNothingForUpdatesThatBodySentAccountsFor() {
        spendAll(1, 0);
        budget.bodySent(64 * 1024);
        spendAll(1, 0);

        for (int i = 0; i < 2 * 16; i++) {
            assertThat(budget.tryUpdate(0)).isTrue();
        }
    }

    @Test
    void keepsOnlySoManyUpdates() {
        for (int i = 0; i < 10_000; i++) {
            budget.bodySent(64 * 1024);
        }
        int updates = 0;
        while (budget.tryUpdate(0)) {
            updates++;
        }

        assertThat(updates).isEqualTo(PeerBudget.UPDATES_MAX + PeerBudget.POINTS_MAX);
    }

    @Test
    void takesBackWhatAStreamHasEarnedThatIsReset() {
        for (int i = 0; i < 10_000; i++) {
            budget.bodyTaken(0, 40_000);
            if (!budget.trySpend(PeerBudget.reset(40_000), 0)) {
                return;
            }
        }
        throw new AssertionError("never ends");
    }
}
