package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes of the config beside traffic, as operators with many routes make them all day. */
@Tag("long")
final class ChangesUnderLoadTest {
    private static final int CONNECTIONS = 16;
    private static final int REQUESTS_PER_SECOND = 100;
    private static final int EDITORS = 4;
    private static final int EDITS_PER_SECOND = 25;
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir
    private Path folder;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

    @Test
    void failsNoRequestWhileAHundredRoutesOfAHundredThousandChangeEachSecond() throws Exception {
        try (LongRig rig = new LongRig(folder, "-Xmx2g", 100_000);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            run(rig, threads, 20, new ConcurrentHistogram(3), 0, new AtomicInteger());
            ConcurrentHistogram before = new ConcurrentHistogram(3);
            run(rig, threads, 20, before, 0, new AtomicInteger());
            ConcurrentHistogram during = new ConcurrentHistogram(3);
            AtomicInteger edits = new AtomicInteger();
            double seconds = run(rig, threads, 60, during, EDITORS, edits);
            ConcurrentHistogram after = new ConcurrentHistogram(3);
            run(rig, threads, 20, after, 0, new AtomicInteger());

            print("without edits", before);
            print("%.0f edits a second".formatted(edits.get() / seconds), during);
            print("without edits again", after);
            assertThat(faults).isEmpty();
            assertThat(edits.get()).isEqualTo(EDITORS * EDITS_PER_SECOND * 60);
        }
    }

    private double run(
            LongRig rig,
            ExecutorService threads,
            int seconds,
            ConcurrentHistogram latency,
            int editors,
            AtomicInteger edits)
            throws Exception {
        long beganNs = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            int offset = i * 6_000;
            running.add(threads.submit(guarded(() -> load(rig, offset, seconds, latency))));
        }
        for (int i = 0; i < editors; i++) {
            int editor = i;
            running.add(threads.submit(guarded(() -> edit(rig, editor, seconds, edits))));
        }
        for (Future<?> each : running) {
            each.get();
        }
        return (System.nanoTime() - beganNs) / (double) SECOND_NS;
    }

    private Callable<Void> guarded(Callable<Void> task) {
        return () -> {
            try {
                return task.call();
            } catch (Exception | AssertionError failed) {
                faults.add(failed.toString());
                return null;
            }
        };
    }

    // Timed from when the request was due, so that a stall counts for all that it held up.
    private Void load(LongRig rig, int offset, int seconds, ConcurrentHistogram latency) throws Exception {
        long stepNs = SECOND_NS / REQUESTS_PER_SECOND;
        try (LongRig.Client client = rig.client()) {
            long dueNs = System.nanoTime();
            for (int i = 0; i < seconds * REQUESTS_PER_SECOND; i++, dueNs += stepNs) {
                waitUntil(dueNs);
                String reply = client.get("/r/" + (offset + i % 6_000));
                latency.recordValue(Math.max(1, System.nanoTime() - dueNs));
                if (!reply.startsWith("HTTP/1.1 200 OK 2 ")) {
                    faults.add(reply);
                }
            }
        }
        return null;
    }

    private static Void edit(LongRig rig, int editor, int seconds, AtomicInteger edits) throws Exception {
        long stepNs = SECOND_NS / EDITS_PER_SECOND;
        long dueNs = System.nanoTime();
        for (int i = 0; i < seconds * EDITS_PER_SECOND; i++, dueNs += stepNs) {
            waitUntil(dueNs);
            int route = editor * 25_000 + i * 7 % 25_000;
            // Every other edit changes what is matched, the rest only what is written beside it.
            rig.put("/v1/routes/r-" + route, LongRig.route("/r/" + route + (i % 2 == 0 ? "/" : ""), i));
            edits.incrementAndGet();
        }
        return null;
    }

    private static void waitUntil(long dueNs) {
        for (long left = dueNs - System.nanoTime(); left > 0; left = dueNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void print(String what, ConcurrentHistogram latency) {
        System.out.printf(
                "%-22s %7d requests, p50 %6.2f ms, p99 %6.2f ms, p99.9 %6.2f ms, max %6.2f ms%n",
                what,
                latency.getTotalCount(),
                latency.getValueAtPercentile(50) / 1e6,
                latency.getValueAtPercentile(99) / 1e6,
                latency.getValueAtPercentile(99.9) / 1e6,
                latency.getMaxValue() / 1e6);
    }
}
