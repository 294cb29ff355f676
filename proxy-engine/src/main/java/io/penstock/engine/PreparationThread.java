package io.penstock.engine;

import io.penstock.snapshot.FilterOrder;
import io.penstock.snapshot.OpenedFilters;
import io.penstock.spi.FilterRefusedException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens filters that take long, beside the control thread and the workers: a script's context is loaded and warmed here.
 */
final class PreparationThread implements AutoCloseable {
    /** Scripts recurse on the stack of the thread that runs them. */
    private static final long STACK_BYTES = 8 << 20;

    private final ExecutorService thread;
    private final Duration openMax;

    /**
     * A thread that is begun with its first task.
     *
     * @param openMax how long the filters of one change may take
     */
    PreparationThread(Duration openMax) {
        this.openMax = openMax;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(null, task, "penstock-preparation", STACK_BYTES);
            made.setDaemon(true);
            return made;
        });
    }

    /** Opens what was ordered. Waits; each refusal is kept with its order. Not for a worker or the control thread. */
    OpenedFilters open(Iterable<FilterOrder> orders, int workers) {
        OpenedFilters opened = new OpenedFilters();
        long deadlineNs = System.nanoTime() + openMax.toNanos();
        for (FilterOrder order : orders) {
            Future<?> opening = thread.submit(() -> opened.open(order, workers));
            try {
                opening.get(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException late) {
                opened.refuse(
                        order, new FilterRefusedException("", "it was not open after " + openMax.toSeconds() + " s"));
                opening.cancel(true);
            } catch (ExecutionException defect) {
                opened.refuse(order, new FilterRefusedException("", "it failed with " + defect.getCause()));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                opened.refuse(order, new FilterRefusedException("", "its opening was interrupted"));
                opening.cancel(true);
            }
        }
        return opened;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
