package io.penstock.plugin.budget;

import org.HdrHistogram.Histogram;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A worker's {@link HookMeter}, whose histograms are made at the first record while others read. */
public final class HookMeterStress {
    private HookMeterStress() {}

    /** Every entry is in the total once, the very first too. */
    @JCStressTest
    @Outcome(
            id = {"0, 0, 2", "0, 1, 2", "0, 2, 2", "1, 1, 2", "1, 2, 2", "2, 2, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "what was recorded until then")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, counted twice, or forgotten again")
    @State
    public static class TheFirstEntryToo {
        private final HookMeter meter = new HookMeter();

        @Actor
        public void worker() {
            meter.entered(HookMeter.LOWEST_NS);
            meter.entered(2 * HookMeter.LOWEST_NS);
        }

        @Actor
        public void reader(III_Result r) {
            r.r1 = count();
            r.r2 = count();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = count();
        }

        private int count() {
            Histogram into = HookMeter.newHistogram();
            meter.addInside(into);
            return (int) into.getTotalCount();
        }
    }
}
