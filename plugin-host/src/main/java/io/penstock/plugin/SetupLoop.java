package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.FilterWorker.Scheduled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The turn of a loop for a context that has no worker yet: timers and posted work while a plugin is set up. What is left
 * then goes to the worker.
 */
@WorkerConfined
final class SetupLoop {
    private static final long PARK_NS_MAX = 10_000_000;

    private final List<Timer> timers = new ArrayList<>();
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private volatile Thread thread = Thread.currentThread();

    private static final class Timer implements Scheduled {
        private final long dueNs;
        private final Runnable task;
        private boolean isCancelled;
        private Scheduled later = () -> {};

        Timer(long dueNs, Runnable task) {
            this.dueNs = dueNs;
            this.task = task;
        }

        @Override
        public void cancel() {
            isCancelled = true;
            later.cancel();
        }
    }

    Scheduled schedule(long dueNs, Runnable task) {
        Timer timer = new Timer(dueNs, task);
        timers.add(timer);
        timers.sort(Comparator.comparingLong(waiting -> waiting.dueNs));
        return timer;
    }

    /** Any thread. */
    void post(Runnable task) {
        posted.add(task);
        LockSupport.unpark(thread);
    }

    /** Takes turns until something is done; whether it was before the deadline. */
    boolean runUntil(BooleanSupplier isDone, long deadlineNs) {
        thread = Thread.currentThread();
        while (true) {
            turn(System.nanoTime());
            if (isDone.getAsBoolean()) {
                return true;
            }
            long now = System.nanoTime();
            if (now >= deadlineNs || thread.isInterrupted()) {
                return false;
            }
            long dueNs = timers.isEmpty() ? deadlineNs : timers.getFirst().dueNs;
            if (posted.isEmpty() && dueNs > now) {
                LockSupport.parkNanos(Math.min(dueNs - now, PARK_NS_MAX));
            }
        }
    }

    private void turn(long nowNs) {
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            task.run();
        }
        while (!timers.isEmpty() && timers.getFirst().dueNs <= nowNs) {
            Timer due = timers.removeFirst();
            if (!due.isCancelled) {
                due.task.run();
            }
        }
    }

    /** Gives what is left to the worker. On the worker. */
    void handOver(FilterWorker worker) {
        long now = System.nanoTime();
        for (Timer timer : timers) {
            if (!timer.isCancelled) {
                timer.later = worker.schedule(Math.max(0, timer.dueNs - now), timer.task);
            }
        }
        timers.clear();
        drain();
    }

    /** Runs what was posted. */
    void drain() {
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            task.run();
        }
    }
}
