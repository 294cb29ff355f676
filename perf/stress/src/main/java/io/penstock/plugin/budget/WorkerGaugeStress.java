package io.penstock.plugin.budget;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** A thread that enters and leaves scripts, and the watchdog that reads its {@link WorkerGauge} meanwhile. */
public final class WorkerGaugeStress {
    /** Nothing is used up here. */
    private static final ThreadMeter METER = new ThreadMeter() {
        @Override
        public long cpuNs(long threadId) {
            return 0;
        }

        @Override
        public long allocatedBytes(long threadId) {
            return 0;
        }

        @Override
        public long allocatedBytesHere() {
            return 0;
        }
    };

    private WorkerGaugeStress() {}

    /** The script of an entry, with its number for the time and for both budgets. */
    private record Script(int number) implements Stoppable {
        @Override
        public void stop() {}

        void enter(WorkerGauge gauge) {
            gauge.enter(this, number, number, number);
        }

        static int numberOf(@Nullable Stoppable script) {
            return script instanceof Script known ? known.number : 0;
        }
    }

    /** What is read between two equal odd counts belongs to one entry: all of the first, or all of the second. */
    @JCStressTest
    @Outcome(id = "1, 1, 1, 1", expect = Expect.ACCEPTABLE, desc = "the first entry")
    @Outcome(id = "2, 2, 2, 2", expect = Expect.ACCEPTABLE, desc = "the second entry")
    @Outcome(id = "0, 0, 0, 0", expect = Expect.ACCEPTABLE, desc = "in no script, or the entry changed meanwhile")
    @Outcome(expect = Expect.FORBIDDEN, desc = "one entry would be stopped for what another has used")
    @State
    public static class OneEntryAtATime {
        private final WorkerGauge gauge = new WorkerGauge(METER);
        private final Script first = new Script(1);
        private final Script second = new Script(2);

        @Actor
        public void worker() {
            first.enter(gauge);
            gauge.leave();
            second.enter(gauge);
        }

        @Actor
        public void watchdog(IIII_Result r) {
            long entry = gauge.countAcquire();
            if ((entry & 1) == 0) {
                return;
            }
            long startNs = gauge.startNs();
            long cpuNs = gauge.cpuBudgetNs();
            long bytes = gauge.bytesBudget();
            Stoppable target = gauge.target();
            if (gauge.isStillAt(entry)) {
                r.r1 = Script.numberOf(target);
                r.r2 = (int) startNs;
                r.r3 = (int) cpuNs;
                r.r4 = (int) bytes;
            }
        }
    }

    /** The thread finds the reason of the stop that ended its entry, and not that of an earlier one. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "not stopped yet")
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "stopped, for its own reason")
    @Outcome(expect = Expect.FORBIDDEN, desc = "an earlier entry's reason")
    @State
    public static class ItsOwnReason {
        private final WorkerGauge gauge = new WorkerGauge(METER);
        private final Script script = new Script(1);

        public ItsOwnReason() {
            script.enter(gauge);
            gauge.stopped(1, Overrun.MEMORY);
            gauge.leave();
            script.enter(gauge);
        }

        @Actor
        public void watchdog() {
            gauge.stopped(3, Overrun.CPU);
        }

        @Actor
        public void worker(I_Result r) {
            Overrun why = gauge.overrun();
            r.r1 = why == null ? 0 : why == Overrun.CPU ? 1 : 2;
        }
    }

    /** CPU time that the watchdog noted counts for the entry it was noted for. */
    @JCStressTest
    @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "nothing noted for this entry yet")
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "noted for this entry")
    @Outcome(expect = Expect.FORBIDDEN, desc = "another entry's time")
    @State
    public static class ItsOwnTime {
        private static final long SECOND_NS = 1_000_000_000;

        private final WorkerGauge gauge = new WorkerGauge(METER);
        private final Script script = new Script(1);

        public ItsOwnTime() {
            script.enter(gauge);
            gauge.leave();
            script.enter(gauge);
            gauge.leave();
        }

        @Actor
        public void watchdog() {
            gauge.metered(3, 2 * SECOND_NS);
        }

        @Actor
        public void worker(I_Result r) {
            // Beside what was noted a look's time is counted; in whole seconds it does not show.
            r.r1 = (int) (gauge.cpuNs(5 * SECOND_NS) / SECOND_NS);
        }
    }
}
