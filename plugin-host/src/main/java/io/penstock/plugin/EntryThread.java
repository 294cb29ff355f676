package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.FilterWorker.Scheduled;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The thread that enters a context: the preparing one while the context is set up, from then on the worker that it serves. */
@WorkerConfined
final class EntryThread {
    private final SetupLoop setupLoop = new SetupLoop();
    private volatile @Nullable FilterWorker worker;

    /** From now on it is a worker. On that worker. */
    void handOver(FilterWorker serving) {
        worker = serving;
        setupLoop.handOver(serving);
    }

    /** The worker; null while the context is set up. */
    @Nullable
    FilterWorker worker() {
        return worker;
    }

    boolean isWorker() {
        return worker != null;
    }

    /** Takes turns on the preparing thread until something is done; whether it was before the deadline. */
    boolean runUntil(BooleanSupplier isDone, long deadlineNs) {
        return setupLoop.runUntil(isDone, deadlineNs);
    }

    Scheduled schedule(long delayNs, Runnable entry) {
        FilterWorker serving = worker;
        return serving == null
                ? setupLoop.schedule(System.nanoTime() + delayNs, entry)
                : serving.schedule(delayNs, entry);
    }

    /** Has a task run there. Any thread. */
    void post(Runnable task) {
        FilterWorker serving = worker;
        if (serving != null) {
            serving.post(task);
            return;
        }
        setupLoop.post(task);
        // The hand-over may have been between the two lines above.
        FilterWorker since = worker;
        if (since != null) {
            since.post(setupLoop::drain);
        }
    }
}
