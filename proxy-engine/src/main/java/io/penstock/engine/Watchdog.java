package io.penstock.engine;

import io.penstock.metrics.Counter;
import io.penstock.metrics.Metrics;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches that every worker's loop turns: each counts a heartbeat four times a second, and one that counted none for a second
 * has its stack written to the log, once per stall. On a thread of its own, since the control thread can be busy.
 */
final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final long CHECK_MS = 250;
    static final int SILENT_CHECKS_MAX = 4;
    static final int FRAMES_MAX = 48;

    private final Metrics metrics;
    private final ThreadMXBean threads;
    private final long[] lastSeen;
    private final int[] silentChecks;
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("penstock-watchdog").daemon().factory());
    private long stalls;
    private int stuckWorkers;

    Watchdog(Metrics metrics, ThreadMXBean threads) {
        this.metrics = metrics;
        this.threads = threads;
        this.lastSeen = new long[metrics.workers()];
        this.silentChecks = new int[metrics.workers()];
    }

    void start() {
        var _ = executor.scheduleWithFixedDelay(this::check, CHECK_MS, CHECK_MS, TimeUnit.MILLISECONDS);
    }

    /** Looks at every worker once. Any thread. */
    synchronized void check() {
        int stuck = 0;
        for (int worker = 0; worker < lastSeen.length; worker++) {
            long beats = metrics.counters(worker).value(Counter.HEARTBEATS);
            if (beats != lastSeen[worker]) {
                if (silentChecks[worker] > SILENT_CHECKS_MAX) {
                    LOG.warn("worker {} goes on after {} ms without a turn", worker, silentChecks[worker] * CHECK_MS);
                }
                lastSeen[worker] = beats;
                silentChecks[worker] = 0;
            } else if (++silentChecks[worker] > SILENT_CHECKS_MAX) {
                stuck++;
                if (silentChecks[worker] == SILENT_CHECKS_MAX + 1) {
                    stalls++;
                    LOG.error("worker {} has not turned for a second; it is at:\n{}", worker, stackOf(worker));
                }
            }
        }
        stuckWorkers = stuck;
    }

    // Only its top, and of one thread: a script that recurses has a million frames, and to read them all keeps every
    // thread.
    private String stackOf(int worker) {
        StringBuilder stack = new StringBuilder();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().equals(Workers.name(worker))) {
                append(stack, threads.getThreadInfo(thread.getThreadId(), FRAMES_MAX));
            }
        }
        return stack.toString();
    }

    private static void append(StringBuilder stack, @Nullable ThreadInfo thread) {
        if (thread != null) {
            for (StackTraceElement frame : thread.getStackTrace()) {
                stack.append("    at ").append(frame).append('\n');
            }
        }
    }

    /** How many workers do not turn now. Any thread. */
    synchronized int stuckWorkers() {
        return stuckWorkers;
    }

    /** How often a worker has stopped turning. Any thread. */
    synchronized long stalls() {
        return stalls;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
