package io.penstock.metrics;

import org.HdrHistogram.Histogram;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A worker that records into a {@link LatencyRecorder} whose histograms a scrape exchanges under it. */
public final class LatencyRecorderStress {
    private static final long NS = 1_000_000;

    private LatencyRecorderStress() {}

    /** Every duration is in the total once, however often the histograms changed places while it was recorded. */
    @JCStressTest
    @Outcome(
            id = {"0, 0, 2", "0, 1, 2", "0, 2, 2", "1, 1, 2", "1, 2, 2", "2, 2, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "what was recorded until then")
    @Outcome(expect = Expect.FORBIDDEN, desc = "lost, counted twice, or forgotten again")
    @State
    public static class NothingIsLost {
        private final LatencyRecorder recorder = new LatencyRecorder();

        @Actor
        public void worker() {
            recorder.record(NS);
            recorder.record(2 * NS);
        }

        @Actor
        public void scrape(III_Result r) {
            r.r1 = count();
            r.r2 = count();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = recorder.sumNs() == 3 * NS ? count() : -1;
        }

        private int count() {
            Histogram into = LatencyRecorder.newHistogram();
            recorder.addTo(into);
            return (int) into.getTotalCount();
        }
    }
}
