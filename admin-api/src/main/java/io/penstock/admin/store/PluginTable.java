package io.penstock.admin.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Versions of plugins in the store's file, with a copy beside it. Any thread. */
final class PluginTable implements PluginRecords {

    private static final String COLUMNS =
            "name, version, sha256, length(content), manifest, hooks, warnings, created_ms, created_by, note";

    // Neither names of hooks nor warnings contain it.
    private static final String SEPARATOR = "\n";

    private final StoreWriter writer;
    private final StoreReader reader;
    private final Path folder;
    private final Path file;

    PluginTable(StoreWriter writer, StoreReader reader, Path folder, Path file) {
        this.writer = writer;
        this.reader = reader;
        this.folder = folder;
        this.file = file;
    }

    @Override
    public List<PluginRecord> all() {
        return reader.read("read the plugins", PluginTable::all);
    }

    @Override
    public Optional<byte[]> content(String name, String version) {
        return reader.read("read plugin " + name + "@" + version, connection -> {
            PreparedStatement select =
                    connection.prepare("SELECT content, sha256 FROM plugin_version WHERE name = ? AND version = ?");
            select.setString(1, name);
            select.setString(2, version);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                byte[] content = rows.getBytes(1);
                if (!sha256(content).equals(rows.getString(2))) {
                    throw new StoreRefused(new StoreProblem(
                            StoreProblem.Kind.CORRUPT,
                            "plugin " + name + "@" + version
                                    + " cannot be read: what is stored does not match its hash",
                            file.toString(),
                            "Store it again under another version, or restore a backup."));
                }
                return Optional.of(content);
            }
        });
    }

    @Override
    public Optional<PluginRecord> put(PluginRecord plugin, byte[] content, AuditEvent event) {
        if (!sha256(content).equals(plugin.sha256()) || content.length != plugin.bytes()) {
            throw new IllegalArgumentException("plugin " + plugin.id() + " is described with other content");
        }
        return Waits.join(writer.submit("store a plugin", transaction -> {
            StoreConnection connection = transaction.connection();
            Optional<PluginRecord> present = find(connection, plugin.name(), plugin.version());
            if (present.isPresent()) {
                return present;
            }
            insert(connection, plugin, content);
            transaction.audit(event);
            // Before the commit: if the copy fails, nothing happened; if the commit fails, the copy holds a version
            // more.
            copy(() -> {
                PluginCopy.addContent(folder, plugin.sha256(), content);
                PluginCopy.writeIndex(folder, all(connection));
                PluginCopy.sweep(folder, all(connection));
            });
            return Optional.<PluginRecord>empty();
        }));
    }

    @Override
    public Optional<Long> remove(String name, String version, AuditEvent event) {
        String id = name + "@" + version;
        // The long look through the history happens beside the writer, who then looks at what came meanwhile.
        long seen = writer.head().revision();
        Optional<Long> named = reader.read("look for uses of " + id, connection -> newestNaming(connection, id, 0));
        if (named.isPresent()) {
            return named;
        }
        return Waits.join(writer.submit("remove a plugin", transaction -> {
            StoreConnection connection = transaction.connection();
            Optional<Long> since = newestNaming(connection, id, seen);
            if (since.isPresent()) {
                return since;
            }
            PreparedStatement delete = connection.prepare("DELETE FROM plugin_version WHERE name = ? AND version = ?");
            delete.setString(1, name);
            delete.setString(2, version);
            delete.executeUpdate();
            transaction.audit(event);
            // The package itself stays until the next one is added: should this commit fail, it is still wanted.
            copy(() -> PluginCopy.writeIndex(folder, all(connection)));
            return Optional.<Long>empty();
        }));
    }

    /** Makes the copy beside the store whole again, if somebody took it away. Does not wait. */
    void renewCopy() {
        writer.submit("renew the copy of the plugins", transaction -> {
                    List<PluginRecord> all = all(transaction.connection());
                    if (!all.isEmpty() || PluginCopy.exists(folder)) {
                        copy(() -> {
                            for (PluginRecord plugin : all) {
                                if (!PluginCopy.hasContent(folder, plugin.sha256())) {
                                    PluginCopy.addContent(
                                            folder, plugin.sha256(), contentOf(transaction.connection(), plugin));
                                }
                            }
                            PluginCopy.writeIndex(folder, all);
                            PluginCopy.sweep(folder, all);
                        });
                    }
                    return true;
                })
                .exceptionally(refused -> false);
    }

    /** @throws StoreRefused if one of these resources names a version that is not stored */
    static void requireNamed(StoreConnection connection, List<ResourceWrite> writes, Path file) throws SQLException {
        for (ResourceWrite write : writes) {
            Set<String> named = write.after().map(PluginUses::in).orElse(Set.of());
            for (String id : named) {
                int at = id.indexOf('@');
                if (find(connection, id.substring(0, at), id.substring(at + 1)).isEmpty()) {
                    throw new StoreRefused(new StoreProblem(
                            StoreProblem.Kind.BUSY,
                            "plugin " + id + ", which " + write.key().path() + " names, was removed meanwhile",
                            file.toString(),
                            "Store it again, or name another version."));
                }
            }
        }
    }

    /** Takes over what the copy beside a lost store holds and this one does not. */
    static void importCopy(StoreConnection connection, Path folder) throws SQLException {
        for (PluginRecord plugin : PluginCopy.readIndex(folder)) {
            if (find(connection, plugin.name(), plugin.version()).isEmpty()) {
                Optional<byte[]> content = PluginCopy.readContent(folder, plugin.sha256());
                if (content.isPresent()) {
                    insert(connection, plugin, content.get());
                }
            }
        }
    }

    /** What is in a copy's file, told by what threw. */
    @FunctionalInterface
    private interface Copying {
        void run() throws IOException, SQLException;
    }

    private void copy(Copying copying) throws SQLException {
        try {
            copying.run();
        } catch (IOException failed) {
            throw new StoreRefused(
                    new StoreProblem(
                            StoreProblem.Kind.IO_ERROR,
                            "could not renew the copy of the plugins: " + failed,
                            PluginCopy.path(folder).toString(),
                            "Nothing was changed; free space or make the folder writable, then repeat the call."),
                    failed);
        }
    }

    /** The newest revision after {@code after} that names a version, or that is current and does. */
    private static Optional<Long> newestNaming(StoreConnection connection, String id, long after) throws SQLException {
        String mark = "\"" + id.substring(0, id.indexOf('@') + 1);
        PreparedStatement current = connection.prepare(
                "SELECT json, (SELECT MAX(number) FROM revision) FROM current WHERE instr(json, ?) > 0");
        current.setString(1, mark);
        try (ResultSet rows = current.executeQuery()) {
            while (rows.next()) {
                if (PluginUses.in(rows.getString(1)).contains(id)) {
                    return Optional.of(rows.getLong(2));
                }
            }
        }
        PreparedStatement kept = connection.prepare("SELECT revision, before_json, after_json FROM change"
                + " WHERE revision > ? AND (instr(before_json, ?) > 0 OR instr(after_json, ?) > 0)"
                + " ORDER BY revision DESC");
        kept.setLong(1, after);
        kept.setString(2, mark);
        kept.setString(3, mark);
        try (ResultSet rows = kept.executeQuery()) {
            while (rows.next()) {
                String before = Optional.ofNullable(rows.getString(2)).orElse("");
                String left = Optional.ofNullable(rows.getString(3)).orElse("");
                if (PluginUses.in(left).contains(id)) {
                    return Optional.of(rows.getLong(1));
                }
                if (PluginUses.in(before).contains(id)) {
                    return Optional.of(rows.getLong(1) - 1);
                }
            }
        }
        return Optional.empty();
    }

    private static List<PluginRecord> all(StoreConnection connection) throws SQLException {
        List<PluginRecord> plugins = new ArrayList<>();
        PreparedStatement select =
                connection.prepare("SELECT " + COLUMNS + " FROM plugin_version ORDER BY name, created_ms, version");
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                plugins.add(record(rows));
            }
        }
        return plugins;
    }

    private static Optional<PluginRecord> find(StoreConnection connection, String name, String version)
            throws SQLException {
        PreparedStatement select =
                connection.prepare("SELECT " + COLUMNS + " FROM plugin_version WHERE name = ? AND version = ?");
        select.setString(1, name);
        select.setString(2, version);
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? Optional.of(record(rows)) : Optional.empty();
        }
    }

    private static byte[] contentOf(StoreConnection connection, PluginRecord plugin) throws SQLException {
        PreparedStatement select =
                connection.prepare("SELECT content FROM plugin_version WHERE name = ? AND version = ?");
        select.setString(1, plugin.name());
        select.setString(2, plugin.version());
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getBytes(1) : new byte[0];
        }
    }

    private static void insert(StoreConnection connection, PluginRecord plugin, byte[] content) throws SQLException {
        PreparedStatement insert =
                connection.prepare("INSERT INTO plugin_version (name, version, sha256, manifest, hooks, warnings,"
                        + " created_ms, created_by, note, content) VALUES (?,?,?,?,?,?,?,?,?,?)");
        insert.setString(1, plugin.name());
        insert.setString(2, plugin.version());
        insert.setString(3, plugin.sha256());
        insert.setString(4, plugin.manifest());
        insert.setString(5, String.join(SEPARATOR, plugin.hooks()));
        insert.setString(6, String.join(SEPARATOR, plugin.warnings()));
        insert.setLong(7, plugin.created().toEpochMilli());
        insert.setString(8, plugin.createdBy());
        WriteTransaction.setText(insert, 9, plugin.note());
        insert.setBytes(10, content);
        insert.executeUpdate();
        // A prepared statement keeps what it was given, and a package can be large.
        insert.clearParameters();
    }

    private static PluginRecord record(ResultSet rows) throws SQLException {
        return new PluginRecord(
                rows.getString(1),
                rows.getString(2),
                rows.getString(3),
                rows.getLong(4),
                rows.getString(5),
                split(rows.getString(6)),
                split(rows.getString(7)),
                Instant.ofEpochMilli(rows.getLong(8)),
                rows.getString(9),
                Optional.ofNullable(rows.getString(10)));
    }

    private static List<String> split(String joined) {
        return joined.isEmpty() ? List.of() : List.of(joined.split(SEPARATOR, -1));
    }

    static String sha256(byte[] content) {
        return HexFormat.of().formatHex(FramedDigest.sha256().digest(content));
    }
}
