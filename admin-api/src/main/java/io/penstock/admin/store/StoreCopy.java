package io.penstock.admin.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A copy of the store's file as of one moment, by SQLite itself. On a connection and a thread of its own: what takes as long as
 * the file is large must hold up neither reads nor the virtual thread of the caller.
 */
final class StoreCopy {
    private static final String DOING = "copy the store";

    private StoreCopy() {}

    /** Copies; the target is flushed to the disk by SQLite. */
    static void make(Path file, StoreOptions options, Path target) {
        try (ExecutorService own = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("penstock-store-copy").daemon().factory())) {
            own.submit(() -> {
                        copy(file, options, target);
                        return target;
                    })
                    .get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("could not " + DOING, failed.getCause());
        } catch (InterruptedException given) {
            Thread.currentThread().interrupt();
            throw new StoreRefused(
                    new StoreProblem(
                            StoreProblem.Kind.CLOSED,
                            "could not " + DOING + ": the caller gave up waiting",
                            file.toString(),
                            "Repeat the call."),
                    given);
        }
    }

    private static void copy(Path file, StoreOptions options, Path target) {
        try (StoreConnection connection = StoreConnection.openForReading(file, options)) {
            connection.execute("VACUUM INTO '" + target.toString().replace("'", "''") + "'");
        } catch (SQLException failed) {
            throw SqliteFault.refused(failed, DOING, file);
        }
    }
}
