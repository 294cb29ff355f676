package io.penstock.metrics;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** A worker's {@link WorkerCounters} and a scrape that reads them meanwhile. */
public final class WorkerCountersStress {
    // Room for the id below, in cells that are not there from the start.
    private static final SeriesBounds BOUNDS = new SeriesBounds(1, 1, 1, 128);

    private WorkerCountersStress() {}

    /** A counter never goes back, and ends where the worker brought it. */
    @JCStressTest
    @Outcome(
            id = {"0, 0, 2", "0, 1, 2", "0, 2, 2", "1, 1, 2", "1, 2, 2", "2, 2, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "as far as it was")
    @Outcome(expect = Expect.FORBIDDEN, desc = "went back, or an addition is lost")
    @State
    public static class NeverGoesBack {
        private final WorkerCounters counters = new WorkerCounters(BOUNDS);

        @Actor
        public void worker() {
            counters.add(Counter.REQUESTS);
            counters.add(Counter.REQUESTS);
        }

        @Actor
        public void scrape(III_Result r) {
            r.r1 = (int) counters.value(Counter.REQUESTS);
            r.r2 = (int) counters.value(Counter.REQUESTS);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = (int) counters.value(Counter.REQUESTS);
        }
    }

    /** A value whose halves differ is seen before or after, never half. */
    @JCStressTest
    @Outcome(
            id = {"0, 0, -1", "0, -1, -1", "-1, -1, -1"},
            expect = Expect.ACCEPTABLE,
            desc = "whole")
    @Outcome(expect = Expect.FORBIDDEN, desc = "torn")
    @State
    public static class NeverTorn {
        private final WorkerCounters counters = new WorkerCounters(BOUNDS);

        @Actor
        public void worker() {
            counters.add(Counter.BYTES_OUT, -1);
        }

        @Actor
        public void scrape(LLL_Result r) {
            r.r1 = counters.value(Counter.BYTES_OUT);
            r.r2 = counters.value(Counter.BYTES_OUT);
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = counters.value(Counter.BYTES_OUT);
        }
    }

    /** Cells for an id that was never counted before are made while they are read. */
    @JCStressTest
    @Outcome(
            id = {"0, 0, 3", "0, 3, 3", "3, 3, 3"},
            expect = Expect.ACCEPTABLE,
            desc = "as far as it was")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the first count of an id is lost, or found where nothing was counted")
    @State
    public static class FirstCountOfAnId {
        private static final int ID = 100;

        private final WorkerCounters counters = new WorkerCounters(BOUNDS);

        @Actor
        public void worker() {
            counters.add(SeriesCounter.ENDPOINT_TRIES, ID, 3);
        }

        @Actor
        public void scrape(III_Result r) {
            r.r1 = (int) counters.value(SeriesCounter.ENDPOINT_TRIES, ID);
            r.r2 = (int) counters.value(SeriesCounter.ENDPOINT_TRIES, ID);
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = (int) counters.value(SeriesCounter.ENDPOINT_TRIES, ID);
        }
    }
}
