package io.penstock.admin.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Tokens in the store's file, with a copy beside it. Any thread. */
final class TokenTable implements TokenRecords {

    private static final String COLUMNS =
            "id, name, digest, roles, tags, origin, note, created_ms, created_by, expires_ms,"
                    + " revoked_ms, last_used_ms";

    // Neither role names nor tags contain it.
    private static final String SEPARATOR = "\n";

    private final StoreWriter writer;
    private final StoreReader reader;
    private final Path folder;

    TokenTable(StoreWriter writer, StoreReader reader, Path folder) {
        this.writer = writer;
        this.reader = reader;
        this.folder = folder;
    }

    @Override
    public List<TokenRecord> all() {
        return reader.read("read the tokens", TokenTable::all);
    }

    @Override
    public void put(TokenRecord token, AuditEvent event, Optional<KeptAnswer> answer) {
        Waits.join(writer.submit("store a token", transaction -> {
            insert(transaction.connection(), token);
            transaction.audit(event);
            if (answer.isPresent()) {
                transaction.keptAnswer(answer.get());
            }
            // Before the commit: if the copy fails, nothing happened; if the commit fails, the copy is ahead by a token
            // that nobody was given, or by a revocation.
            copy(transaction.connection());
            return true;
        }));
    }

    @Override
    public CompletionStage<Void> used(Map<String, Instant> lastUsedById) {
        Map<String, Instant> uses = Map.copyOf(lastUsedById);
        return writer.<Boolean>submit("store when tokens were used", transaction -> {
                    PreparedStatement update =
                            transaction.connection().prepare("UPDATE token SET last_used_ms = ? WHERE id = ?");
                    for (Map.Entry<String, Instant> use : uses.entrySet()) {
                        update.setLong(1, use.getValue().toEpochMilli());
                        update.setString(2, use.getKey());
                        update.executeUpdate();
                    }
                    return true;
                })
                .thenAccept(written -> {});
    }

    private void copy(StoreConnection connection) throws SQLException {
        try {
            TokenCopy.write(folder, all(connection));
        } catch (IOException failed) {
            throw new StoreRefused(
                    new StoreProblem(
                            StoreProblem.Kind.IO_ERROR,
                            "could not renew the copy of the tokens: " + failed,
                            TokenCopy.path(folder).toString(),
                            "Nothing was changed; free space or make the folder writable, then repeat the call."),
                    failed);
        }
    }

    static List<TokenRecord> all(StoreConnection connection) throws SQLException {
        List<TokenRecord> tokens = new ArrayList<>();
        PreparedStatement select = connection.prepare("SELECT " + COLUMNS + " FROM token ORDER BY created_ms, id");
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                tokens.add(new TokenRecord(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        split(rows.getString(4)),
                        split(rows.getString(5)),
                        rows.getString(6),
                        Optional.ofNullable(rows.getString(7)),
                        Instant.ofEpochMilli(rows.getLong(8)),
                        rows.getString(9),
                        time(rows, 10),
                        time(rows, 11),
                        time(rows, 12)));
            }
        }
        return tokens;
    }

    static void insert(StoreConnection connection, TokenRecord token) throws SQLException {
        PreparedStatement insert =
                connection.prepare("INSERT OR REPLACE INTO token (" + COLUMNS + ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
        insert.setString(1, token.id());
        insert.setString(2, token.name());
        insert.setString(3, token.digest());
        insert.setString(4, String.join(SEPARATOR, token.roles()));
        insert.setString(5, String.join(SEPARATOR, token.tags()));
        insert.setString(6, token.origin());
        WriteTransaction.setText(insert, 7, token.note());
        insert.setLong(8, token.created().toEpochMilli());
        insert.setString(9, token.createdBy());
        setTime(insert, 10, token.expires());
        setTime(insert, 11, token.revoked());
        setTime(insert, 12, token.lastUsed());
        insert.executeUpdate();
    }

    private static List<String> split(String joined) {
        return joined.isEmpty() ? List.of() : List.of(joined.split(SEPARATOR, -1));
    }

    private static Optional<Instant> time(ResultSet rows, int column) throws SQLException {
        long ms = rows.getLong(column);
        return rows.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
    }

    private static void setTime(PreparedStatement statement, int index, Optional<Instant> time) throws SQLException {
        if (time.isPresent()) {
            statement.setLong(index, time.get().toEpochMilli());
        } else {
            statement.setNull(index, Types.INTEGER);
        }
    }
}
