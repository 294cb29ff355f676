package io.penstock.admin.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What may be written inside one transaction, and where the store will stand once it commits.
 *
 * <p>Only the writer's thread. Nothing here is true before the commit: {@link #head} replaces the store's head then.
 */
final class WriteTransaction {

    private final StoreConnection connection;
    private StoreHead head;

    WriteTransaction(StoreConnection connection, StoreHead head) {
        this.connection = connection;
        this.head = head;
    }

    StoreHead head() {
        return head;
    }

    /** Goes back to an earlier point of this transaction; the caller rolls the database back to the same point. */
    void rewind(StoreHead earlier) {
        head = earlier;
    }

    StoreConnection connection() {
        return connection;
    }

    RevisionRecord revision(NewRevision revision) throws SQLException {
        return revision(revision, key -> revision.number());
    }

    /** Adds a revision whose resources were last changed as told: the way an older state comes back after a loss. */
    RevisionRecord revision(NewRevision revision, ToLongFunction<ResourceKey> lastChanged) throws SQLException {
        if (revision.number() < head.nextRevision()) {
            throw new IllegalArgumentException("revision " + revision.number()
                    + " is not above what is stored; the next is " + head.nextRevision());
        }
        List<PriorResource> prior = new ArrayList<>(revision.writes().size());
        List<ResourceChange> changes = new ArrayList<>(revision.writes().size());
        ContentHash content = head.content();
        long stateBytesAdded = 0;
        long deltaBytes = 0;
        for (ResourceWrite write : revision.writes().stream()
                .sorted(Comparator.comparing(ResourceWrite::key))
                .toList()) {
            ResourceKey key = write.key();
            PriorResource before = readCurrent(key);
            if (before.json() != null) {
                content = content.minus(key, before.json());
                stateBytesAdded -= before.json().length();
                deltaBytes += before.json().length();
            }
            if (write.after().isPresent()) {
                String json = write.after().get();
                content = content.plus(key, json);
                stateBytesAdded += json.length();
                deltaBytes += json.length();
                writeCurrent(key, json, lastChanged.applyAsLong(key));
            } else {
                removeCurrent(key);
            }
            prior.add(before);
            changes.add(new ResourceChange(key, Optional.ofNullable(before.json()), write.after()));
        }
        Instant at = revision.timestamp().truncatedTo(ChronoUnit.MILLIS);
        RevisionSummary unchained = new RevisionSummary(
                revision.number(),
                at,
                revision.actor(),
                revision.note(),
                revision.cause(),
                changes.size(),
                content.toString(),
                "");
        String chainHash = Chains.revisionHash(head.chainHash(), unchained, changes);
        insertRevision(unchained, head.chainHash(), chainHash, deltaBytes);
        for (int i = 0; i < changes.size(); i++) {
            insertChange(revision.number(), changes.get(i), prior.get(i));
        }
        head = head.withRevision(revision.number(), content, chainHash, stateBytesAdded, deltaBytes);
        return new RevisionRecord(
                new RevisionSummary(
                        revision.number(),
                        at,
                        revision.actor(),
                        revision.note(),
                        revision.cause(),
                        changes.size(),
                        content.toString(),
                        chainHash),
                changes);
    }

    void audit(AuditEvent event) throws SQLException {
        long number = head.auditNumber() + 1;
        String hash = Chains.auditHash(head.auditHash(), number, event);
        PreparedStatement insert =
                connection.prepare("INSERT INTO audit (number, at_ms, actor, source, action, target, outcome, revision,"
                        + " note, detail, changes, previous_hash, hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
        insert.setLong(1, number);
        insert.setLong(2, event.timestamp().toEpochMilli());
        insert.setString(3, event.actor());
        setText(insert, 4, event.source());
        insert.setString(5, event.action());
        insert.setString(6, event.target());
        insert.setString(7, event.outcome().text());
        if (event.revision().isPresent()) {
            insert.setLong(8, event.revision().get());
        } else {
            insert.setNull(8, Types.INTEGER);
        }
        setText(insert, 9, event.note());
        setText(insert, 10, event.detail());
        setText(insert, 11, event.changes());
        insert.setString(12, head.auditHash());
        insert.setString(13, hash);
        insert.executeUpdate();
        head = head.withAudit(number, hash);
    }

    void confirm(ConfirmChange change) throws SQLException {
        switch (change) {
            case ConfirmChange.Keep keep -> {}
            case ConfirmChange.End end -> connection.execute("DELETE FROM pending_confirm");
            case ConfirmChange.Begin begin -> {
                PendingConfirm pending = begin.pending();
                PreparedStatement insert = connection.prepare("INSERT OR REPLACE INTO pending_confirm"
                        + " (only, revision, revert_to, deadline_ms, actor) VALUES (1,?,?,?,?)");
                insert.setLong(1, pending.revision());
                insert.setLong(2, pending.revertTo());
                insert.setLong(3, pending.deadline().toEpochMilli());
                insert.setString(4, pending.actor());
                insert.executeUpdate();
            }
        }
    }

    void keyUse(KeyUse use) throws SQLException {
        PreparedStatement insert = connection.prepare(
                "INSERT OR REPLACE INTO key_use (actor, key, fingerprint, revision, expires_ms) VALUES (?,?,?,?,?)");
        insert.setString(1, use.actor());
        insert.setString(2, use.key());
        insert.setString(3, use.fingerprint());
        insert.setLong(4, use.revision());
        insert.setLong(5, use.expires().toEpochMilli());
        insert.executeUpdate();
    }

    void keptAnswer(KeptAnswer answer) throws SQLException {
        PreparedStatement insert = connection.prepare(
                "INSERT OR REPLACE INTO kept_answer (owner, key, fingerprint, sealed, expires_ms) VALUES (?,?,?,?,?)");
        insert.setString(1, answer.owner());
        insert.setString(2, answer.key());
        insert.setString(3, answer.fingerprint());
        insert.setString(4, answer.sealed());
        insert.setLong(5, answer.expires().toEpochMilli());
        insert.executeUpdate();
    }

    /** Keeps a full image of a revision that is already stored. */
    void image(long revision, byte[] content) throws SQLException {
        PreparedStatement insert = connection.prepare("INSERT OR REPLACE INTO image (revision, content)"
                + " SELECT number, ? FROM revision WHERE number = ?");
        insert.setBytes(1, content);
        insert.setLong(2, revision);
        insert.executeUpdate();
        head = head.withImage(
                revision,
                connection.number("SELECT COALESCE(SUM(delta_bytes), 0) FROM revision WHERE number > " + revision));
    }

    /** Reserves numbers, so that one given out by a lost store is not given again. */
    void nextRevision(long floor) throws SQLException {
        head = head.withNextRevision(floor);
        setMeta("next_revision", head.nextRevision());
    }

    void setMeta(String name, long value) throws SQLException {
        PreparedStatement insert = connection.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?,?)");
        insert.setString(1, name);
        insert.setString(2, Long.toString(value));
        insert.executeUpdate();
    }

    static void setText(PreparedStatement statement, int index, Optional<String> text) throws SQLException {
        if (text.isPresent()) {
            statement.setString(index, text.get());
        } else {
            statement.setNull(index, Types.VARCHAR);
        }
    }

    private PriorResource readCurrent(ResourceKey key) throws SQLException {
        PreparedStatement select = connection.prepare("SELECT json, changed FROM current WHERE type = ? AND name = ?");
        select.setString(1, key.type());
        select.setString(2, key.name());
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? new PriorResource(rows.getString(1), rows.getLong(2)) : PriorResource.NONE;
        }
    }

    private void writeCurrent(ResourceKey key, String json, long changed) throws SQLException {
        PreparedStatement upsert = connection.prepare(
                "INSERT INTO current (type, name, json, changed) VALUES (?,?,?,?) ON CONFLICT (type, name)"
                        + " DO UPDATE SET json = excluded.json, changed = excluded.changed");
        upsert.setString(1, key.type());
        upsert.setString(2, key.name());
        upsert.setString(3, json);
        upsert.setLong(4, changed);
        upsert.executeUpdate();
    }

    private void removeCurrent(ResourceKey key) throws SQLException {
        PreparedStatement delete = connection.prepare("DELETE FROM current WHERE type = ? AND name = ?");
        delete.setString(1, key.type());
        delete.setString(2, key.name());
        delete.executeUpdate();
    }

    private void insertRevision(RevisionSummary revision, String previousHash, String chainHash, long deltaBytes)
            throws SQLException {
        PreparedStatement insert =
                connection.prepare("INSERT INTO revision (number, at_ms, actor, note, cause, change_count,"
                        + " delta_bytes, content_hash, previous_hash, chain_hash) VALUES (?,?,?,?,?,?,?,?,?,?)");
        insert.setLong(1, revision.number());
        insert.setLong(2, revision.timestamp().toEpochMilli());
        insert.setString(3, revision.actor());
        setText(insert, 4, revision.note());
        insert.setString(5, revision.cause());
        insert.setInt(6, revision.changeCount());
        insert.setLong(7, deltaBytes);
        insert.setString(8, revision.contentHash());
        insert.setString(9, previousHash);
        insert.setString(10, chainHash);
        insert.executeUpdate();
    }

    private void insertChange(long revision, ResourceChange change, PriorResource before) throws SQLException {
        PreparedStatement insert =
                connection.prepare("INSERT INTO change (revision, type, name, before_json, before_changed, after_json)"
                        + " VALUES (?,?,?,?,?,?)");
        insert.setLong(1, revision);
        insert.setString(2, change.key().type());
        insert.setString(3, change.key().name());
        setText(insert, 4, change.before());
        if (before.json() == null) {
            insert.setNull(5, Types.INTEGER);
        } else {
            insert.setLong(5, before.changed());
        }
        setText(insert, 6, change.after());
        insert.executeUpdate();
    }

    /** @param json null when there was nothing */
    private record PriorResource(@Nullable String json, long changed) {
        static final PriorResource NONE = new PriorResource(null, 0);
    }
}
