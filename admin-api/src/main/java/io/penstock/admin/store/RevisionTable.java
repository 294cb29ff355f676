package io.penstock.admin.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads revisions: the newest whole, older ones by walking from the nearest full state, on either side of them.
 *
 * <p>Since a delta holds both of its sides, the newest state is a starting point too, and pruning old deltas never needs
 * another image. What a walk arrives at is compared with the revision's content hash before it is given out.
 */
final class RevisionTable {

    private static final String SUMMARY_COLUMNS =
            "number, at_ms, actor, note, cause, change_count, content_hash, chain_hash, previous_hash";

    private RevisionTable() {}

    /** Where the store stands, and everything current, checked against the newest revision's hash. */
    record Loaded(StoreHead head, StoredConfig config) {}

    /** @throws DamagedStore if what is current is not what the newest revision left */
    static Loaded load(StoreConnection connection, Path file) throws SQLException {
        StoredConfig config = loadCurrent(connection, file);
        SortedMap<ResourceKey, StoredResource> resources = config.resources();
        long stateBytes = resources.values().stream()
                .mapToLong(each -> each.json().length())
                .sum();
        Optional<RevisionSummary> newest = newest(connection);
        long imageRevision = connection.number("SELECT COALESCE(MAX(revision), 0) FROM image");
        StoreHead head = new StoreHead(
                config.revision(),
                config.revision() + 1,
                newest.isPresent() ? ContentHash.parse(newest.get().contentHash()) : ContentHash.EMPTY,
                newest.map(RevisionSummary::chainHash).orElse(""),
                stateBytes,
                imageRevision,
                connection.number("SELECT COALESCE(SUM(delta_bytes), 0) FROM revision WHERE number > " + imageRevision),
                connection.number("SELECT COALESCE(MAX(number), 0) FROM audit"),
                auditHash(connection));
        return new Loaded(
                head.withNextRevision(meta(connection, "next_revision").orElse(1L)), config);
    }

    /**
     * Everything current, checked against the newest revision's hash; reads nothing else, so that it works while the rest
     * is damaged.
     *
     * @throws DamagedStore if what is current is not what the newest revision left
     */
    static StoredConfig loadCurrent(StoreConnection connection, Path file) throws SQLException {
        SortedMap<ResourceKey, StoredResource> resources = current(connection);
        ContentHash content = ContentHash.of(resources);
        Optional<RevisionSummary> newest = newest(connection);
        if (newest.isPresent() && !newest.get().contentHash().equals(content.toString())) {
            throw new DamagedStore(file + " does not hold what its newest revision "
                    + newest.get().number() + " left: the content hash differs");
        }
        if (newest.isEmpty() && !resources.isEmpty()) {
            throw new DamagedStore(file + " holds resources, but no revision that made them");
        }
        return new StoredConfig(newest.map(RevisionSummary::number).orElse(0L), resources);
    }

    static Optional<RevisionSummary> newest(StoreConnection connection) throws SQLException {
        PreparedStatement select =
                connection.prepare("SELECT " + SUMMARY_COLUMNS + " FROM revision ORDER BY number DESC LIMIT 1");
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? Optional.of(summary(rows)) : Optional.empty();
        }
    }

    static Optional<RevisionSummary> summary(StoreConnection connection, long revision) throws SQLException {
        PreparedStatement select = connection.prepare("SELECT " + SUMMARY_COLUMNS + " FROM revision WHERE number = ?");
        select.setLong(1, revision);
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? Optional.of(summary(rows)) : Optional.empty();
        }
    }

    /** Newest first, below a number. */
    static List<RevisionSummary> below(StoreConnection connection, long number, int limit) throws SQLException {
        PreparedStatement select = connection.prepare(
                "SELECT " + SUMMARY_COLUMNS + " FROM revision WHERE number < ? ORDER BY number DESC LIMIT ?");
        select.setLong(1, number);
        select.setInt(2, limit);
        List<RevisionSummary> found = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(summary(rows));
            }
        }
        return found;
    }

    static List<ResourceChange> changes(StoreConnection connection, long revision) throws SQLException {
        List<ResourceChange> changes = new ArrayList<>();
        for (Delta delta : deltas(connection, revision, revision, true)) {
            changes.add(new ResourceChange(delta.key(), delta.before().map(StoredResource::json), delta.after()));
        }
        return changes;
    }

    /** What leads from one revision to another, net; absent if either is not kept. */
    static Optional<List<ResourceChange>> diff(StoreConnection connection, long from, long to) throws SQLException {
        if (!isKept(connection, from) || !isKept(connection, to)) {
            return Optional.empty();
        }
        boolean forward = from <= to;
        SortedMap<ResourceKey, ResourceChange> net = new TreeMap<>();
        for (Delta delta : deltas(connection, Math.min(from, to) + 1, Math.max(from, to), forward)) {
            Optional<String> before = delta.before().map(StoredResource::json);
            Optional<String> start = forward ? before : delta.after();
            Optional<String> end = forward ? delta.after() : before;
            ResourceChange earlier = net.get(delta.key());
            net.put(delta.key(), new ResourceChange(delta.key(), earlier == null ? start : earlier.before(), end));
        }
        return Optional.of(net.values().stream()
                .filter(change -> !change.before().equals(change.after()))
                .toList());
    }

    /** Everything that a revision held; absent if it is not kept. */
    static Optional<StoredConfig> image(StoreConnection connection, long revision, Path file) throws SQLException {
        Optional<RevisionSummary> wanted = summary(connection, revision);
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        StoredConfig start = nearestState(connection, revision, file);
        SortedMap<ResourceKey, StoredResource> state = new TreeMap<>(start.resources());
        if (start.revision() <= revision) {
            for (Delta delta : deltas(connection, start.revision() + 1, revision, true)) {
                if (delta.after().isPresent()) {
                    state.put(delta.key(), new StoredResource(delta.after().get(), delta.revision()));
                } else {
                    state.remove(delta.key());
                }
            }
        } else {
            for (Delta delta : deltas(connection, revision + 1, start.revision(), false)) {
                if (delta.before().isPresent()) {
                    state.put(delta.key(), delta.before().get());
                } else {
                    state.remove(delta.key());
                }
            }
        }
        if (!ContentHash.of(state).toString().equals(wanted.get().contentHash())) {
            throw new StoreRefused(new StoreProblem(
                    StoreProblem.Kind.CORRUPT,
                    "revision " + revision + " cannot be read: what is stored does not match its hash",
                    file.toString(),
                    "The newest revision is checked and served; restore a backup beside it to read this one."));
        }
        return Optional.of(new StoredConfig(revision, state));
    }

    /** The full state that fewest revisions part from the wanted one. */
    private static StoredConfig nearestState(StoreConnection connection, long revision, Path file) throws SQLException {
        long head = connection.number("SELECT MAX(number) FROM revision");
        PreparedStatement select =
                connection.prepare("SELECT revision, content FROM image ORDER BY ABS(revision - ?) LIMIT 1");
        select.setLong(1, revision);
        try (ResultSet rows = select.executeQuery()) {
            if (rows.next() && Math.abs(rows.getLong(1) - revision) < head - revision) {
                return new StoredConfig(rows.getLong(1), StateImage.read(rows.getBytes(2)));
            }
        } catch (IOException broken) {
            throw new StoreRefused(
                    new StoreProblem(
                            StoreProblem.Kind.CORRUPT,
                            "an image near revision " + revision + " cannot be read: " + broken.getMessage(),
                            file.toString(),
                            "The newest revision is checked and served; restore a backup beside it to read this one."),
                    broken);
        }
        return new StoredConfig(head, current(connection));
    }

    static SortedMap<ResourceKey, StoredResource> current(StoreConnection connection) throws SQLException {
        SortedMap<ResourceKey, StoredResource> resources = new TreeMap<>();
        PreparedStatement select = connection.prepare("SELECT type, name, json, changed FROM current");
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                resources.put(
                        new ResourceKey(text(rows, 1), text(rows, 2)),
                        new StoredResource(text(rows, 3), rows.getLong(4)));
            }
        }
        return resources;
    }

    /** Recomputes every kept link. */
    static ChainVerdict verify(StoreConnection connection) throws SQLException {
        PreparedStatement select = connection.prepare("SELECT " + SUMMARY_COLUMNS + " FROM revision ORDER BY number");
        long checked = 0;
        String previous = "";
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                RevisionSummary revision = summary(rows);
                String claimed = rows.getString(9);
                if (checked > 0 && !claimed.equals(previous)) {
                    return ChainVerdict.broken(
                            checked, revision.number(), "it does not follow the revision stored before it");
                }
                String hash = Chains.revisionHash(claimed, revision, changes(connection, revision.number()));
                if (!hash.equals(revision.chainHash())) {
                    return ChainVerdict.broken(checked, revision.number(), "what it changed was altered");
                }
                previous = hash;
                checked++;
            }
        }
        return ChainVerdict.sound(checked);
    }

    static Optional<Long> meta(StoreConnection connection, String name) throws SQLException {
        PreparedStatement select = connection.prepare("SELECT value FROM meta WHERE name = ?");
        select.setString(1, name);
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? Optional.of(Long.valueOf(rows.getString(1))) : Optional.empty();
        }
    }

    private static String auditHash(StoreConnection connection) throws SQLException {
        PreparedStatement select = connection.prepare("SELECT hash FROM audit ORDER BY number DESC LIMIT 1");
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    private static boolean isKept(StoreConnection connection, long revision) throws SQLException {
        return summary(connection, revision).isPresent();
    }

    private static List<Delta> deltas(StoreConnection connection, long first, long last, boolean forward)
            throws SQLException {
        PreparedStatement select = connection.prepare(
                "SELECT revision, type, name, before_json, before_changed, after_json FROM change WHERE revision BETWEEN ?"
                        + " AND ? ORDER BY revision " + (forward ? "ASC" : "DESC") + ", type, name");
        select.setLong(1, first);
        select.setLong(2, last);
        List<Delta> deltas = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                String before = rows.getString(4);
                deltas.add(new Delta(
                        rows.getLong(1),
                        new ResourceKey(text(rows, 2), text(rows, 3)),
                        before == null ? Optional.empty() : Optional.of(new StoredResource(before, rows.getLong(5))),
                        Optional.ofNullable(rows.getString(6))));
            }
        }
        return deltas;
    }

    private static RevisionSummary summary(ResultSet rows) throws SQLException {
        return new RevisionSummary(
                rows.getLong(1),
                Instant.ofEpochMilli(rows.getLong(2)),
                rows.getString(3),
                Optional.ofNullable(rows.getString(4)),
                rows.getString(5),
                rows.getInt(6),
                rows.getString(7),
                rows.getString(8));
    }

    /** One stored change with the revision that its earlier side came from. */
    private record Delta(long revision, ResourceKey key, Optional<StoredResource> before, Optional<String> after) {}

    // No such column is ever null in a file that is sound.
    private static String text(ResultSet rows, int column) throws SQLException {
        String text = rows.getString(column);
        if (text == null) {
            throw new DamagedStore("a row lacks its column " + column);
        }
        return text;
    }
}
