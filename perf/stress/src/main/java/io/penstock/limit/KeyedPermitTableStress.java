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

/** Races on one bucket of a {@link KeyedPermitTable}. */
public final class KeyedPermitTableStress {
    private KeyedPermitTableStress() {}

    /** A table with one bucket, that two actors share. */
    public static class OneBucket {
        private final KeyedPermitTable table = new KeyedPermitTable(1, Arena.ofAuto());

        /** The cell, or what is below 0 if there was none. */
        final int take(long key, int permitsMax) {
            return table.tryAcquire(key << 8, 0, permitsMax);
        }

        final int takeAndTell(long key, int permitsMax) {
            return take(key, permitsMax) >= 0 ? 1 : 0;
        }

        final void giveBack(int cell) {
            table.release(cell);
        }

        final int inUse() {
            return (int) table.inUse();
        }
    }

    /** Two workers enter the same key, which nobody knew, for its only permit; exactly one gets it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "one of two")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the key was entered twice, or a permit lost")
    @State
    public static class EnterTheSameKey extends OneBucket {
        @Actor
        public void first(III_Result r) {
            r.r1 = takeAndTell(1, 1);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = takeAndTell(1, 1);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = inUse();
        }
    }

    /** Two workers enter two keys where both like the same cell; both get their permits. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "each its own")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a cell was given to two keys")
    @State
    public static class EnterTwoKeys extends OneBucket {
        @Actor
        public void first(III_Result r) {
            r.r1 = takeAndTell(1, 1);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = takeAndTell(2, 1);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = inUse();
        }
    }

    /**
     * The bucket is full but for a key that nobody holds: one worker takes a permit of that key again while another gives the
     * cell to a new key. Whoever comes second finds the bucket full.
     */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 15", "0, 1, 15"},
            expect = Expect.ACCEPTABLE,
            desc = "one of the two has the cell")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a permit was counted for another key, or lost")
    @State
    public static class TakeWhileGivenAway extends OneBucket {
        public TakeWhileGivenAway() {
            int idle = take(1, 1);
            for (int key = 2; key <= KeyedPermitTable.BUCKET_SLOTS; key++) {
                take(key, 1);
            }
            giveBack(idle);
        }

        @Actor
        public void again(III_Result r) {
            r.r1 = takeAndTell(1, 1);
        }

        @Actor
        public void other(III_Result r) {
            r.r2 = takeAndTell(99, 1);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = inUse();
        }
    }

    /** Two workers take and give back permits of one key; nothing stays in use. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "all given back")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a permit is lost or given back twice")
    @State
    public static class GivenBack extends OneBucket {
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
            int cell = take(1, 1);
            if (cell >= 0) {
                giveBack(cell);
            }
        }
    }
}
