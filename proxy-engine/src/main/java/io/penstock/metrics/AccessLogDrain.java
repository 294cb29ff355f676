package io.penstock.metrics;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
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

    /** Slots are given back to the worker after so many records, and no ring is favoured for longer. */
    private static final int BATCH = 256;

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
    private volatile boolean isStopping;

    private List<AccessLogSpec> applied = List.of();

    /** A ring and this thread's view on its slots. */
    private record Source(AccessLog.Ring ring, AccessRecord record) {}

    /** A log and its file. */
    private record Output(AccessLogSpec spec, FileSink sink) {}

    AccessLogDrain(List<AccessLog.Ring> rings, Trail trail, AccessLogBounds bounds, NanoClock clock) {
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
        long parkNs = TimerWait.PARK_NS;
        boolean isLast = false;
        while (!isLast) {
            // Read before the pass: what was published before the stop is then taken by this very pass.
            isLast = isStopping;
            boolean found = pass();
            parkNs = found ? TimerWait.PARK_NS : Math.min(parkNs * 2, TimerWait.PARK_NS_MAX);
            if (!isLast) {
                LockSupport.parkNanos(this, parkNs);
            }
        }
        long nowNs = clock.nanoTime();
        outputs.forEach(output -> output.sink().close(nowNs));
    }

    // A defect of ours must not end the log for good.
    @SuppressWarnings({"CatchAndPrintStackTrace", "NonAtomicVolatileUpdate"})
    private boolean pass() {
        boolean found = false;
        try {
            applyWanted();
            found = drainRings();
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
        return found;
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

    private boolean drainRings() {
        boolean found = false;
        boolean again = true;
        while (again) {
            again = false;
            for (Source source : sources) {
                int taken = drain(source);
                found |= taken > 0;
                again |= taken == BATCH;
            }
        }
        return found;
    }

    private int drain(Source source) {
        RingBuffer<byte[]> order = source.ring().order();
        Sequence done = source.ring().done();
        AccessRecord record = source.record();
        long first = done.get() + 1;
        long last = Math.min(order.getCursor(), first + BATCH - 1);
        long nowNs = clock.nanoTime();
        for (long sequence = first; sequence <= last; sequence++) {
            record.turnTo((int) sequence & order.getBufferSize() - 1);
            record.load();
            trail.add(record);
            for (Output output : outputs) {
                line.clear();
                output.spec().format().write(record, times, line);
                output.sink().append(line.bytes(), 0, line.length(), nowNs);
            }
        }
        if (last >= first) {
            done.set(last);
        }
        return (int) (last - first + 1);
    }
}
