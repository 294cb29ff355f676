package io.penstock.metrics;

import java.util.Arrays;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A worker's {@link AccessPublisher} and the log's thread, {@link AccessLogDrain}, at the two ends of one ring. */
public final class AccessLogStress {
    private AccessLogStress() {}

    /** A ring of two records and the trail that they end in; the drain makes one pass when it is run. */
    public static class SmallRing {
        private static final AccessLogBounds BOUNDS = new AccessLogBounds(2, 64, 1 << 16);
        private static final int TEXT_BYTES = 40;

        private final AccessRing ring = new AccessRing(BOUNDS);
        private final AccessPublisher publisher =
                new AccessPublisher(ring, BOUNDS.textBytes(), new WorkerCounters(new SeriesBounds(1, 1, 1, 1)));
        private final Trail trail = new Trail(8, 8, BOUNDS);
        private final AccessLogDrain drain = new AccessLogDrain(List.of(ring), trail, BOUNDS, System::nanoTime);

        /** A record each, whose numbers and text say its status. */
        final void publish(int... statuses) {
            for (int status : statuses) {
                byte[] text = new byte[TEXT_BYTES];
                Arrays.fill(text, (byte) ('a' + status % 100));
                publisher.claim().status(status).transferred(status, status).text(AccessText.HOST, text);
                publisher.publish();
            }
        }

        /** One pass over the ring, and what came until then. */
        final int takenByAPass() {
            stop();
            return takenUntilStopped();
        }

        final void stop() {
            drain.stop();
        }

        final int takenUntilStopped() {
            drain.run();
            return taken();
        }

        /** How many records came, negative if one of them is not as it was published. */
        final int taken() {
            int sound = 0;
            List<TrailEntry> entries = trail.recent(8);
            for (TrailEntry entry : entries) {
                String wanted =
                        String.valueOf((char) ('a' + entry.status() % 100)).repeat(TEXT_BYTES);
                sound += entry.bytesOut() == entry.status() && entry.host().equals(wanted) ? 1 : 0;
            }
            return sound == entries.size() ? sound : -1;
        }
    }

    /** A record is taken whole or not yet. */
    @JCStressTest
    @Outcome(
            id = {"0, 2", "1, 2", "2, 2"},
            expect = Expect.ACCEPTABLE,
            desc = "whole, and all of them in the end")
    @Outcome(expect = Expect.FORBIDDEN, desc = "taken before it was filled, or lost")
    @State
    public static class FilledBeforeItIsTaken extends SmallRing {
        @Actor
        public void worker() {
            publish(201, 202);
        }

        @Actor
        public void log(II_Result r) {
            r.r1 = takenByAPass();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = takenByAPass();
        }
    }

    /** The ring is full: what the worker writes next goes into a slot that was taken, or nowhere. */
    @JCStressTest
    @Outcome(
            id = {"2, 2", "2, 3", "2, 4", "3, 3", "3, 4", "4, 4"},
            expect = Expect.ACCEPTABLE,
            desc = "those published first are whole, those that found no room are dropped")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a record was written over while it was taken")
    @State
    public static class TakenBeforeItIsWrittenOver extends SmallRing {
        public TakenBeforeItIsWrittenOver() {
            publish(201, 202);
        }

        @Actor
        public void worker() {
            publish(203, 204);
        }

        @Actor
        public void log(II_Result r) {
            r.r1 = takenByAPass();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = takenByAPass();
        }
    }

    /** What was published before the log is told to stop is in its last pass. */
    @JCStressTest
    @Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "all that was published")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the last pass came before the last record")
    @State
    public static class StopTakesAll extends SmallRing {
        @Actor
        public void worker() {
            publish(201, 202);
            stop();
        }

        @Actor
        public void log(II_Result r) {
            r.r1 = takenUntilStopped();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = taken();
        }
    }
}
