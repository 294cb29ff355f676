package io.penstock.admin.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes, and the queue before it.
 *
 * <p>Group commit: everything that waits when the thread becomes free goes into one transaction, hence one flush, each
 * write behind a savepoint of its own. A write that fails by itself is rolled back to its savepoint; a disk that fails
 * fails the group. A write's future completes only after the flush.
 *
 * <p>Futures complete on this thread: what is chained to them must not block.
 */
final class StoreWriter implements AutoCloseable {

    private static final int GROUP_MAX = 64;
    private static final long STOP_CHECK_MS = 100;

    private final Path file;
    private final StoreOptions options;
    private final ArrayBlockingQueue<Write<?>> waiting;
    private final Consumer<StoreHead> committed;
    private final AtomicLong refused = new AtomicLong();
    private final Thread thread;

    private volatile StoreHead head;
    private volatile Optional<StoreProblem> lastProblem = Optional.empty();
    private volatile boolean closing;
    private volatile boolean stopped;

    // Null after a failure of the disk: the next group opens the file afresh, so that a repaired disk heals by itself.
    private @Nullable StoreConnection connection;

    /**
     * @param connection open for writing; owned from now on
     * @param committed told on this thread after each commit; must not block
     */
    StoreWriter(
            Path file,
            StoreOptions options,
            StoreConnection connection,
            StoreHead head,
            Consumer<StoreHead> committed) {
        this.file = file;
        this.options = options;
        this.connection = connection;
        this.head = head;
        this.committed = committed;
        this.waiting = new ArrayBlockingQueue<>(options.writesWaitingMax());
        this.thread = Thread.ofPlatform().name("penstock-store").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** One unit of writing; may read too. Runs on the writer's thread, inside a transaction. */
    @FunctionalInterface
    interface Task<T> {
        T write(WriteTransaction transaction) throws SQLException;
    }

    <T> CompletableFuture<T> submit(String doing, Task<T> task) {
        Write<T> write = new Write<>(doing, task, new CompletableFuture<>());
        if (closing) {
            write.done.completeExceptionally(closed(doing));
        } else if (!waiting.offer(write)) {
            refused.incrementAndGet();
            write.done.completeExceptionally(new StoreRefused(new StoreProblem(
                    StoreProblem.Kind.BUSY,
                    "could not " + doing + ": " + options.writesWaitingMax() + " writes wait already",
                    file.toString(),
                    "Traffic is not touched; repeat the call a little later.")));
        } else if (stopped && waiting.remove(write)) {
            write.done.completeExceptionally(closed(doing));
        }
        return write.done;
    }

    StoreHead head() {
        return head;
    }

    Optional<StoreProblem> lastProblem() {
        return lastProblem;
    }

    int waitingWrites() {
        return waiting.size();
    }

    long writesRefused() {
        return refused.get();
    }

    /** Writes what waits, then ends the thread; the file stays open until {@link #close}. */
    void stop() {
        closing = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                // What was accepted must reach the disk first.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the file. The last connection to it should be this one: it folds the log into the file. */
    @Override
    public void close() {
        stop();
        // The thread has ended; what it wrote is visible here.
        if (connection != null) {
            checkpointQuietly(connection);
            connection.close();
            connection = null;
        }
    }

    private void run() {
        List<Write<?>> group = new ArrayList<>();
        while (true) {
            try {
                Write<?> first = waiting.poll(STOP_CHECK_MS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    group.add(first);
                    waiting.drainTo(group, GROUP_MAX - 1);
                    commit(group);
                    group.clear();
                } else if (closing) {
                    break;
                }
            } catch (InterruptedException stray) {
                // Nobody of ours interrupts this thread; the flag `closing` ends it.
            }
        }
        stopped = true;
        waiting.drainTo(group);
        group.forEach(write -> write.done.completeExceptionally(closed(write.doing)));
    }

    private void commit(List<Write<?>> group) {
        List<Runnable> outcomes = new ArrayList<>(group.size());
        try {
            StoreConnection open = connection();
            open.execute("BEGIN IMMEDIATE");
            WriteTransaction transaction = new WriteTransaction(open, head);
            for (Write<?> write : group) {
                outcomes.add(apply(write, transaction));
            }
            open.execute("COMMIT");
            head = transaction.head();
            lastProblem = Optional.empty();
        } catch (SQLException failed) {
            fail(group, SqliteFault.refused(failed, group.getFirst().doing, file));
            return;
        } catch (StoreRefused movedOn) {
            fail(group, movedOn);
            return;
        }
        committed.accept(head);
        outcomes.forEach(Runnable::run);
    }

    /** Runs one write behind its savepoint and gives what to tell its caller once the group is on the disk. */
    private <T> Runnable apply(Write<T> write, WriteTransaction transaction) throws SQLException {
        StoreHead before = transaction.head();
        transaction.connection().execute("SAVEPOINT one");
        try {
            T result = write.task.write(transaction);
            transaction.connection().execute("RELEASE one");
            return () -> write.done.complete(result);
        } catch (SQLException failed) {
            if (SqliteFault.kind(failed) != StoreProblem.Kind.OTHER) {
                throw failed;
            }
            rewind(transaction, before);
            StoreRefused refusal = SqliteFault.refused(failed, write.doing, file);
            return () -> write.done.completeExceptionally(refusal);
        } catch (RuntimeException bug) {
            rewind(transaction, before);
            return () -> write.done.completeExceptionally(bug);
        }
    }

    private static void rewind(WriteTransaction transaction, StoreHead before) throws SQLException {
        transaction.connection().execute("ROLLBACK TO one");
        transaction.connection().execute("RELEASE one");
        transaction.rewind(before);
    }

    private void fail(List<Write<?>> group, StoreRefused refusal) {
        lastProblem = Optional.of(refusal.problem());
        refused.addAndGet(group.size());
        if (connection != null) {
            connection.rollbackQuietly();
            connection.close();
            connection = null;
        }
        group.forEach(write -> write.done.completeExceptionally(refusal));
    }

    private StoreConnection connection() throws SQLException {
        StoreConnection open = connection;
        if (open == null) {
            open = StoreConnection.openForWriting(file, options);
            long stored = 0;
            try {
                stored = open.number("SELECT COALESCE(MAX(number), 0) FROM revision");
            } catch (SQLException failed) {
                open.close();
                throw failed;
            }
            // A commit whose flush failed may still have reached the disk. Building on it unseen would mix revisions.
            if (stored != head.revision()) {
                open.close();
                throw new StoreRefused(new StoreProblem(
                        StoreProblem.Kind.CORRUPT,
                        "the file holds revision " + stored + ", this process serves " + head.revision(),
                        file.toString(),
                        "Traffic is not touched; restart to serve what is stored."));
            }
            connection = open;
        }
        return open;
    }

    private static void checkpointQuietly(StoreConnection open) {
        try {
            open.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException full) {
            // The log holds every commit, and the next start reads it.
        }
    }

    private StoreRefused closed(String doing) {
        return new StoreRefused(new StoreProblem(
                StoreProblem.Kind.CLOSED,
                "could not " + doing + ": the store is closed",
                file.toString(),
                "Start again."));
    }

    private static final class Write<T> {
        private final String doing;
        private final Task<T> task;
        private final CompletableFuture<T> done;

        Write(String doing, Task<T> task, CompletableFuture<T> done) {
            this.doing = doing;
            this.task = task;
            this.done = done;
        }
    }
}
