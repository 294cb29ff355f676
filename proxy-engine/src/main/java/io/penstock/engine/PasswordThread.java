package io.penstock.engine;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Compares passwords with slow hashes: one thread beside the workers, that ends when there is nothing to do, and a bounded
 * queue that rejects what does not fit.
 */
final class PasswordThread implements Executor, AutoCloseable {
    /** A check takes a tenth of a second and more: whoever is last has waited for half a minute. */
    static final int QUEUE_MAX = 256;

    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_MAX),
            Thread.ofPlatform().name("penstock-passwords").daemon().factory());

    PasswordThread() {
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable check) {
        executor.execute(check);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
