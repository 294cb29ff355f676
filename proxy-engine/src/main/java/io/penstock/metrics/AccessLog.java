package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.agrona.concurrent.NanoClock;

/**
 * The access log: one ring of records for each worker, one thread that takes them from all rings, formats them for every log
 * and remembers them in the {@link Trail}.
 *
 * <p>Workers publish and never wait; when a ring is full a record is dropped and counted. Whoever made the log starts it, and
 * closes it after the last worker has ended: everything published until then is written.
 */
@SharedByWorkers
public final class AccessLog implements AutoCloseable, SampleSource {
    private static final Duration CLOSE_TIME_MAX = Duration.ofSeconds(10);
    private static final MetricEntry LINES =
            MetricEntry.counter("penstock_access_log_lines_total", "Lines given to the file of an access log.", "log");
    private static final MetricEntry BYTES =
            MetricEntry.counter("penstock_access_log_bytes_total", "Bytes given to the file of an access log.", "log");
    private static final MetricEntry DROPPED = MetricEntry.counter(
            "penstock_access_log_dropped_total", "Lines dropped because the file could not be written.", "log");
    private static final MetricEntry FAULTY =
            MetricEntry.gauge("penstock_access_log_faulty", "1 while the file cannot be written or rotated.", "log");
    static final List<MetricEntry> ENTRIES = List.of(LINES, BYTES, DROPPED, FAULTY);

    private final List<AccessRing> rings;
    private final Metrics metrics;
    private final AccessLogBounds bounds;
    private final Trail trail;
    private final AccessLogDrain drain;
    private final Thread thread;

    /**
     * A log that writes nothing yet: {@link #logs} says what, {@link #start} begins.
     *
     * @param metrics one ring is made for each of its workers, whose counters count drops
     */
    public AccessLog(Metrics metrics, AccessLogBounds bounds, Trail trail, NanoClock clock) {
        this.metrics = metrics;
        this.bounds = bounds;
        this.trail = trail;
        this.rings = IntStream.range(0, metrics.workers())
                .mapToObj(worker -> new AccessRing(bounds))
                .toList();
        this.drain = new AccessLogDrain(rings, trail, bounds, clock);
        this.thread = Thread.ofPlatform().name("penstock-access-log").daemon().unstarted(drain);
    }

    /** The publishing end of a worker's ring. Once for each worker. */
    public AccessPublisher publisher(int worker) {
        return new AccessPublisher(rings.get(worker), bounds.textBytes(), metrics.counters(worker));
    }

    /** Begins to take records. */
    public void start() {
        thread.start();
    }

    /** What the recent requests were. */
    public Trail trail() {
        return trail;
    }

    /**
     * Says which logs are written from now on. A log whose file stays goes on in it, with its new format and bounds; the files of
     * others are closed. Cannot fail: a file that cannot be opened is tried again every second. Any thread but a worker's.
     */
    public void logs(List<AccessLogSpec> specs) {
        drain.wanted(List.copyOf(specs));
        LockSupport.unpark(thread);
    }

    /**
     * Checks whether a log's file can be written, creating it and its folder if need be; for use before a configuration is
     * committed.
     *
     * @throws IOException if it cannot
     */
    public static void check(Path file) throws IOException {
        FileSink.check(file);
    }

    /** Has every line that is written heard as well. Once, from any thread but a worker's. */
    public void tap(AccessLogTap tap) {
        drain.tap(tap);
    }

    /** Has every file opened by its name again, as after a rotation by somebody else. Any thread but a worker's. */
    public void reopen() {
        drain.reopen();
        LockSupport.unpark(thread);
    }

    /** How each log fares. Any thread but a worker's. */
    public List<AccessLogStatus> status() {
        return drain.status();
    }

    /**
     * Waits until everything that was published before the call is in the trail and given to the files.
     *
     * @return false if that took longer than {@code timeMax}, or the log is not running
     */
    public boolean settle(Duration timeMax) throws InterruptedException {
        return drain.settle(timeMax, thread);
    }

    @Override
    public List<MetricEntry> entries() {
        return ENTRIES;
    }

    @Override
    public void collect(Consumer<Sample> into) {
        for (AccessLogStatus status : status()) {
            into.accept(Sample.of(LINES, status.records(), status.name()));
            into.accept(Sample.of(BYTES, status.bytes(), status.name()));
            into.accept(Sample.of(DROPPED, status.dropped(), status.name()));
            into.accept(Sample.of(FAULTY, status.fault().isPresent() ? 1 : 0, status.name()));
        }
    }

    /** Takes what is left in the rings, writes and closes the files. Waits at most 10 s for a disk that does not answer. */
    @Override
    public void close() {
        drain.stop();
        if (thread.getState() == Thread.State.NEW) {
            drain.run();
            return;
        }
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_TIME_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
