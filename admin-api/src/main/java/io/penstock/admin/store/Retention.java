package io.penstock.admin.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/**
 * Drops what is too old or too much, some rows per transaction, so that no commit waits long behind it.
 *
 * <p>The newest revision is never dropped, nor the one that a trial may go back to. The state at any kept revision can
 * still be walked to: backward from the newest, which is whole.
 */
final class Retention {

    static final String AUDIT_PRUNED_TO = "audit_pruned_to";

    /** Rows dropped in one transaction. */
    static final int ROWS_MAX = 500;

    /** Revisions and lines above the bound that are let be, so that pruning is rare. */
    static final int SLACK = 64;

    private Retention() {}

    /** Drops a piece; says whether there is more to drop. */
    static boolean prune(WriteTransaction transaction, StoreOptions options, Instant now) throws SQLException {
        StoreConnection connection = transaction.connection();
        connection.execute("DELETE FROM key_use WHERE expires_ms <= " + now.toEpochMilli());
        connection.execute("DELETE FROM kept_answer WHERE expires_ms <= " + now.toEpochMilli());
        boolean revisions = pruneRevisions(connection, options, now);
        boolean audit = pruneAudit(transaction, options);
        return revisions || audit;
    }

    private static boolean pruneRevisions(StoreConnection connection, StoreOptions options, Instant now)
            throws SQLException {
        long head = connection.number("SELECT COALESCE(MAX(number), 0) FROM revision");
        // Numbers may have gaps after a recovery: the bound is on rows, so ask for the row it falls on.
        long byCount = 0;
        PreparedStatement nth = connection.prepare("SELECT number FROM revision ORDER BY number DESC LIMIT 1 OFFSET ?");
        nth.setInt(1, options.revisionsMax() - 1);
        try (ResultSet rows = nth.executeQuery()) {
            if (rows.next()) {
                byCount = rows.getLong(1);
            }
        }
        long oldestAllowedMs = now.minus(options.revisionAgeMax()).toEpochMilli();
        long byAge =
                connection.number("SELECT COALESCE(MAX(number), 0) + 1 FROM revision WHERE at_ms < " + oldestAllowedMs);
        long keepFrom = Math.min(head, Math.max(byCount, byAge));
        long trial = connection.number("SELECT COALESCE(MIN(revert_to), " + head + ") FROM pending_confirm");
        PreparedStatement delete = connection.prepare(
                "DELETE FROM revision WHERE number IN (SELECT number FROM revision WHERE number < ? ORDER BY number LIMIT "
                        + ROWS_MAX + ")");
        delete.setLong(1, Math.min(keepFrom, trial));
        return delete.executeUpdate() == ROWS_MAX;
    }

    private static boolean pruneAudit(WriteTransaction transaction, StoreOptions options) throws SQLException {
        long excess = transaction.head().auditNumber() - options.auditLinesMax();
        StoreConnection connection = transaction.connection();
        long prunedTo = RevisionTable.meta(connection, AUDIT_PRUNED_TO).orElse(0L);
        if (excess <= prunedTo + SLACK) {
            return false;
        }
        long to = Math.min(excess, prunedTo + ROWS_MAX);
        connection.execute("DELETE FROM audit WHERE number <= " + to);
        transaction.setMeta(AUDIT_PRUNED_TO, to);
        return to < excess;
    }
}
