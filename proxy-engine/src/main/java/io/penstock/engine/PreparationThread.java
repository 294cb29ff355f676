package io.penstock.engine;

import io.penstock.snapshot.FilterOrder;
import io.penstock.snapshot.OpenedFilters;
import io.penstock.spi.FilterRefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens filters that take long, beside the control thread and the workers: a script's context is loaded and warmed here.
 *
 * <p>A filter that is not open in time is interrupted and its thread left behind, so that the next change has a thread that
 * answers; what such a thread still opens is closed by it. As long as too many have not ended nothing more is opened.
 * Entered by whoever makes the changes, one at a time.
 */
final class PreparationThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PreparationThread.class);

    /** Scripts recurse on the stack of the thread that runs them. */
    private static final long STACK_BYTES = 8 << 20;

    /** How many threads may hang in filters that do not heed an interrupt. */
    private static final int LEFT_BEHIND_MAX = 4;

    private final Duration openMax;
    private final List<ExecutorService> leftBehind = new ArrayList<>();
    private volatile ExecutorService thread = newThread();

    /**
     * A thread that is begun with its first task.
     *
     * @param openMax how long one filter may take, for all workers together
     */
    PreparationThread(Duration openMax) {
        this.openMax = openMax;
    }

    private static ExecutorService newThread() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(null, task, "penstock-preparation", STACK_BYTES);
            made.setDaemon(true);
            return made;
        });
    }

    /** Opens what was ordered. Waits; each refusal is kept with its order. Not for a worker or the control thread. */
    OpenedFilters open(Iterable<FilterOrder> orders, int workers) {
        OpenedFilters opened = new OpenedFilters();
        for (FilterOrder order : orders) {
            open(order, workers, opened);
        }
        return opened;
    }

    private void open(FilterOrder order, int workers, OpenedFilters opened) {
        if (!hasThread()) {
            refuse(
                    order,
                    opened,
                    "it was not tried: " + LEFT_BEHIND_MAX
                            + " filters before it were not open in time and have not ended yet");
            return;
        }
        ExecutorService opener = thread;
        Future<?> opening = opener.submit(() -> opened.open(order, workers));
        try {
            opening.get(openMax.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            // Refused before it is interrupted: what an interrupted filter says is not the reason.
            refuse(order, opened, "it was not open after " + openMax.toMillis() + " ms");
            leaveBehind(opener);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            refuse(order, opened, "the change was interrupted while it opened");
            leaveBehind(opener);
        } catch (ExecutionException defect) {
            LOG.error(
                    "filter {} of {} could not be opened", order.prepared().name(), order.origin(), defect.getCause());
            refuse(order, opened, "it failed when it was opened; the gateway's log says where");
        }
    }

    private static void refuse(FilterOrder order, OpenedFilters opened, String reason) {
        opened.refuse(order, new FilterRefusedException("", reason));
    }

    private boolean hasThread() {
        leftBehind.removeIf(ExecutorService::isTerminated);
        return leftBehind.size() < LEFT_BEHIND_MAX;
    }

    private void leaveBehind(ExecutorService hanging) {
        hanging.shutdownNow();
        leftBehind.add(hanging);
        thread = newThread();
    }

    /** Interrupts what opens. Any thread. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
