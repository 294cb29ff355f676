package io.penstock.worker;

import io.penstock.exchange.ExchangePool;
import io.penstock.exchange.facts.EpochClock;
import io.penstock.exchange.limits.FilterLimits;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.snapshot.SnapshotPins;
import io.penstock.spi.Credential;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Outbound;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import io.penstock.transport.Loop;
import io.penstock.transport.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What filters may ask of their worker. */
@WorkerConfined
final class WorkerFilters implements FilterWorker {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerFilters.class);

    private final WorkerId id;
    private final Loop loop;
    private final EpochClock epochClock;
    private final SnapshotPins pins;
    private final FilterLimits limits;
    private final Outbound outbound;
    private final Credential.Lookup credentials;
    private final WorkerCounters counters;
    private final Map<Class<?>, Object> kept = new HashMap<>();
    // Null only while the worker is being assembled: the pool needs this and this needs the pool.
    private @Nullable ExchangePool exchanges;

    WorkerFilters(
            WorkerId id,
            Loop loop,
            EpochClock epochClock,
            SnapshotPins pins,
            FilterLimits limits,
            Outbound outbound,
            Credential.Lookup credentials,
            WorkerCounters counters) {
        this.id = id;
        this.loop = loop;
        this.epochClock = epochClock;
        this.pins = pins;
        this.limits = limits;
        this.outbound = outbound;
        this.credentials = credentials;
        this.counters = counters;
    }

    void exchanges(ExchangePool pool) {
        exchanges = pool;
    }

    @Override
    public WorkerId id() {
        return id;
    }

    @Override
    public long nowNs() {
        return loop.nowNs();
    }

    @Override
    public Scheduled schedule(long delayNs, Runnable task) {
        Delayed delayed = new Delayed(task);
        loop.wheel().arm(delayed, loop.nowNs() + delayNs);
        return delayed;
    }

    @Override
    public void resume(long ticket, Verdict verdict) {
        ExchangePool pool = exchanges;
        if (pool != null) {
            pool.resume(ticket, verdict);
        }
    }

    @Override
    public void post(Runnable task) {
        loop.post(() -> {
            try {
                task.run();
            } catch (RuntimeException defect) {
                LOG.error("a task that a filter posted threw", defect);
            }
        });
    }

    @Override
    public long epochMs() {
        return epochClock.epochUs(loop.nowNs()) / 1000;
    }

    @Override
    public void count(Counter counter) {
        counters.add(counter);
    }

    @Override
    public Outbound outbound() {
        return outbound;
    }

    @Override
    public long tryAcquire(String limit, String key) {
        return limits.tryAcquire(pins.current().snapshot().limits().get(limit), key, loop.nowNs());
    }

    @Override
    public long takeOnce(String purpose, byte[] token, int length, long withinNs) {
        return limits.takeOnce(purpose, token, length, withinNs, loop.nowNs());
    }

    @Override
    public Credential.Lookup credentials() {
        return credentials;
    }

    @Override
    public <T> T kept(Class<T> type, Supplier<T> make) {
        return type.cast(kept.computeIfAbsent(type, absent -> make.get()));
    }

    private final class Delayed extends Timer implements Scheduled {
        private final Runnable task;

        Delayed(Runnable task) {
            this.task = task;
        }

        @Override
        protected void expired(long nowNs) {
            task.run();
        }

        @Override
        public void cancel() {
            loop.wheel().disarm(this);
        }
    }
}
