package io.penstock.engine;

import io.penstock.metrics.Counter;
import io.penstock.metrics.Metrics;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches that every worker's loop turns: each counts a heartbeat four times a second, and one that counted none for a second
 * has its stack written to the log, once per stall. On a thread of its own, since the control thread can be busy.
 */
final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final long CHECK_MS = 250;
    private static final int SILENT_CHECKS_MAX = 4;

    private final Metrics metrics;
    private final long[] lastSeen;
    private final int[] silentChecks;
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("penstock-watchdog").daemon().factory());
    private long stalls;
    private int stuckWorkers;

    Watchdog(Metrics metrics) {
        this.metrics = metrics;
        this.lastSeen = new long[metrics.workers()];
        this.silentChecks = new int[metrics.workers()];
    }

    void start() {
        var _ = executor.scheduleWithFixedDelay(this::check, CHECK_MS, CHECK_MS, TimeUnit.MILLISECONDS);
    }

    private synchronized void check() {
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

    private static String stackOf(int worker) {
        StringBuilder stack = new StringBuilder();
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            if (thread.getKey().getName().equals(Workers.name(worker))) {
                for (StackTraceElement frame : thread.getValue()) {
                    stack.append("    at ").append(frame).append('\n');
                }
            }
        }
        return stack.toString();
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
