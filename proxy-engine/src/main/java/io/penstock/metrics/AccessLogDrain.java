package io.penstock.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the access log's thread does: pass after pass over all rings, then the files, then a short sleep. */
final class AccessLogDrain implements Runnable {
    private static final Logger LOGGER = LoggerFactory.getLogger(AccessLogDrain.class);

    /**
     * Slots are given back to the worker after so many records, and no ring is favoured for longer. The trail takes so many under
     * one lock; they are still in the core's cache when they are formatted.
     */
    private static final int BATCH = 64;

    private final List<Source> sources;
    private final Trail trail;
    private final AccessLogBounds bounds;
    private final NanoClock clock;
    private final LineBuffer line = new LineBuffer();
    private final AccessTimes times = new AccessTimes();

    // Written by the log's thread, read by any.
    private volatile List<Output> outputs = List.of();
    private volatile long passes;

    // Written by any thread, read by the log's.
    private volatile List<AccessLogSpec> wanted = List.of();
    private volatile boolean isReopening;
    private volatile AccessLogTap tap = (log, bytes, length) -> {};
    private volatile boolean isStopping;

    private List<AccessLogSpec> applied = List.of();

    /** A ring and this thread's view on its slots. */
    private record Source(AccessRing ring, AccessRecord record) {}

    /** A log and its file. */
    private record Output(AccessLogSpec spec, FileSink sink) {}

    AccessLogDrain(List<AccessRing> rings, Trail trail, AccessLogBounds bounds, NanoClock clock) {
        this.sources = rings.stream()
                .map(ring -> new Source(ring, new AccessRecord(ring.slots(), bounds.textBytes())))
                .toList();
        this.trail = trail;
        this.bounds = bounds;
        this.clock = clock;
    }

    void wanted(List<AccessLogSpec> specs) {
        wanted = specs;
    }

    void tap(AccessLogTap hearer) {
        tap = hearer;
    }

    void reopen() {
        isReopening = true;
    }

    void stop() {
        isStopping = true;
    }

    List<AccessLogStatus> status() {
        return outputs.stream()
                .map(output -> new AccessLogStatus(
                        output.spec().name(),
                        output.spec().file(),
                        output.sink().lines(),
                        output.sink().bytes(),
                        output.sink().dropped(),
                        output.sink().rotations(),
                        output.sink().fault()))
                .toList();
    }

    boolean settle(Duration timeMax, Thread thread) throws InterruptedException {
        // The pass under way may have looked at a ring already; the next one has not.
        long enough = passes + 2;
        long deadlineNs = clock.nanoTime() + timeMax.toNanos();
        while (passes - enough < 0) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (!thread.isAlive() || clock.nanoTime() - deadlineNs >= 0) {
                return passes - enough >= 0;
            }
            LockSupport.unpark(thread);
            LockSupport.parkNanos(this, 200_000);
        }
        return true;
    }

    @Override
    public void run() {
        DrainPace pace = new DrainPace(bounds.slots());
        boolean isLast = false;
        while (!isLast) {
            // Read before the pass: what was published before the stop is then taken by this very pass.
            isLast = isStopping;
            long waitingMax = pass();
            if (!isLast) {
                LockSupport.parkNanos(this, pace.sleepNs(waitingMax));
            }
        }
        long nowNs = clock.nanoTime();
        outputs.forEach(output -> output.sink().close(nowNs));
    }

    // A defect of ours must not end the log for good.
    @SuppressWarnings({"CatchAndPrintStackTrace", "NonAtomicVolatileUpdate"})
    private long pass() {
        long waitingMax = 0;
        try {
            applyWanted();
            waitingMax = drainRings();
            long nowNs = clock.nanoTime();
            boolean reopens = isReopening;
            isReopening = false;
            for (Output output : outputs) {
                output.sink().flush(nowNs);
                output.sink().look(nowNs);
                if (reopens) {
                    output.sink().reopen(nowNs);
                }
            }
        } catch (RuntimeException e) {
            LOGGER.error("access log: a pass failed, the log goes on", e);
        }
        passes = passes + 1;
        return waitingMax;
    }

    private void applyWanted() {
        List<AccessLogSpec> specs = wanted;
        if (specs.equals(applied)) {
            return;
        }
        long nowNs = clock.nanoTime();
        List<Output> before = new ArrayList<>(outputs);
        List<Output> after = new ArrayList<>();
        for (AccessLogSpec spec : specs) {
            after.add(new Output(spec, sinkOf(spec, before, nowNs)));
        }
        before.forEach(gone -> gone.sink().close(nowNs));
        outputs = List.copyOf(after);
        applied = specs;
    }

    private FileSink sinkOf(AccessLogSpec spec, List<Output> before, long nowNs) {
        for (Output output : before) {
            if (output.spec().file().equals(spec.file())) {
                before.remove(output);
                output.sink().resize(spec.maxBytes(), spec.keep());
                return output.sink();
            }
        }
        return new FileSink(spec.file(), spec.maxBytes(), spec.keep(), bounds.bufferBytes(), nowNs);
    }

    /** Takes all that there is, and says how much had gathered in the fullest ring. */
    private long drainRings() {
        long waitingMax = 0;
        for (Source source : sources) {
            waitingMax = Math.max(waitingMax, source.ring().waiting());
        }
        boolean again = waitingMax > 0;
        while (again) {
            again = false;
            for (Source source : sources) {
                again |= drain(source) == BATCH;
            }
        }
        return waitingMax;
    }

    private int drain(Source source) {
        int count = (int) Math.min(source.ring().waiting(), BATCH);
        if (count > 0) {
            long first = source.ring().first();
            long last = first + count - 1;
            trail.add(source.ring(), source.record(), first, last, clock.nanoTime());
            for (Output output : outputs) {
                write(source, first, last, output);
            }
            source.ring().giveBack(last);
        }
        return count;
    }

    private void write(Source source, long first, long last, Output output) {
        AccessRecord record = source.record();
        AccessLogFormat format = output.spec().format();
        FileSink sink = output.sink();
        AccessLogTap hearer = tap;
        long nowNs = clock.nanoTime();
        for (long sequence = first; sequence <= last; sequence++) {
            record.turnTo(source.ring().slotOf(sequence));
            record.load();
            line.clear();
            format.write(record, times, line);
            sink.append(line.bytes(), 0, line.length(), nowNs);
            hearer.line(output.spec().name(), line.bytes(), line.length());
        }
    }
}
