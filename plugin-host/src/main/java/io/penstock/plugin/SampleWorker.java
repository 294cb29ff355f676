package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A worker without traffic, for trials and to warm code up: it has time and timers, and reaches nobody. */
@WorkerConfined
final class SampleWorker implements FilterWorker, Outbound {
    private static final long WAIT_NS = 10_000_000_000L;

    private final SetupLoop loop = new SetupLoop();
    private final Map<Long, Verdict> resumed = new HashMap<>();
    private long lastTicket;

    long nextTicket() {
        return ++lastTicket;
    }

    long ticketToCome() {
        return lastTicket + 1;
    }

    /** Takes turns until a suspended hook is resumed; null if that takes too long. */
    @Nullable
    Verdict await(long ticket) {
        loop.runUntil(() -> resumed.containsKey(ticket), System.nanoTime() + WAIT_NS);
        return resumed.remove(ticket);
    }

    /** Runs what was posted. */
    void turn() {
        loop.drain();
    }

    @Override
    public WorkerId id() {
        return new WorkerId(0, 1);
    }

    @Override
    public long nowNs() {
        return System.nanoTime();
    }

    @Override
    public long epochMs() {
        return System.currentTimeMillis();
    }

    @Override
    public Scheduled schedule(long delayNs, Runnable task) {
        return loop.schedule(System.nanoTime() + delayNs, task);
    }

    @Override
    public void resume(long ticket, Verdict verdict) {
        resumed.put(ticket, Objects.requireNonNull(verdict));
    }

    @Override
    public void post(Runnable task) {
        loop.post(task);
    }

    @Override
    public Outbound outbound() {
        return this;
    }

    @Override
    public Call send(Request request, Listener listener) {
        loop.post(() -> listener.failed("sample", "a sample request reaches nobody"));
        return () -> {};
    }

    @Override
    public long tryAcquire(String limit, String key) {
        return 0;
    }
}
