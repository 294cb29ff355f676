package io.penstock.admin.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the newest revision out of the store into a file beside it, soon after each commit and never in its way.
 *
 * <p>One thread with a connection of its own, which sees one state however long it reads. Commits that come meanwhile are
 * exported together next time. Between two exports it rests ten times as long as the last one took, so that with a large
 * configuration and many edits it costs a tenth of one core at most. The same pass makes the store's full image when one
 * is due.
 *
 * <p>What it reads is compared with the revision's hash first: a damaged store never replaces a good snapshot.
 */
final class SnapshotExporter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotExporter.class);
    private static final int REST_FACTOR = 10;
    private static final long RETRY_NS = Duration.ofSeconds(1).toNanos();

    private final Path file;
    private final Path folder;
    private final StoreOptions options;
    private final StoreWriter writer;
    private final Thread thread;

    private volatile long wantedRevision;
    private volatile long exportedRevision;
    private volatile Optional<StoreProblem> problem = Optional.empty();
    private volatile boolean closing;

    // Null until the first export and after a failed one. Only the exporter's thread.
    private @Nullable StoreConnection connection;

    /** @param exportedRevision the newest snapshot that is there and good, 0 if there is none */
    SnapshotExporter(Path file, Path folder, StoreOptions options, StoreWriter writer, long exportedRevision) {
        this.file = file;
        this.folder = folder;
        this.options = options;
        this.writer = writer;
        this.exportedRevision = exportedRevision;
        this.thread = Thread.ofPlatform().name("penstock-store-export").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Says that there is something new. Any thread; does not block. */
    void wants(long revision) {
        wantedRevision = revision;
        LockSupport.unpark(thread);
    }

    long exportedRevision() {
        return exportedRevision;
    }

    Optional<StoreProblem> problem() {
        return problem;
    }

    /** Exports what is not exported yet, once, then ends the thread. Call after the last commit. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closing || wantedRevision != exportedRevision) {
            if (wantedRevision == exportedRevision) {
                LockSupport.park(this);
                continue;
            }
            long startNs = System.nanoTime();
            boolean exported = tryExport();
            if (!exported && closing) {
                break;
            }
            long tookNs = System.nanoTime() - startNs;
            rest(exported ? Math.max(options.exportPause().toNanos(), REST_FACTOR * tookNs) : RETRY_NS);
        }
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    private void rest(long restNs) {
        long startNs = System.nanoTime();
        while (!closing && System.nanoTime() - startNs < restNs) {
            LockSupport.parkNanos(this, restNs - (System.nanoTime() - startNs));
        }
    }

    private boolean tryExport() {
        try {
            exportedRevision = export();
            problem = Optional.empty();
            return true;
        } catch (SQLException failed) {
            forget(SqliteFault.problem(failed, "read for a snapshot", file));
        } catch (IOException failed) {
            forget(new StoreProblem(
                    StoreProblem.Kind.IO_ERROR,
                    "could not write the last good snapshot: " + failed,
                    folder.toString(),
                    "Traffic and the store are not touched; free space or make the folder writable. It is tried again"
                            + " every second."));
        }
        return false;
    }

    private void forget(StoreProblem now) {
        // Once per problem, not once per second.
        if (!problem.map(StoreProblem::text).equals(Optional.of(now.text()))) {
            LOG.error("{}", now.text());
        }
        problem = Optional.of(now);
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    /** Exports the newest revision and gives its number. */
    private long export() throws SQLException, IOException {
        // Not while closing: nothing is written any more then, and the next process makes the image.
        boolean imageDue = !closing && writer.head().isImageDue(options.imageEvery());
        StoreConnection open = connection;
        if (open == null) {
            open = StoreConnection.openForReading(file, options);
            connection = open;
        }
        open.execute("BEGIN");
        try {
            Optional<RevisionSummary> newest = RevisionTable.newest(open);
            if (newest.isEmpty()) {
                return 0;
            }
            export(open, newest.get(), imageDue);
            return newest.get().number();
        } finally {
            open.rollbackQuietly();
        }
    }

    private void export(StoreConnection open, RevisionSummary revision, boolean imageDue)
            throws SQLException, IOException {
        ContentHash claimed = ContentHash.parse(revision.contentHash());
        ContentHash found = ContentHash.EMPTY;
        StateImage.Writer image = new StateImage.Writer();
        PreparedStatement select = open.prepare("SELECT type, name, json, changed FROM current ORDER BY type, name");
        try (SnapshotFile.Writer snapshot = new SnapshotFile.Writer(folder, revision.number(), claimed);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                StateLine line = new StateLine(
                        new ResourceKey(rows.getString(1), rows.getString(2)),
                        new StoredResource(rows.getString(3), rows.getLong(4)));
                found = found.plus(line.key(), line.resource().json());
                String text = line.text();
                snapshot.add(text);
                if (imageDue) {
                    image.add(text);
                }
            }
            if (!found.equals(claimed)) {
                throw new DamagedStore("revision " + revision.number() + " does not match its content hash");
            }
            snapshot.finish();
        }
        byte[] content = image.finish();
        if (imageDue) {
            writer.submit("store a full image", transaction -> {
                        transaction.image(revision.number(), content);
                        return true;
                    })
                    .exceptionally(refused -> {
                        LOG.warn("A full image was not stored: {}", refused.getMessage());
                        return false;
                    });
        }
    }
}
