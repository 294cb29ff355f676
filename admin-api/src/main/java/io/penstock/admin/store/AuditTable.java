package io.penstock.admin.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The audit log in the store's file. Any thread. */
final class AuditTable implements AuditLog {

    private static final String COLUMNS =
            "number, at_ms, actor, source, action, target, outcome, revision, note, detail,"
                    + " changes, hash, previous_hash";
    static final int LIMIT_MAX = 1000;

    private final StoreWriter writer;
    private final StoreReader reader;

    AuditTable(StoreWriter writer, StoreReader reader) {
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public CompletionStage<Void> append(AuditEvent event) {
        return writer.<Boolean>submit("write an audit line", transaction -> {
                    transaction.audit(event);
                    return true;
                })
                .thenAccept(written -> {});
    }

    @Override
    public Page<AuditRecord> list(AuditQuery query) {
        int limit = Math.clamp(query.limit(), 1, LIMIT_MAX);
        List<AuditRecord> found = reader.read("list the audit log", connection -> select(connection, query, limit + 1));
        boolean more = found.size() > limit;
        List<AuditRecord> items = more ? found.subList(0, limit) : found;
        return new Page<>(
                items, more ? Optional.of(Long.toString(items.getLast().number())) : Optional.empty());
    }

    @Override
    public ChainVerdict verify() {
        return reader.read("verify the audit log", AuditTable::verify);
    }

    private static List<AuditRecord> select(StoreConnection connection, AuditQuery query, int limit)
            throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT ").append(COLUMNS).append(" FROM audit WHERE number < ?");
        List<Object> values = new ArrayList<>();
        values.add(Cursors.below(query.cursor()));
        query.actor().ifPresent(actor -> {
            sql.append(" AND actor = ?");
            values.add(actor);
        });
        query.action().ifPresent(action -> {
            sql.append(" AND (action = ? OR substr(action, 1, ?) = ?)");
            values.add(action);
            values.add((long) action.length() + 1);
            values.add(action + ".");
        });
        query.target().ifPresent(target -> {
            sql.append(" AND substr(target, 1, ?) = ?");
            values.add((long) target.length());
            values.add(target);
        });
        query.revision().ifPresent(revision -> {
            sql.append(" AND revision = ?");
            values.add(revision);
        });
        query.since().ifPresent(since -> {
            sql.append(" AND at_ms >= ?");
            values.add(since.toEpochMilli());
        });
        query.until().ifPresent(until -> {
            sql.append(" AND at_ms < ?");
            values.add(until.toEpochMilli());
        });
        sql.append(" ORDER BY number DESC LIMIT ?");
        values.add((long) limit);
        PreparedStatement select = connection.prepare(sql.toString());
        for (int i = 0; i < values.size(); i++) {
            select.setObject(i + 1, values.get(i));
        }
        List<AuditRecord> found = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(record(rows));
            }
        }
        return found;
    }

    private static ChainVerdict verify(StoreConnection connection) throws SQLException {
        long prunedTo =
                RevisionTable.meta(connection, Retention.AUDIT_PRUNED_TO).orElse(0L);
        PreparedStatement select = connection.prepare("SELECT " + COLUMNS + " FROM audit ORDER BY number");
        long checked = 0;
        String previous = "";
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                AuditRecord line = record(rows);
                String claimed = rows.getString(13);
                long expected = prunedTo + checked + 1;
                if (line.number() != expected) {
                    return ChainVerdict.broken(checked, expected, "the line is missing");
                }
                if ((checked > 0 || prunedTo == 0) && !claimed.equals(previous)) {
                    return ChainVerdict.broken(checked, line.number(), "it does not follow the line before it");
                }
                if (!Chains.auditHash(claimed, line.number(), line.event()).equals(line.hash())) {
                    return ChainVerdict.broken(checked, line.number(), "the line was altered");
                }
                previous = line.hash();
                checked++;
            }
        }
        return ChainVerdict.sound(checked);
    }

    private static AuditRecord record(ResultSet rows) throws SQLException {
        long revision = rows.getLong(8);
        Optional<Long> ofRevision = rows.wasNull() ? Optional.empty() : Optional.of(revision);
        return new AuditRecord(
                rows.getLong(1),
                new AuditEvent(
                        Instant.ofEpochMilli(rows.getLong(2)),
                        rows.getString(3),
                        Optional.ofNullable(rows.getString(4)),
                        rows.getString(5),
                        rows.getString(6),
                        AuditEvent.Outcome.of(rows.getString(7)),
                        ofRevision,
                        Optional.ofNullable(rows.getString(9)),
                        Optional.ofNullable(rows.getString(10)),
                        Optional.ofNullable(rows.getString(11))),
                rows.getString(12));
    }
}
