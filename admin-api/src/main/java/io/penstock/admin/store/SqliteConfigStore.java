package io.penstock.admin.store;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The store in one SQLite file in the data folder, written by one thread, with a snapshot of the newest revision beside it.
 *
 * <p>Write-ahead log, every commit flushed before it is acknowledged. Any thread but a worker.
 */
public final class SqliteConfigStore implements ConfigStore {

    private static final int LIST_MAX = 1000;

    private final Path file;
    private final StoreOptions options;
    private final Clock clock;
    private final StoreWriter writer;
    private final StoreReader reader;
    private final SnapshotExporter exporter;
    private final AuditTable audit;
    private final TokenTable tokens;
    private final RoleTable roles;
    private final OverrideTable overrides;
    private final PluginTable plugins;

    // What opening read and checked, for the first load: a large configuration is not read twice at start. Then empty.
    private final AtomicReference<Optional<StoredConfig>> loadedAtOpening;

    // Only the writer's thread.
    private long nextPruneAt;

    private SqliteConfigStore(DataFolder folder, StoreOptions options, Clock clock, StoreOpening.Opened opened) {
        this.file = opened.file();
        this.options = options;
        this.clock = clock;
        this.writer = new StoreWriter(file, options, opened.connection(), opened.head(), this::committed);
        this.reader = new StoreReader(file, options);
        this.exporter = new SnapshotExporter(file, folder.path(), options, writer, opened.exportedRevision());
        this.audit = new AuditTable(writer, reader);
        this.loadedAtOpening = new AtomicReference<>(opened.config());
        this.tokens = new TokenTable(writer, reader, folder.path());
        this.roles = new RoleTable(writer, reader);
        this.overrides = new OverrideTable(writer, reader);
        this.plugins = new PluginTable(writer, reader, folder.path(), file);
    }

    /**
     * Opens the store of a folder that this process holds.
     *
     * @throws StoreUnusable if something was stored and no copy of it can be read, or the disk fails
     */
    public static OpenedStore open(DataFolder folder, StoreOptions options, Clock clock) throws StoreUnusable {
        StoreOpening.Opened opened = new StoreOpening(folder.path(), options, clock).open();
        SqliteConfigStore store = new SqliteConfigStore(folder, options, clock, opened);
        store.writer.start();
        store.exporter.start();
        store.exporter.wants(opened.head().revision());
        store.prune();
        store.plugins.renewCopy();
        return new OpenedStore(store, opened.recovery());
    }

    @Override
    public StoredConfig load() {
        Optional<StoredConfig> loaded = loadedAtOpening.getAndSet(Optional.empty());
        if (loaded.isPresent() && loaded.get().revision() == revision()) {
            return loaded.get();
        }
        return reader.read(
                "load the newest revision",
                connection -> RevisionTable.load(connection, file).config());
    }

    @Override
    public long revision() {
        return writer.head().revision();
    }

    @Override
    public long nextRevision() {
        return writer.head().nextRevision();
    }

    @Override
    public List<RevisionRecord> commit(StoreCommit commit) {
        return Waits.join(writer.submit("store a revision", transaction -> {
            List<RevisionRecord> records = new ArrayList<>(commit.revisions().size());
            for (NewRevision revision : commit.revisions()) {
                PluginTable.requireNamed(transaction.connection(), revision.writes(), file);
                records.add(transaction.revision(revision));
            }
            for (AuditEvent event : commit.audit()) {
                transaction.audit(event);
            }
            transaction.confirm(commit.confirm());
            for (KeyUse use : commit.keyUses()) {
                transaction.keyUse(use);
            }
            return records;
        }));
    }

    @Override
    public Optional<StoredConfig> image(long revision) {
        return reader.read("read revision " + revision, connection -> RevisionTable.image(connection, revision, file));
    }

    @Override
    public Optional<RevisionRecord> record(long revision) {
        return reader.read("read revision " + revision, connection -> {
            Optional<RevisionSummary> summary = RevisionTable.summary(connection, revision);
            return summary.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new RevisionRecord(summary.get(), RevisionTable.changes(connection, revision)));
        });
    }

    @Override
    public Optional<List<ResourceChange>> diff(long from, long to) {
        return reader.read("compare revisions", connection -> RevisionTable.diff(connection, from, to));
    }

    @Override
    public Page<RevisionSummary> revisions(Optional<String> cursor, int limit) {
        int most = Math.clamp(limit, 1, LIST_MAX);
        long below = Cursors.below(cursor);
        List<RevisionSummary> found =
                reader.read("list revisions", connection -> RevisionTable.below(connection, below, most + 1));
        boolean more = found.size() > most;
        List<RevisionSummary> items = more ? found.subList(0, most) : found;
        return new Page<>(
                items, more ? Optional.of(Long.toString(items.getLast().number())) : Optional.empty());
    }

    @Override
    public Optional<PendingConfirm> pendingConfirm() {
        return reader.read("read the revision on trial", connection -> {
            PreparedStatement select =
                    connection.prepare("SELECT revision, revert_to, deadline_ms, actor FROM pending_confirm");
            try (ResultSet rows = select.executeQuery()) {
                return rows.next()
                        ? Optional.of(new PendingConfirm(
                                rows.getLong(1),
                                rows.getLong(2),
                                Instant.ofEpochMilli(rows.getLong(3)),
                                rows.getString(4)))
                        : Optional.empty();
            }
        });
    }

    @Override
    public Optional<KeyUse> keyUse(String actor, String key, Instant now) {
        return reader.read("look up an idempotency key", connection -> {
            PreparedStatement select = connection.prepare(
                    "SELECT fingerprint, revision, expires_ms FROM key_use WHERE actor = ? AND key = ? AND expires_ms > ?");
            select.setString(1, actor);
            select.setString(2, key);
            select.setLong(3, now.toEpochMilli());
            try (ResultSet rows = select.executeQuery()) {
                return rows.next()
                        ? Optional.of(new KeyUse(
                                actor, key, rows.getString(1), rows.getLong(2), Instant.ofEpochMilli(rows.getLong(3))))
                        : Optional.empty();
            }
        });
    }

    @Override
    public Optional<KeptAnswer> keptAnswer(String owner, String key, Instant now) {
        return reader.read("look up a kept answer", connection -> {
            PreparedStatement select = connection.prepare(
                    "SELECT fingerprint, sealed, expires_ms FROM kept_answer WHERE owner = ? AND key = ? AND expires_ms > ?");
            select.setString(1, owner);
            select.setString(2, key);
            select.setLong(3, now.toEpochMilli());
            try (ResultSet rows = select.executeQuery()) {
                return rows.next()
                        ? Optional.of(new KeptAnswer(
                                owner,
                                key,
                                rows.getString(1),
                                rows.getString(2),
                                Instant.ofEpochMilli(rows.getLong(3))))
                        : Optional.empty();
            }
        });
    }

    @Override
    public ChainVerdict verify() {
        return reader.read("verify the revisions", RevisionTable::verify);
    }

    @Override
    public void copyTo(Path target) {
        StoreCopy.make(file, options, target);
    }

    @Override
    public AuditLog audit() {
        return audit;
    }

    @Override
    public TokenRecords tokens() {
        return tokens;
    }

    @Override
    public RoleRecords roles() {
        return roles;
    }

    @Override
    public OverrideRecords overrides() {
        return overrides;
    }

    @Override
    public PluginRecords plugins() {
        return plugins;
    }

    @Override
    public StoreHealth health() {
        return new StoreHealth(
                writer.lastProblem(),
                exporter.problem(),
                exporter.exportedRevision(),
                writer.waitingWrites(),
                writer.writesRefused());
    }

    @Override
    public void close() {
        writer.stop();
        exporter.close();
        reader.close();
        writer.close();
    }

    private void committed(StoreHead head) {
        exporter.wants(head.revision());
        long steps = head.revision() + head.auditNumber();
        if (steps >= nextPruneAt) {
            nextPruneAt = steps + Retention.SLACK;
            prune();
        }
    }

    /** Drops what is too old, a piece at a time behind whatever waits meanwhile. Does not block. */
    private void prune() {
        writer.submit("drop old revisions", transaction -> Retention.prune(transaction, options, clock.instant()))
                .thenAccept(more -> {
                    if (more) {
                        prune();
                    }
                })
                .exceptionally(refused -> null);
    }
}
