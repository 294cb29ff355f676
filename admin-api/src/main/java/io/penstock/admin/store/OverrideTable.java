package io.penstock.admin.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Overrides in the store's file. Any thread. */
final class OverrideTable implements OverrideRecords {

    private final StoreWriter writer;
    private final StoreReader reader;

    OverrideTable(StoreWriter writer, StoreReader reader) {
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public List<OverrideRecord> all() {
        return reader.read("read the overrides", connection -> {
            List<OverrideRecord> overrides = new ArrayList<>();
            PreparedStatement select = connection.prepare("SELECT 'drain', upstream, target, until_ms, since_ms, actor,"
                    + " note FROM target_drain UNION ALL SELECT kind, upstream, target, until_ms, since_ms, actor, note"
                    + " FROM target_health ORDER BY 2, 3, 1");
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    overrides.add(new OverrideRecord(
                            OverrideKind.parse(rows.getString(1)),
                            rows.getString(2),
                            rows.getString(3),
                            Instant.ofEpochMilli(rows.getLong(4)),
                            Instant.ofEpochMilli(rows.getLong(5)),
                            rows.getString(6),
                            Optional.ofNullable(rows.getString(7))));
                }
            }
            return overrides;
        });
    }

    @Override
    public void put(OverrideRecord override, AuditEvent event) {
        Waits.join(writer.submit("store an override", transaction -> {
            StoreConnection connection = transaction.connection();
            for (String table : List.of("target_drain", "target_health")) {
                connection.execute("DELETE FROM " + table + " WHERE until_ms <= "
                        + event.timestamp().toEpochMilli());
            }
            PreparedStatement insert = connection.prepare(
                    override.isDrain()
                            ? "INSERT OR REPLACE INTO target_drain (upstream, target, until_ms, since_ms, actor, note)"
                                    + " VALUES (?,?,?,?,?,?)"
                            : "INSERT OR REPLACE INTO target_health (upstream, target, until_ms, since_ms, actor, note,"
                                    + " kind) VALUES (?,?,?,?,?,?,?)");
            insert.setString(1, override.upstream());
            insert.setString(2, override.target());
            insert.setLong(3, override.until().toEpochMilli());
            insert.setLong(4, override.since().toEpochMilli());
            insert.setString(5, override.actor());
            WriteTransaction.setText(insert, 6, override.note());
            if (!override.isDrain()) {
                insert.setString(7, override.kind().text());
            }
            insert.executeUpdate();
            transaction.audit(event);
            return true;
        }));
    }

    @Override
    public void remove(OverrideRecord override, AuditEvent event) {
        Waits.join(writer.submit("end an override", transaction -> {
            delete(transaction.connection(), override);
            transaction.audit(event);
            return true;
        }));
    }

    private static void delete(StoreConnection connection, OverrideRecord override) throws SQLException {
        PreparedStatement delete = connection.prepare("DELETE FROM "
                + (override.isDrain() ? "target_drain" : "target_health") + " WHERE upstream = ? AND target = ?");
        delete.setString(1, override.upstream());
        delete.setString(2, override.target());
        delete.executeUpdate();
    }
}
