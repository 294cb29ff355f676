package io.penstock.plugin.budget;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Strikes of several workers against one {@link Quarantine}, and a worker that asks whether it may call. */
public final class QuarantineStress {
    private static final long WINDOW_NS = 1_000_000_000;

    private QuarantineStress() {}

    /** Of two strikes at once one begins it, and only one says so. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "begun once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a strike is lost, or it began twice")
    @State
    public static class BegunOnce {
        private final Quarantine quarantine = new Quarantine(2, WINDOW_NS);

        @Actor
        public void first(III_Result r) {
            r.r1 = quarantine.strike(1, 1, "first") ? 1 : 0;
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = quarantine.strike(1, 1, "second") ? 1 : 0;
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = quarantine.isActive() ? 1 : 0;
        }
    }

    /** Whoever finds a quarantine under way finds its reason. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "the reason is there first")
    @Outcome(expect = Expect.FORBIDDEN, desc = "under way without a reason")
    @State
    public static class TellsWhy {
        private final Quarantine quarantine = new Quarantine(1, WINDOW_NS);

        @Actor
        public void worker() {
            boolean began = quarantine.strike(1, 1, "cpu");
            assert began;
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = quarantine.isActive() ? 1 : 0;
            r.r2 = quarantine.state().isPresent() ? 1 : 0;
        }
    }
}
