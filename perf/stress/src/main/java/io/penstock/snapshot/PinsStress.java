package io.penstock.snapshot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** What a worker lets go by {@link Pins} against a control thread that frees it. */
public final class PinsStress {
    private static final int LIVE = 7;
    private static final int FREED = -1;

    private PinsStress() {}

    /** The control thread writes over a version's memory as soon as it may, which no read of the version may see. */
    @JCStressTest
    @Outcome(id = "14, 1", expect = Expect.ACCEPTABLE, desc = "freed after the last read")
    @Outcome(id = "14, 0", expect = Expect.ACCEPTABLE, desc = "still held when the control thread looked")
    @Outcome(expect = Expect.FORBIDDEN, desc = "freed under its reader")
    @State
    public static class FreeAfterTheLastRead {
        private final Pins pins = new Pins(2);
        private int first = LIVE;
        private int second = LIVE;

        public FreeAfterTheLastRead() {
            pins.holdFrom(0, 1);
            // The other worker has come further: the slower one counts.
            pins.holdFrom(1, 3);
        }

        @Actor
        public void worker(II_Result r) {
            r.r1 = first + second;
            pins.holdFrom(0, 2);
        }

        @Actor
        public void control(II_Result r) {
            if (pins.oldestInUse() > 1) {
                second = FREED;
                first = FREED;
                r.r2 = 1;
            }
        }
    }
}
