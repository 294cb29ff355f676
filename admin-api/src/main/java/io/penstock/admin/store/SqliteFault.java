package io.penstock.admin.store;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What an error of SQLite means for the operator. */
final class SqliteFault {

    private SqliteFault() {}

    static StoreRefused refused(SQLException error, String doing, Path file) {
        return new StoreRefused(problem(error, doing, file), error);
    }

    static StoreProblem problem(SQLException error, String doing, Path file) {
        StoreProblem.Kind kind = kind(error);
        String where = file.toString();
        return switch (kind) {
            case DISK_FULL ->
                new StoreProblem(
                        kind,
                        "could not " + doing + ": the disk or the store's quota is full",
                        where,
                        "Traffic is not touched and nothing was changed; free space, then repeat the call.");
            case READ_ONLY ->
                new StoreProblem(
                        kind,
                        "could not " + doing + ": the file or its file system is read-only",
                        where,
                        "Traffic is not touched and nothing was changed; make it writable, then repeat the call.");
            case IO_ERROR ->
                new StoreProblem(
                        kind,
                        "could not " + doing + ": the disk answered with an error (" + code(error) + ")",
                        where,
                        "Traffic is not touched and nothing was changed; look at the kernel's log and the disk, then repeat"
                                + " the call.");
            case CORRUPT ->
                new StoreProblem(
                        kind,
                        "could not " + doing + ": the file is damaged (" + code(error) + ")",
                        where,
                        "Traffic is not touched; at the next start the file is moved aside and the last good snapshot"
                                + " serves.");
            case BUSY ->
                new StoreProblem(
                        kind,
                        "could not " + doing + ": another program holds the file",
                        where,
                        "Let the backup or the sqlite3 shell finish, then repeat the call.");
            case CLOSED, OTHER ->
                new StoreProblem(
                        kind,
                        "could not " + doing + ": " + code(error) + ", " + error.getMessage(),
                        where,
                        "Traffic is not touched and nothing was changed.");
        };
    }

    static StoreProblem.Kind kind(SQLException error) {
        if (!(error instanceof SQLiteException sqlite)) {
            return StoreProblem.Kind.OTHER;
        }
        SQLiteErrorCode code = sqlite.getResultCode();
        // The low byte is the primary code, the rest says more (SQLite, "Result and Error Codes").
        return switch (code.code & 0xff) {
            case 13 -> StoreProblem.Kind.DISK_FULL;
            case 8 -> StoreProblem.Kind.READ_ONLY;
            case 10, 14 -> StoreProblem.Kind.IO_ERROR;
            case 11, 26 -> StoreProblem.Kind.CORRUPT;
            case 5, 6 -> StoreProblem.Kind.BUSY;
            default -> StoreProblem.Kind.OTHER;
        };
    }

    private static String code(SQLException error) {
        return error instanceof SQLiteException sqlite ? sqlite.getResultCode().name() : "no code";
    }
}
