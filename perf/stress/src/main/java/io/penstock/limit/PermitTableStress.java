package io.penstock.limit;

import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Races on one cell of a {@link PermitTable}. */
public final class PermitTableStress {
    private PermitTableStress() {}

    /** Three workers want one of two permits; exactly one goes without. */
    @JCStressTest
    @Outcome(
            id = {"1, 1, 0", "1, 0, 1", "0, 1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "two of three")
    @Outcome(expect = Expect.FORBIDDEN, desc = "more than the maximum, or a permit lost")
    @State
    public static class NeverMoreThanTheMaximum {
        private final PermitTable table = new PermitTable(1, Arena.ofAuto());
        private final int slot = table.slotOf("pool/a");

        @Actor
        public void first(III_Result r) {
            r.r1 = table.tryAcquire(slot, 2) ? 1 : 0;
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = table.tryAcquire(slot, 2) ? 1 : 0;
        }

        @Actor
        public void third(III_Result r) {
            r.r3 = table.tryAcquire(slot, 2) ? 1 : 0;
        }
    }

    /** One gives a permit back while two want it: at most one gets it, and the count is right afterwards. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "given on")
    @Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "both came too early")
    @Outcome(expect = Expect.FORBIDDEN, desc = "given twice, or the count is wrong")
    @State
    public static class GiveOn {
        private final PermitTable table = new PermitTable(1, Arena.ofAuto());
        private final int slot = table.slotOf("pool/a");

        public GiveOn() {
            table.tryAcquire(slot, 1);
        }

        @Actor
        public void giver() {
            table.release(slot);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = table.tryAcquire(slot, 1) ? 1 : 0;
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = table.tryAcquire(slot, 1) ? 1 : 0;
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = (int) table.inUse(slot);
        }
    }
}
