package io.penstock.plugin.budget;

import io.penstock.mark.SharedByWorkers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops scripts that run over their budgets: one daemon thread looks at every gauge each five milliseconds, and each
 * millisecond while an entry lasts long. To look more often without need would cost more than the scripts: a thread that
 * wakes up on a core where a worker is at work interrupts it for some ten microseconds.
 *
 * <p>A thread that enters a script only counts. What it had used up by then is read here, once the entry has lasted a
 * millisecond: nearly all end before, so that they cost next to nothing. An entry over its budget is stopped at the latest
 * {@link #LATE_NS} after it has used it up. CPU time is what counts, not the clock: on a
 * busy machine a script that was not running is not stopped for it, until the clock says {@link #WALL_FACTOR} times as much.
 */
@SharedByWorkers
public final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    /** An entry is stopped at the latest after so many times its CPU budget on the clock, and {@link #WALL_NS_MIN}. */
    static final int WALL_FACTOR = 20;

    /** No entry is stopped by the clock before. */
    static final long WALL_NS_MIN = 1_000_000_000L;

    private static final long LOOK_NS = 5_000_000;
    private static final long CLOSE_LOOK_NS = 1_000_000;

    /** CPU time of an entry that may go by unseen, if this thread gets its turn in time: a look, and a close one. */
    static final long LATE_NS = LOOK_NS + CLOSE_LOOK_NS;

    private static final long HEAP_LOOK_NS = 20_000_000;

    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private final ThreadMeter meter;
    private final LongSupplier clock;
    private final Executor stopper;
    private volatile @Nullable HeapPressure heap;
    private long heapLookNs;
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
        WorkerGauge gauge = new WorkerGauge(meter);
        watches.add(new Watch(gauge));
        return gauge;
    }

    /** Watches a gauge no longer. */
    public void forget(WorkerGauge gauge) {
        watches.removeIf(watch -> watch.gauge == gauge);
    }

    /** Has its thread look at the heap too, each {@link #HEAP_LOOK_NS}. Before {@link #start}. */
    public void watchHeap(HeapPressure pressure) {
        heap = pressure;
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
        while (!isClosed) {
            boolean isAnyLong = look();
            lookAtHeap(clock.getAsLong());
            LockSupport.parkNanos(isAnyLong ? CLOSE_LOOK_NS : LOOK_NS);
        }
    }

    private void lookAtHeap(long nowNs) {
        HeapPressure watched = heap;
        if (watched != null && nowNs - heapLookNs >= HEAP_LOOK_NS) {
            heapLookNs = nowNs;
            try {
                watched.look();
            } catch (RuntimeException defect) {
                // Scripts must stay watched whatever this does.
                LOG.error("looking at the heap failed", defect);
            }
        }
    }

    /** Looks at every gauge once; whether there is an entry to keep an eye on. */
    boolean look() {
        boolean isAnyLong = false;
        long nowNs = clock.getAsLong();
        for (Watch watch : watches) {
            isAnyLong |= look(watch, nowNs);
        }
        return isAnyLong;
    }

    private boolean look(Watch watch, long nowNs) {
        WorkerGauge gauge = watch.gauge;
        long entry = gauge.countAcquire();
        if ((entry & 1) == 0) {
            return false;
        }
        if (entry != watch.seen) {
            if (nowNs - gauge.startNs() < CLOSE_LOOK_NS) {
                return false;
            }
            watch.seen = entry;
            watch.cpuBase = meter.cpuNs(gauge.threadId());
            watch.bytesBase = meter.allocatedBytes(gauge.threadId());
            watch.isStopping = false;
            return true;
        }
        long cpuNs = meter.cpuNs(gauge.threadId());
        long bytes = meter.allocatedBytes(gauge.threadId());
        gauge.metered(entry, cpuNs - watch.cpuBase);
        if (!watch.isStopping) {
            Overrun overrun = overrun(gauge, nowNs, cpuNs - watch.cpuBase, bytes - watch.bytesBase);
            Stoppable target = gauge.target();
            // The entry may have ended meanwhile; then what was read belongs to no entry or to the next.
            if (overrun != null && target != null && gauge.isStillAt(entry)) {
                watch.isStopping = true;
                gauge.stopped(entry, overrun);
                stopper.execute(target::stop);
            }
        }
        return true;
    }

    @Nullable
    private static Overrun overrun(WorkerGauge gauge, long nowNs, long cpuNs, long bytes) {
        if (bytes > gauge.bytesBudget()) {
            return Overrun.MEMORY;
        }
        if (cpuNs > gauge.cpuBudgetNs()) {
            return Overrun.CPU;
        }
        long wallMax = Math.max(WALL_NS_MIN, gauge.cpuBudgetNs() * WALL_FACTOR);
        return nowNs - gauge.startNs() > wallMax ? Overrun.WALL : null;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
