package io.penstock.admin.resource;

import io.penstock.spi.PluginLibrary;
import io.penstock.spi.PluginRefusedException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The thread on which packages are checked and tried, one after the other, there only while it is needed: a script needs a
 * stack that virtual threads do not have. Any thread may ask and waits.
 */
final class ScriptThread implements AutoCloseable {
    private static final int WAITING_MAX = 16;
    private static final long STACK_BYTES = 8 << 20;
    private static final long IDLE_SECONDS_MAX = 10;

    private final PluginPort port;
    private final ThreadPoolExecutor thread;

    ScriptThread(PluginPort port) {
        this.port = port;
        this.thread = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS_MAX, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX), ScriptThread::made);
        thread.allowCoreThreadTimeOut(true);
    }

    private static Thread made(Runnable task) {
        Thread made = new Thread(null, task, "penstock-plugin-check", STACK_BYTES);
        made.setDaemon(true);
        return made;
    }

    /** Something that runs scripts. */
    @FunctionalInterface
    interface Work<T> {
        T with(PluginLibrary library) throws PluginRefusedException;
    }

    /**
     * Does it and waits for it.
     *
     * @throws ApiProblem if too much waits already, or the process stops
     */
    <T> T run(Work<T> work) throws PluginRefusedException {
        Future<T> result;
        try {
            result = thread.submit(() -> work.with(port.open()));
        } catch (RejectedExecutionException full) {
            throw ApiProblem.busy(WAITING_MAX + " packages wait for their check already", 5);
        }
        try {
            return result.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof PluginRefusedException refused) {
                throw refused;
            }
            throw new IllegalStateException("a plugin could not be checked or tried", failed.getCause());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw ApiProblem.of(503, "stopping", "The process is stopping").header("Retry-After", "5");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
