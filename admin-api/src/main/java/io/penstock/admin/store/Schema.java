package io.penstock.admin.store;

import java.sql.SQLException;
import java.util.List;

/**
 * The store's tables.
 *
 * <p>{@code current} is the newest revision, kept row by row, so that a commit and a load cost what they touch.
 * {@code change} holds each revision's delta with both sides, so that a state can be walked to from either direction.
 * {@code image} holds full states now and then, so that no walk is long.
 */
final class Schema {

    /** "Penstock" has no registered number; this marks the file as ours for {@code file(1)} and for the opening check. */
    static final int APPLICATION_ID = 0x50535443;

    static final int FORMAT = 1;

    private static final List<String> TABLES = List.of(
            "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
            """
            CREATE TABLE revision (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, note TEXT,
                cause TEXT NOT NULL, change_count INTEGER NOT NULL, delta_bytes INTEGER NOT NULL,
                content_hash TEXT NOT NULL, previous_hash TEXT NOT NULL, chain_hash TEXT NOT NULL)""",
            """
            CREATE TABLE change (revision INTEGER NOT NULL REFERENCES revision(number) ON DELETE CASCADE,
                type TEXT NOT NULL, name TEXT NOT NULL, before_json TEXT, before_changed INTEGER, after_json TEXT,
                PRIMARY KEY (revision, type, name))""",
            """
            CREATE TABLE current (type TEXT NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL, changed INTEGER NOT NULL,
                PRIMARY KEY (type, name))""",
            """
            CREATE TABLE image (revision INTEGER PRIMARY KEY REFERENCES revision(number) ON DELETE CASCADE,
                content BLOB NOT NULL)""",
            """
            CREATE TABLE audit (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, source TEXT,
                action TEXT NOT NULL, target TEXT NOT NULL, outcome TEXT NOT NULL, revision INTEGER, note TEXT,
                detail TEXT, changes TEXT, previous_hash TEXT NOT NULL, hash TEXT NOT NULL)""",
            "CREATE INDEX audit_by_actor ON audit (actor, number)",
            "CREATE INDEX audit_by_revision ON audit (revision) WHERE revision IS NOT NULL",
            """
            CREATE TABLE token (id TEXT PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, roles TEXT NOT NULL,
                tags TEXT NOT NULL, origin TEXT NOT NULL, note TEXT, created_ms INTEGER NOT NULL,
                created_by TEXT NOT NULL, expires_ms INTEGER, revoked_ms INTEGER, last_used_ms INTEGER)""",
            """
            CREATE TABLE pending_confirm (only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL,
                revert_to INTEGER NOT NULL, deadline_ms INTEGER NOT NULL, actor TEXT NOT NULL)""",
            """
            CREATE TABLE key_use (actor TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
                revision INTEGER NOT NULL, expires_ms INTEGER NOT NULL, PRIMARY KEY (actor, key)) WITHOUT ROWID""",
            "CREATE INDEX key_use_by_expiry ON key_use (expires_ms)");

    // The format stays: who knows nothing of these tables can still open the file, and leaves them as they are.
    private static final List<String> ADDED_TABLES = List.of("""
            CREATE TABLE IF NOT EXISTS target_drain (upstream TEXT NOT NULL, target TEXT NOT NULL,
                until_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL, actor TEXT NOT NULL, note TEXT,
                PRIMARY KEY (upstream, target)) WITHOUT ROWID""", """
            CREATE TABLE IF NOT EXISTS target_health (upstream TEXT NOT NULL, target TEXT NOT NULL,
                until_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL, actor TEXT NOT NULL, note TEXT,
                kind TEXT NOT NULL, PRIMARY KEY (upstream, target)) WITHOUT ROWID""", """
            CREATE TABLE IF NOT EXISTS kept_answer (owner TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
                sealed TEXT NOT NULL, expires_ms INTEGER NOT NULL, PRIMARY KEY (owner, key)) WITHOUT ROWID""", """
            CREATE TABLE IF NOT EXISTS role (name TEXT PRIMARY KEY, description TEXT NOT NULL, grants TEXT NOT NULL,
                created_ms INTEGER NOT NULL, created_by TEXT NOT NULL) WITHOUT ROWID""", """
            CREATE TABLE IF NOT EXISTS plugin_version (name TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL,
                manifest TEXT NOT NULL, hooks TEXT NOT NULL, warnings TEXT NOT NULL, created_ms INTEGER NOT NULL,
                created_by TEXT NOT NULL, note TEXT, content BLOB NOT NULL, PRIMARY KEY (name, version))""");

    private Schema() {}

    /** Makes the tables that a file of an earlier version lacks. */
    static void complete(StoreConnection connection) throws SQLException {
        for (String table : ADDED_TABLES) {
            connection.execute(table);
        }
    }

    /** Makes the tables in an empty file, all of them or none. */
    static void create(StoreConnection connection) throws SQLException {
        connection.execute("BEGIN IMMEDIATE");
        try {
            for (String table : TABLES) {
                connection.execute(table);
            }
            complete(connection);
            connection.execute("PRAGMA application_id=" + APPLICATION_ID);
            connection.execute("PRAGMA user_version=" + FORMAT);
            connection.execute("COMMIT");
        } catch (SQLException failed) {
            connection.rollbackQuietly();
            throw failed;
        }
    }
}
