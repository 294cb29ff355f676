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
            PreparedStatement select =
                    connection.prepare("SELECT upstream, target, until_ms, since_ms, actor, note FROM target_drain"
                            + " ORDER BY upstream, target");
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    overrides.add(new OverrideRecord(
                            rows.getString(1),
                            rows.getString(2),
                            Instant.ofEpochMilli(rows.getLong(3)),
                            Instant.ofEpochMilli(rows.getLong(4)),
                            rows.getString(5),
                            Optional.ofNullable(rows.getString(6))));
                }
            }
            return overrides;
        });
    }

    @Override
    public void put(OverrideRecord override, AuditEvent event) {
        Waits.join(writer.submit("store a drain", transaction -> {
            StoreConnection connection = transaction.connection();
            connection.execute("DELETE FROM target_drain WHERE until_ms <= "
                    + event.timestamp().toEpochMilli());
            PreparedStatement insert =
                    connection.prepare("INSERT OR REPLACE INTO target_drain (upstream, target, until_ms, since_ms,"
                            + " actor, note) VALUES (?,?,?,?,?,?)");
            insert.setString(1, override.upstream());
            insert.setString(2, override.target());
            insert.setLong(3, override.until().toEpochMilli());
            insert.setLong(4, override.since().toEpochMilli());
            insert.setString(5, override.actor());
            WriteTransaction.setText(insert, 6, override.note());
            insert.executeUpdate();
            transaction.audit(event);
            return true;
        }));
    }

    @Override
    public void remove(OverrideRecord override, AuditEvent event) {
        Waits.join(writer.submit("end a drain", transaction -> {
            delete(transaction.connection(), override);
            transaction.audit(event);
            return true;
        }));
    }

    private static void delete(StoreConnection connection, OverrideRecord override) throws SQLException {
        PreparedStatement delete = connection.prepare("DELETE FROM target_drain WHERE upstream = ? AND target = ?");
        delete.setString(1, override.upstream());
        delete.setString(2, override.target());
        delete.executeUpdate();
    }
}
