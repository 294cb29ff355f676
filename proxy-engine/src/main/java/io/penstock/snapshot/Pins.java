package io.penstock.snapshot;

import io.penstock.mark.SharedByWorkers;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which versions of the route table workers still read. Each worker writes its own cell when it lets go of a version; the
 * control thread reads all cells and frees what lies below the lowest.
 *
 * <p>Release on write and acquire on read order the worker's last read of a version before the control thread's free.
 */
@SharedByWorkers
public final class Pins {
    // Cells lie a cache line apart: eight longs of 8 bytes.
    private static final int STRIDE = 8;

    private final AtomicLongArray oldestInUse;
    private final int workers;

    /** Pins for {@code workers} workers, which hold nothing yet. */
    public Pins(int workers) {
        this.workers = workers;
        this.oldestInUse = new AtomicLongArray((workers + 1) * STRIDE);
        for (int worker = 0; worker < workers; worker++) {
            oldestInUse.setPlain((worker + 1) * STRIDE, Long.MAX_VALUE);
        }
    }

    /** Says that this worker reads no version below {@code version} any more. Called by that worker only. */
    void holdFrom(int worker, long version) {
        oldestInUse.setRelease((worker + 1) * STRIDE, version);
    }

    /** The oldest version that any worker may still read, {@link Long#MAX_VALUE} if none reads any. Control thread. */
    public long oldestInUse() {
        long oldest = Long.MAX_VALUE;
        for (int worker = 0; worker < workers; worker++) {
            oldest = Math.min(oldest, oldestInUse.getAcquire((worker + 1) * STRIDE));
        }
        return oldest;
    }
}
