package io.penstock.admin.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.sqlite.SQLiteConfig;

/**
 * One connection to the store's file with its prepared statements. One thread at a time.
 *
 * <p>Transactions are begun and ended by statements, not by the driver's auto-commit, so that what is one transaction
 * stands in the code.
 */
final class StoreConnection implements AutoCloseable {

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    private StoreConnection(Connection connection) {
        this.connection = connection;
    }

    /** Opens for reading and writing: write-ahead log, every commit flushed to the disk before it returns. */
    static StoreConnection openForWriting(Path file, StoreOptions options) throws SQLException {
        SQLiteConfig config = config(options);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        // The log shrinks back after a large write instead of keeping its longest length.
        config.setJournalSizeLimit(64 << 20);
        StoreConnection opened = new StoreConnection(config.createConnection("jdbc:sqlite:" + file));
        try {
            if (options.pagesMax().isPresent()) {
                opened.execute("PRAGMA max_page_count=" + options.pagesMax().getAsLong());
            }
            return opened;
        } catch (SQLException failed) {
            opened.close();
            throw failed;
        }
    }

    /** Opens for reading; a transaction on it sees one state however long it lasts. */
    static StoreConnection openForReading(Path file, StoreOptions options) throws SQLException {
        SQLiteConfig config = config(options);
        config.setReadOnly(true);
        return new StoreConnection(config.createConnection("jdbc:sqlite:" + file));
    }

    private static SQLiteConfig config(StoreOptions options) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout((int) options.busyTimeout().toMillis());
        return config;
    }

    /** A statement kept for the life of the connection; callers close its results, not the statement. */
    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new SQLException("no row for " + sql);
            }
            return String.valueOf(rows.getString(1));
        }
    }

    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new SQLException("no row for " + sql);
            }
            return rows.getLong(1);
        }
    }

    void rollbackQuietly() {
        try {
            execute("ROLLBACK");
        } catch (SQLException alreadyEnded) {
            // A failed statement may have rolled back by itself; what failed first is what gets reported.
        }
    }

    @Override
    public void close() {
        for (PreparedStatement statement : prepared.values()) {
            try {
                statement.close();
            } catch (SQLException ignored) {
                // Closing the connection below frees it.
            }
        }
        prepared.clear();
        try {
            connection.close();
        } catch (SQLException ignored) {
            // Every commit was flushed when it was made; there is nothing left to lose.
        }
    }
}
