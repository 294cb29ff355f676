package io.penstock.appliance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Clients that ask at a steady rate, each on a connection of its own, whatever the gateway does. Times are from when a
 * request was due, so that a stall counts for all that it held up.
 */
final class SteadyLoad implements AutoCloseable {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long END_SECONDS_MAX = 60;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final Recorder times = new Recorder(3);
    private final Histogram all = new Histogram(3);
    private final AtomicLong answered = new AtomicLong();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final CountDownLatch ended;
    // Fair, so that who pauses waits for one answer of each client at most.
    private final ReadWriteLock asking = new ReentrantReadWriteLock(true);
    private volatile long resumedNs = System.nanoTime();

    private SteadyLoad(int connections) {
        ended = new CountDownLatch(connections);
    }

    /** Begins; each response is to begin with what is expected, as {@link LongRig.Client#response()} tells it. */
    static SteadyLoad on(int port, int connections, int perSecond, String path, String expected) {
        SteadyLoad load = new SteadyLoad(connections);
        for (int i = 0; i < connections; i++) {
            long firstNs = System.nanoTime() + SECOND_NS / perSecond * i / connections;
            Thread.ofPlatform()
                    .daemon()
                    .name("load-" + i)
                    .start(() -> load.run(port, firstNs, SECOND_NS / perSecond, path, expected));
        }
        return load;
    }

    private void run(int port, long firstNs, long stepNs, String path, String expected) {
        try (LongRig.Client client = new LongRig.Client(port)) {
            for (long dueNs = firstNs; !isOver.get(); dueNs += stepNs) {
                for (long left = dueNs - System.nanoTime(); left > 0; left = dueNs - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                String reply;
                asking.readLock().lock();
                try {
                    dueNs = Math.max(dueNs, resumedNs);
                    reply = client.get(path);
                    times.recordValue(Math.max(1, System.nanoTime() - dueNs));
                } finally {
                    asking.readLock().unlock();
                }
                answered.incrementAndGet();
                if (!reply.startsWith(expected)) {
                    faults.add(reply);
                }
            }
        } catch (IOException | RuntimeException failed) {
            faults.add(failed.toString());
        } finally {
            ended.countDown();
        }
    }

    /** Does something while nobody asks. What it holds up is not counted. */
    <T> T paused(Callable<T> work) throws Exception {
        asking.writeLock().lock();
        try {
            return work.call();
        } finally {
            resumedNs = System.nanoTime();
            asking.writeLock().unlock();
        }
    }

    /** Waits until so many more requests have been answered, or none is any more. */
    void await(int requests) throws InterruptedException {
        long wanted = answered.get() + requests;
        boolean isOver = false;
        while (answered.get() < wanted && !isOver) {
            isOver = ended.await(10, TimeUnit.MILLISECONDS);
        }
    }

    /** Times since the last look, in nanoseconds. */
    Histogram phase() {
        Histogram since = times.getIntervalHistogram();
        all.add(since);
        return since;
    }

    /** All times that were looked at. */
    Histogram whole() {
        return all;
    }

    /** What was no good answer. */
    List<String> faults() {
        return new ArrayList<>(faults);
    }

    /** Figures in one line. */
    static String told(Histogram latency) {
        return "%6d requests, p50 %6.2f ms, p99 %7.2f ms, max %7.2f ms"
                .formatted(
                        latency.getTotalCount(),
                        latency.getValueAtPercentile(50) / 1e6,
                        latency.getValueAtPercentile(99) / 1e6,
                        latency.getMaxValue() / 1e6);
    }

    /** Ends it, and waits for the last answers. */
    void finish() throws InterruptedException {
        isOver.set(true);
        if (!ended.await(END_SECONDS_MAX, TimeUnit.SECONDS)) {
            faults.add("a client waits for its answer still");
        }
    }

    @Override
    public void close() {
        isOver.set(true);
    }
}
