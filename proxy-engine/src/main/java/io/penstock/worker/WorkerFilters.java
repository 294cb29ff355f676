package io.penstock.worker;

import io.penstock.exchange.ExchangePool;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import io.penstock.transport.Loop;
import io.penstock.transport.Timer;
import org.jspecify.annotations.Nullable;

/** What filters may ask of their worker. */
@WorkerConfined
final class WorkerFilters implements FilterWorker {
    private final WorkerId id;
    private final Loop loop;
    // Null only while the worker is being assembled: the pool needs this and this needs the pool.
    private @Nullable ExchangePool exchanges;

    WorkerFilters(WorkerId id, Loop loop) {
        this.id = id;
        this.loop = loop;
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
