package io.penstock.admin.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Roles in the store's file. Any thread. */
final class RoleTable implements RoleRecords {

    private final StoreWriter writer;
    private final StoreReader reader;

    RoleTable(StoreWriter writer, StoreReader reader) {
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public List<RoleRecord> all() {
        return reader.read("read the roles", connection -> {
            List<RoleRecord> roles = new ArrayList<>();
            PreparedStatement select = connection.prepare(
                    "SELECT name, description, grants, created_ms, created_by FROM role ORDER BY name");
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    roles.add(new RoleRecord(
                            rows.getString(1),
                            rows.getString(2),
                            rows.getString(3),
                            Instant.ofEpochMilli(rows.getLong(4)),
                            rows.getString(5)));
                }
            }
            return roles;
        });
    }

    @Override
    public void put(RoleRecord role, AuditEvent event, Optional<KeptAnswer> answer) {
        Waits.join(writer.submit("store a role", transaction -> {
            PreparedStatement insert = transaction
                    .connection()
                    .prepare("INSERT OR REPLACE INTO role (name, description, grants, created_ms, created_by)"
                            + " VALUES (?,?,?,?,?)");
            insert.setString(1, role.name());
            insert.setString(2, role.description());
            insert.setString(3, role.grants());
            insert.setLong(4, role.created().toEpochMilli());
            insert.setString(5, role.createdBy());
            insert.executeUpdate();
            transaction.audit(event);
            if (answer.isPresent()) {
                transaction.keptAnswer(answer.get());
            }
            return true;
        }));
    }

    @Override
    public void remove(String name, AuditEvent event) {
        Waits.join(writer.submit("remove a role", transaction -> {
            PreparedStatement delete = transaction.connection().prepare("DELETE FROM role WHERE name = ?");
            delete.setString(1, name);
            delete.executeUpdate();
            transaction.audit(event);
            return true;
        }));
    }
}
