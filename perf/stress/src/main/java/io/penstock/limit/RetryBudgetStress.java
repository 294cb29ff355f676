package io.penstock.limit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Races on one {@link RetryBudget}. */
public final class RetryBudgetStress {
    private static final long SECOND_NS = 1_000_000_000L;

    private RetryBudgetStress() {}

    /** A budget that two actors share. */
    public static class OneBudget {
        private final RetryBudget budget = new RetryBudget();

        final void earn(int tries, long nowNs) {
            budget.earn((long) tries * RetryBudget.TRY_UNITS, nowNs);
        }

        /** How many tries were got, 0 or 1. */
        final int spend(int minPerSecond, long nowNs) {
            return budget.trySpend(minPerSecond, nowNs) ? 1 : 0;
        }

        /** How many whole tries are left. */
        final int left() {
            return (int) (budget.balance() / RetryBudget.TRY_UNITS);
        }
    }

    /** Two workers earn one try each and want two: never more than two are given, and none is lost. */
    @JCStressTest
    @Outcome(
            id = {"1, 1, 0", "2, 0, 0", "0, 2, 0", "1, 0, 1", "0, 1, 1", "0, 0, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "what was earned")
    @Outcome(expect = Expect.FORBIDDEN, desc = "more than was earned, or a try lost")
    @State
    public static class NeverMoreThanEarned extends OneBudget {
        @Actor
        public void first(III_Result r) {
            earn(1, 0);
            r.r1 = spend(0, 0) + spend(0, 0);
        }

        @Actor
        public void second(III_Result r) {
            earn(1, 0);
            r.r2 = spend(0, 0) + spend(0, 0);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = left();
        }
    }

    /** Two workers want two tries each of a minimum of three. */
    @JCStressTest
    @Outcome(
            id = {"2, 1, 0", "1, 2, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "three of four")
    @Outcome(expect = Expect.FORBIDDEN, desc = "more or fewer than the minimum")
    @State
    public static class NeverMoreThanTheMinimum extends OneBudget {
        @Actor
        public void first(III_Result r) {
            r.r1 = spend(3, 0) + spend(3, 0);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = spend(3, 0) + spend(3, 0);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = left();
        }
    }

    /** Both see that a second has passed: what was saved is halved once. */
    @JCStressTest
    @Outcome(id = "0, 0, 4", expect = Expect.ACCEPTABLE, desc = "halved once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "halved twice or not at all")
    @State
    public static class HalvedOnce extends OneBudget {
        public HalvedOnce() {
            earn(8, 0);
        }

        @Actor
        public void first() {
            earn(0, SECOND_NS);
        }

        @Actor
        public void second() {
            earn(0, SECOND_NS);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = left();
        }
    }
}
