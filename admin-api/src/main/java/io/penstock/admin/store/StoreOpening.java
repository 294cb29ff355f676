package io.penstock.admin.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the store, or what can be saved of it.
 *
 * <p>A file is a sound store if it has our mark and format, SQLite finds its pages whole, and everything current has the
 * hash that its newest revision left. Otherwise, in this order: what is current, if it alone can still be read and has its
 * hash; the newest snapshot that can be read. A new store is built from it, and the bad file is kept under another name.
 * Only where nothing was ever stored does an empty store begin. A failing disk is not a damaged store: nothing is moved.
 *
 * <p>One thread, one use.
 */
final class StoreOpening {

    static final String FILE = "penstock.db";

    /**
     * Numbers that are skipped after a start from a snapshot. The lost store may have given some out already, and an
     * {@code ETag} must never come to mean something else. The exporter lags by far less.
     */
    static final long NUMBERS_SKIPPED = 10_000;

    /** A full check of the pages takes about a second per gigabyte; past this size only what is served is checked. */
    private static final long PAGE_CHECK_BYTES_MAX = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(StoreOpening.class);
    private static final byte[] SQLITE_MARK = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String ACTOR = "penstock";

    private final Path folder;
    private final Path file;
    private final StoreOptions options;
    private final Clock clock;

    StoreOpening(Path folder, StoreOptions options, Clock clock) {
        this.folder = folder;
        this.file = folder.resolve(FILE);
        this.options = options;
        this.clock = clock;
    }

    /**
     * A store ready for its threads.
     *
     * @param connection open for writing
     * @param exportedRevision the newest good snapshot that belongs to it, 0 if there is none
     * @param config everything current, where checking it has read it already
     */
    record Opened(
            Path file,
            StoreConnection connection,
            StoreHead head,
            long exportedRevision,
            Optional<StoredConfig> config,
            Optional<StoreRecovery> recovery) {}

    Opened open() throws StoreUnusable {
        try {
            Optional<StoreConfigAt> snapshot = newestReadable();
            Diagnosis diagnosis = diagnose();
            return switch (diagnosis) {
                case Sound sound -> catchUp(sound, snapshot);
                case Nothing nothing ->
                    hasTraces()
                            ? recover(new Unsound(nothing.fault(), nothing.detail(), false), snapshot)
                            : beginEmpty();
                case Unsound unsound -> recover(unsound, snapshot);
            };
        } catch (IOException failed) {
            throw new StoreUnusable(
                    "store " + file + ": the data folder cannot be read or written (" + failed
                            + "). Nothing was changed; look at the disk and the folder's owner, then start again.",
                    failed);
        } catch (SQLException failed) {
            throw new StoreUnusable(
                    SqliteFault.problem(failed, "open the store", file).text(), failed);
        }
    }

    private sealed interface Diagnosis {}

    private record Sound(StoreConnection connection, RevisionTable.Loaded loaded) implements Diagnosis {}

    /** Not there, or without content. */
    private record Nothing(StoreRecovery.Fault fault, String detail) implements Diagnosis {}

    /** @param mayBeRead whether reading what is current is worth a try */
    private record Unsound(StoreRecovery.Fault fault, String detail, boolean mayBeRead) implements Diagnosis {}

    private record StoreConfigAt(StoredConfig config, Path path) {}

    private Diagnosis diagnose() throws IOException, SQLException {
        if (Files.notExists(file)) {
            return new Nothing(StoreRecovery.Fault.MISSING, file + " is gone.");
        }
        if (Files.size(file) == 0) {
            return new Nothing(StoreRecovery.Fault.EMPTY, file + " has no content.");
        }
        if (!hasSqliteMark()) {
            return new Unsound(
                    StoreRecovery.Fault.NOT_A_STORE, file + " is not a store: its first bytes are others.", false);
        }
        StoreConnection connection = null;
        boolean isSound = false;
        try {
            connection = StoreConnection.openForWriting(file, options);
            Diagnosis diagnosis = diagnose(connection);
            isSound = diagnosis instanceof Sound;
            return diagnosis;
        } catch (SQLException failed) {
            if (failed instanceof DamagedStore || SqliteFault.kind(failed) == StoreProblem.Kind.CORRUPT) {
                return new Unsound(
                        StoreRecovery.Fault.CORRUPT, file + " is damaged: " + failed.getMessage() + ".", true);
            }
            if (SqliteFault.kind(failed) == StoreProblem.Kind.OTHER) {
                // A missing table or column: the pages are readable and do not hold what we keep.
                return new Unsound(
                        StoreRecovery.Fault.CORRUPT, file + " is damaged: " + failed.getMessage() + ".", false);
            }
            throw failed;
        } catch (IllegalArgumentException impossible) {
            return new Unsound(
                    StoreRecovery.Fault.CORRUPT, file + " is damaged: " + impossible.getMessage() + ".", false);
        } finally {
            if (connection != null && !isSound) {
                connection.close();
            }
        }
    }

    private Diagnosis diagnose(StoreConnection connection) throws SQLException, IOException {
        long format = connection.number("PRAGMA user_version");
        long application = connection.number("PRAGMA application_id");
        if (format > Schema.FORMAT) {
            return new Unsound(
                    StoreRecovery.Fault.NEWER_FORMAT,
                    file + " has format " + format + ", this version reads up to " + Schema.FORMAT + ".",
                    false);
        }
        if (format == 0 && connection.number("SELECT COUNT(*) FROM sqlite_master") == 0) {
            connection.close();
            return new Nothing(StoreRecovery.Fault.EMPTY, file + " has no tables.");
        }
        if (application != Schema.APPLICATION_ID || format == 0) {
            return new Unsound(StoreRecovery.Fault.NOT_A_STORE, file + " is a database of another program.", false);
        }
        if (Files.size(file) <= PAGE_CHECK_BYTES_MAX) {
            String verdict = connection.text("PRAGMA quick_check(1)");
            if (!verdict.equals("ok")) {
                throw new DamagedStore(verdict.replace('\n', ' '));
            }
        }
        RevisionTable.Loaded loaded = RevisionTable.load(connection, file);
        Schema.complete(connection);
        return new Sound(connection, loaded);
    }

    private boolean hasSqliteMark() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(SQLITE_MARK.length), SQLITE_MARK);
        }
    }

    /** Whether anything says that a configuration was stored here before. */
    private boolean hasTraces() throws IOException {
        return !SnapshotFile.list(folder).isEmpty() || Files.exists(TokenCopy.path(folder));
    }

    private Opened beginEmpty() throws IOException, SQLException {
        DataFolder.makeOwnerFile(file);
        StoreConnection connection = StoreConnection.openForWriting(file, options);
        try {
            Schema.create(connection);
            DataFolder.flushFolder(folder);
        } catch (SQLException | IOException failed) {
            connection.close();
            throw failed;
        }
        return new Opened(file, connection, StoreHead.EMPTY, 0, Optional.empty(), Optional.empty());
    }

    /** A store that is older than its snapshot lost the end of its log: the snapshot's state becomes its newest revision. */
    private Opened catchUp(Sound sound, Optional<StoreConfigAt> snapshot) throws SQLException {
        StoreHead head = sound.loaded().head();
        long exported = snapshot.map(each -> each.config().revision()).orElse(0L);
        if (exported <= head.revision()) {
            return new Opened(
                    file,
                    sound.connection(),
                    head,
                    exported,
                    Optional.of(sound.loaded().config()),
                    Optional.empty());
        }
        StoreConfigAt ahead = snapshot.get();
        StoreRecovery recovery = new StoreRecovery(
                StoreRecovery.Fault.BEHIND,
                file + " ends at revision " + head.revision() + ", but revision " + exported
                        + " was stored: the end of its log was lost.",
                StoreRecovery.Source.SNAPSHOT,
                Optional.of(ahead.path()),
                List.of(),
                exported,
                false);
        StoreHead caughtUp = importState(
                sound.connection(),
                head,
                sound.loaded().config(),
                ahead.config(),
                recovery,
                List.of(),
                NUMBERS_SKIPPED);
        return new Opened(file, sound.connection(), caughtUp, exported, Optional.empty(), Optional.of(recovery));
    }

    private Opened recover(Unsound unsound, Optional<StoreConfigAt> snapshot)
            throws IOException, SQLException, StoreUnusable {
        Optional<StoredConfig> salvaged = unsound.mayBeRead() ? trySalvage() : Optional.empty();
        boolean isSalvaged = salvaged.isPresent()
                && salvaged.get().revision()
                        >= snapshot.map(each -> each.config().revision()).orElse(0L);
        if (!isSalvaged && snapshot.isEmpty()) {
            throw new StoreUnusable(
                    "store: " + unsound.detail() + " No snapshot beside it can be read either, and an empty"
                            + " configuration is not what was stored, so nothing starts. Restore a backup of " + folder
                            + ", or start the version that wrote it, or, to begin empty, move " + file
                            + " and last-good.* out of the folder.");
        }
        StoredConfig config = isSalvaged ? salvaged.get() : snapshot.get().config();
        // Should this process die while it rebuilds, the next one finds the same state in a snapshot.
        Path source =
                isSalvaged ? SnapshotFile.write(folder, config) : snapshot.get().path();
        List<Path> aside = moveAside(unsound.fault());
        StoreRecovery recovery = new StoreRecovery(
                unsound.fault(),
                unsound.detail(),
                isSalvaged ? StoreRecovery.Source.SALVAGED : StoreRecovery.Source.SNAPSHOT,
                isSalvaged ? Optional.empty() : Optional.of(source),
                aside,
                config.revision(),
                true);
        Opened empty = beginEmpty();
        try {
            StoreHead head = importState(
                    empty.connection(),
                    empty.head(),
                    new StoredConfig(0, new TreeMap<>()),
                    config,
                    recovery,
                    readTokens(),
                    isSalvaged ? 1 : NUMBERS_SKIPPED);
            return new Opened(
                    file, empty.connection(), head, config.revision(), Optional.of(config), Optional.of(recovery));
        } catch (SQLException failed) {
            empty.connection().close();
            throw failed;
        }
    }

    private Optional<StoredConfig> trySalvage() {
        try (StoreConnection connection = StoreConnection.openForReading(file, options)) {
            StoredConfig config = RevisionTable.loadCurrent(connection, file);
            return config.isEmpty() ? Optional.empty() : Optional.of(config);
        } catch (SQLException | IllegalArgumentException unreadable) {
            LOG.warn("Nothing could be salvaged from {}: {}", file, unreadable.getMessage());
            return Optional.empty();
        }
    }

    private List<TokenRecord> readTokens() {
        try {
            return TokenCopy.read(folder).orElse(List.of());
        } catch (IOException unreadable) {
            LOG.error("The tokens are lost, a setup token lets you in again: {}", unreadable.getMessage());
            return List.of();
        }
    }

    /** Makes a state the newest revision, under its own number, in one transaction with what must be with it. */
    private StoreHead importState(
            StoreConnection connection,
            StoreHead head,
            StoredConfig present,
            StoredConfig wanted,
            StoreRecovery recovery,
            List<TokenRecord> tokens,
            long numbersSkipped)
            throws SQLException {
        List<ResourceWrite> writes = new ArrayList<>();
        for (Map.Entry<ResourceKey, StoredResource> entry : wanted.resources().entrySet()) {
            StoredResource before = present.resources().get(entry.getKey());
            if (before == null || !before.json().equals(entry.getValue().json())) {
                writes.add(ResourceWrite.put(entry.getKey(), entry.getValue().json()));
            }
        }
        for (ResourceKey key : present.resources().keySet()) {
            if (!wanted.resources().containsKey(key)) {
                writes.add(ResourceWrite.remove(key));
            }
        }
        connection.execute("BEGIN IMMEDIATE");
        try {
            WriteTransaction transaction = new WriteTransaction(connection, head);
            transaction.revision(
                    new NewRevision(
                            wanted.revision(),
                            clock.instant(),
                            ACTOR,
                            Optional.of(recovery.detail()),
                            "recovery",
                            writes),
                    key -> {
                        StoredResource resource = wanted.resources().get(key);
                        return resource == null ? wanted.revision() : resource.lastChanged();
                    });
            transaction.nextRevision(wanted.revision() + numbersSkipped);
            for (TokenRecord token : tokens) {
                TokenTable.insert(connection, token);
            }
            PluginTable.importCopy(connection, folder);
            transaction.audit(new AuditEvent(
                    clock.instant(),
                    ACTOR,
                    Optional.empty(),
                    "store.recover",
                    "/config/revisions/" + wanted.revision(),
                    AuditEvent.Outcome.APPLIED,
                    Optional.of(wanted.revision()),
                    Optional.empty(),
                    Optional.of(recovery.text()),
                    Optional.empty()));
            connection.execute("COMMIT");
            return transaction.head();
        } catch (SQLException failed) {
            connection.rollbackQuietly();
            throw failed;
        }
    }

    private Optional<StoreConfigAt> newestReadable() throws IOException {
        for (SnapshotFile.Named each : SnapshotFile.list(folder)) {
            try {
                StoredConfig config = SnapshotFile.read(each.path());
                if (config.revision() == each.revision()) {
                    return Optional.of(new StoreConfigAt(config, each.path()));
                }
                LOG.error("Snapshot {} holds revision {}; it is not used", each.path(), config.revision());
            } catch (IOException unreadable) {
                LOG.error("A snapshot is not used: {}", unreadable.getMessage());
            }
        }
        return Optional.empty();
    }

    private List<Path> moveAside(StoreRecovery.Fault fault) throws IOException {
        String suffix =
                "." + fault.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + STAMP.format(clock.instant());
        List<Path> moved = new ArrayList<>();
        for (String part : List.of("", "-wal", "-shm")) {
            Path from = folder.resolve(FILE + part);
            if (Files.exists(from)) {
                // The parts keep their names' relation, so that sqlite3 can open what was set aside.
                Path to = folder.resolve(FILE + suffix + part);
                Files.move(from, to);
                moved.add(to);
            }
        }
        DataFolder.flushFolder(folder);
        return moved;
    }
}
