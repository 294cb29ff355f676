package io.penstock.plugin.budget;

import io.penstock.mark.SharedByWorkers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What one thread is doing inside scripts, for the watchdog to read: written by that thread alone with two ordered stores
 * for each entry, read by the watchdog without stopping it.
 *
 * <p>The count is odd while the thread is inside. The other fields belong to the count: they are written before it becomes
 * odd, and a reader that finds the same odd count before and after reading them has read one entry (a sequence lock; Boehm,
 * Can seqlocks get along with programming language memory models?, MSPC 2012, tells why it takes two fences).
 */
@SharedByWorkers
public final class WorkerGauge {
    private static final long SHORT_NS = Watchdog.LATE_NS;
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(WorkerGauge.class, "count", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Two cache lines on both sides, so that no neighbour's writes slow an entry down.
    @SuppressWarnings("unused")
    private long p00, p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;

    private long count;
    private @Nullable Stoppable target;
    private long threadId;
    private long startNs;
    private long cpuNs;
    private long bytes;

    // Written by the watchdog, read by the thread when its script was stopped.
    private volatile long stoppedCount;
    private volatile long meteredCount;
    private volatile long meteredCpuNs;
    private volatile @Nullable Overrun overrun;

    @SuppressWarnings("unused")
    private long q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;

    private final AllocationSample allocation;

    /** Makes one for a thread that is in no script. */
    public WorkerGauge(ThreadMeter meter) {
        allocation = new AllocationSample(meter);
    }

    /**
     * Notes that the calling thread enters a script. Entries do not nest.
     *
     * @param script what to stop
     * @param nowNs the time
     * @param cpuBudgetNs CPU time the entry may take
     * @param bytesBudget what it may allocate
     */
    public void enter(Stoppable script, long nowNs, long cpuBudgetNs, long bytesBudget) {
        allocation.entered();
        // Else the fields of this entry might be seen while the count is still that of the last: a release orders what
        // comes
        // before it, not what comes after.
        VarHandle.storeStoreFence();
        target = script;
        threadId = Thread.currentThread().threadId();
        startNs = nowNs;
        cpuNs = cpuBudgetNs;
        bytes = bytesBudget;
        COUNT.setRelease(this, count + 1);
    }

    /** Notes that the thread has left the script. */
    public void leave() {
        COUNT.setRelease(this, count + 1);
        allocation.left(target);
    }

    /** Holds a script that is left for good no longer. The thread only. */
    public void forget(Stoppable script) {
        if (script.equals(target)) {
            target = null;
        }
    }

    /** Why the watchdog stopped the entry that the thread is in or has just left; null if it did not. */
    @Nullable
    public Overrun overrun() {
        long last = (count & 1) == 1 ? count : count - 1;
        return stoppedCount == last ? overrun : null;
    }

    /**
     * CPU time of the entry that has just ended, from what the clock says of it: short entries are what the clock says, of
     * long ones the time is known that the watchdog saw, give or take two looks. On a busy machine a thread may wait long
     * for its core inside an entry, and that is nobody's use of CPU.
     */
    public long cpuNs(long wallNs) {
        if (wallNs <= SHORT_NS) {
            return wallNs;
        }
        long seen = meteredCount == count - 1 ? meteredCpuNs : 0;
        return Math.min(wallNs, seen + SHORT_NS);
    }

    /** Notes, seen from the watchdog, what the present entry has used so far. */
    void metered(long entry, long cpu) {
        meteredCpuNs = cpu;
        meteredCount = entry;
    }

    /** Whether the thread is in a script. */
    public boolean isInside() {
        return ((long) COUNT.getAcquire(this) & 1) == 1;
    }

    long countAcquire() {
        return (long) COUNT.getAcquire(this);
    }

    /** Whether the fields read since {@link #countAcquire} told this count belong to it. */
    boolean isStillAt(long entry) {
        VarHandle.loadLoadFence();
        return (long) COUNT.getOpaque(this) == entry;
    }

    long threadId() {
        return threadId;
    }

    long startNs() {
        return startNs;
    }

    long cpuBudgetNs() {
        return cpuNs;
    }

    long bytesBudget() {
        return bytes;
    }

    @Nullable
    Stoppable target() {
        return target;
    }

    /** Notes, before the script is stopped, why; the reader of {@link #overrun()} is woken by the stop itself. */
    void stopped(long entry, Overrun why) {
        overrun = why;
        stoppedCount = entry;
    }
}
