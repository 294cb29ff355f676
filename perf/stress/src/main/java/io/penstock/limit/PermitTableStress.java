package io.penstock.limit;

import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Races on one cell of a {@link PermitTable}. */
public final class PermitTableStress {
    private PermitTableStress() {}

    /** A table with one cell, that two actors share. */
    public static class OneCell {
        private final PermitTable table = new PermitTable(1, Arena.ofAuto());
        private final int slot = table.slotOf("pool/a");

        /** How many permits of so many were got, 0 or 1. */
        final int take(int permitsMax) {
            return table.tryAcquire(slot, permitsMax) ? 1 : 0;
        }

        final void giveBack() {
            table.release(slot);
        }

        final int inUse() {
            return (int) table.inUse(slot);
        }
    }

    /** Two workers want two permits each of three; exactly one goes without. */
    @JCStressTest
    @Outcome(
            id = {"2, 1, 3", "1, 2, 3"},
            expect = Expect.ACCEPTABLE,
            desc = "three of four")
    @Outcome(expect = Expect.FORBIDDEN, desc = "more than the maximum, or a permit lost")
    @State
    public static class NeverMoreThanTheMaximum extends OneCell {
        @Actor
        public void first(III_Result r) {
            r.r1 = take(3) + take(3);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = take(3) + take(3);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = inUse();
        }
    }

    /** One gives a permit back while another asks for it twice: it gets it at most once, and the count is right afterwards. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "given on")
    @Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "came too early twice")
    @Outcome(expect = Expect.FORBIDDEN, desc = "given twice, or the count is wrong")
    @State
    public static class GiveOn extends OneCell {
        public GiveOn() {
            take(1);
        }

        @Actor
        public void giver() {
            giveBack();
        }

        @Actor
        public void taker(III_Result r) {
            r.r1 = take(1);
            r.r2 = take(1);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = inUse();
        }
    }

    /** Two workers take and give back at once; nothing stays in use. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "all given back")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a permit is lost or given back twice")
    @State
    public static class GivenBack extends OneCell {
        @Actor
        public void first() {
            takeAndGiveBack();
        }

        @Actor
        public void second() {
            takeAndGiveBack();
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = inUse();
        }

        private void takeAndGiveBack() {
            if (take(1) == 1) {
                giveBack();
            }
        }
    }
}
