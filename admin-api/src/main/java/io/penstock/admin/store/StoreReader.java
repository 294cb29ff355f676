package io.penstock.admin.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that answers reads, so that a long list never delays a commit. Each read sees one state.
 *
 * <p>Callers wait for their answer; SQLite on a thread of its own keeps their virtual threads unpinned.
 */
final class StoreReader implements AutoCloseable {

    private static final int WAITING_MAX = 256;

    private final Path file;
    private final StoreOptions options;
    private final ThreadPoolExecutor executor;

    // Null before the first read and after a failed one. Only the reader's thread.
    private @Nullable StoreConnection connection;

    StoreReader(Path file, StoreOptions options) {
        this.file = file;
        this.options = options;
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().name("penstock-store-read").daemon().factory());
    }

    @FunctionalInterface
    interface Task<T> {
        T read(StoreConnection connection) throws SQLException;
    }

    <T> T read(String doing, Task<T> task) {
        Future<T> answer;
        try {
            answer = executor.submit(() -> readNow(doing, task));
        } catch (RejectedExecutionException full) {
            boolean closed = executor.isShutdown();
            throw new StoreRefused(
                    new StoreProblem(
                            closed ? StoreProblem.Kind.CLOSED : StoreProblem.Kind.BUSY,
                            "could not " + doing
                                    + (closed ? ": the store is closed" : ": " + WAITING_MAX + " reads wait already"),
                            file.toString(),
                            "Repeat the call a little later."),
                    full);
        }
        try {
            return answer.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("could not " + doing, failed.getCause());
        } catch (InterruptedException given) {
            Thread.currentThread().interrupt();
            throw new StoreRefused(
                    new StoreProblem(
                            StoreProblem.Kind.CLOSED,
                            "could not " + doing + ": the caller gave up waiting",
                            file.toString(),
                            "Repeat the call."),
                    given);
        }
    }

    private <T> T readNow(String doing, Task<T> task) {
        try {
            StoreConnection open = connection;
            if (open == null) {
                open = StoreConnection.openForReading(file, options);
                connection = open;
            }
            open.execute("BEGIN");
            try {
                return task.read(open);
            } finally {
                open.rollbackQuietly();
            }
        } catch (SQLException failed) {
            if (connection != null) {
                connection.close();
                connection = null;
            }
            throw SqliteFault.refused(failed, doing, file);
        }
    }

    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                executor.shutdownNow();
                return;
            }
        } catch (InterruptedException given) {
            Thread.currentThread().interrupt();
            return;
        }
        // The thread has ended; what it wrote is visible here.
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
