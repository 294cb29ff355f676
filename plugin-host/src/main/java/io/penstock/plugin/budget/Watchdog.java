package io.penstock.plugin.budget;

import io.penstock.mark.SharedByWorkers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stops scripts that run over their budgets: one daemon thread looks at every gauge each millisecond.
 *
 * <p>A thread that enters a script only counts. What it had used up by then is read here, when the entry is first seen, so
 * that entries cost next to nothing and budgets are kept to about one look. CPU time is what counts, not the clock: on a
 * busy machine a script that was not running is not stopped for it, until the clock says {@link #WALL_FACTOR} times as much.
 */
@SharedByWorkers
public final class Watchdog implements AutoCloseable {
    /** An entry is stopped at the latest after so many times its CPU budget on the clock, and {@link #WALL_NS_MIN}. */
    static final int WALL_FACTOR = 20;

    /** No entry is stopped by the clock before. */
    static final long WALL_NS_MIN = 1_000_000_000L;

    private static final long LOOK_NS = 1_000_000;
    private static final long IDLE_LOOK_NS = 5_000_000;
    private static final int LOOKS_TILL_IDLE = 50;

    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private final ThreadMeter meter;
    private final LongSupplier clock;
    private final Executor stopper;
    private @Nullable Thread thread;
    private volatile boolean isClosed;

    /** A gauge with what was seen of its present entry. */
    private static final class Watch {
        private final WorkerGauge gauge;
        private long seen;
        private long cpuBase;
        private long bytesBase;
        private boolean isStopping;

        Watch(WorkerGauge gauge) {
            this.gauge = gauge;
        }
    }

    /**
     * Makes one that does not look by itself yet.
     *
     * @param stopper runs what stops a script, which may take long, and must not keep the watchdog from the other scripts
     */
    public Watchdog(ThreadMeter meter, LongSupplier clock, Executor stopper) {
        this.meter = meter;
        this.clock = clock;
        this.stopper = stopper;
    }

    /** Makes a gauge for one thread, watched from now on. */
    public WorkerGauge newGauge() {
        WorkerGauge gauge = new WorkerGauge();
        watches.add(new Watch(gauge));
        return gauge;
    }

    /** Watches a gauge no longer. */
    public void forget(WorkerGauge gauge) {
        watches.removeIf(watch -> watch.gauge == gauge);
    }

    /** Starts the thread, once. */
    public synchronized void start() {
        if (thread == null && !isClosed) {
            thread = Thread.ofPlatform()
                    .daemon()
                    .name("penstock-plugin-watchdog")
                    .start(this::run);
        }
    }

    private void run() {
        int quiet = 0;
        while (!isClosed) {
            quiet = look() ? 0 : quiet + 1;
            LockSupport.parkNanos(quiet > LOOKS_TILL_IDLE ? IDLE_LOOK_NS : LOOK_NS);
        }
    }

    /** Looks at every gauge once; whether any script ran. */
    boolean look() {
        boolean isAnyInside = false;
        for (Watch watch : watches) {
            isAnyInside |= look(watch);
        }
        return isAnyInside;
    }

    private boolean look(Watch watch) {
        WorkerGauge gauge = watch.gauge;
        long entry = gauge.countAcquire();
        if ((entry & 1) == 0) {
            boolean hasRun = entry != watch.seen;
            watch.seen = entry;
            return hasRun;
        }
        long threadId = gauge.threadId();
        long cpuNs = meter.cpuNs(threadId);
        long bytes = meter.allocatedBytes(threadId);
        if (entry != watch.seen) {
            watch.seen = entry;
            watch.cpuBase = cpuNs;
            watch.bytesBase = bytes;
            watch.isStopping = false;
            return true;
        }
        gauge.metered(entry, cpuNs - watch.cpuBase);
        if (!watch.isStopping) {
            Overrun overrun = overrun(watch, cpuNs - watch.cpuBase, bytes - watch.bytesBase);
            Stoppable target = gauge.target();
            // The entry may have ended meanwhile; then what was read belongs to no entry or to the next.
            if (overrun != null && target != null && gauge.countAcquire() == entry) {
                watch.isStopping = true;
                gauge.stopped(entry, overrun);
                stopper.execute(target::stop);
            }
        }
        return true;
    }

    @Nullable
    private Overrun overrun(Watch watch, long cpuNs, long bytes) {
        WorkerGauge gauge = watch.gauge;
        if (bytes > gauge.bytesBudget()) {
            return Overrun.MEMORY;
        }
        if (cpuNs > gauge.cpuBudgetNs()) {
            return Overrun.CPU;
        }
        long wallMax = Math.max(WALL_NS_MIN, gauge.cpuBudgetNs() * WALL_FACTOR);
        return clock.getAsLong() - gauge.startNs() > wallMax ? Overrun.WALL : null;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
