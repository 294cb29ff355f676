package io.penstock.admin.backup;

import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.DataFolder;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything that a running gateway has to remember, as of one moment, in one sealed file: the store with its history, tokens and
 * audit log, the keys, the counts of quotas, what plugins keep in their store. Not the logs.
 *
 * <p>Opening it copies the store, so that what can fail has failed before the first byte is sent. One thread.
 */
public final class Backup implements AutoCloseable {
    /** A passphrase is as good as it is long; below this it is not worth its name. */
    public static final int PASSPHRASE_CHARS_MIN = 12;

    private static final long SMALL_FILE_BYTES_MAX = 64L << 20;

    private final Path draft;
    private final Path pluginDraft;
    private final boolean hasPluginStore;
    private final Map<String, byte[]> small = new LinkedHashMap<>();
    private final BackupHeader header;

    /** What plugins keep. */
    @FunctionalInterface
    public interface PluginStore {
        /**
         * Writes it into a file that is there, as of one moment.
         *
         * @return whether there is anything
         * @throws IOException if it cannot be copied
         */
        boolean copyTo(Path file) throws IOException;
    }

    private Backup(Path draft, Path pluginDraft, boolean hasPluginStore, BackupHeader header) {
        this.draft = draft;
        this.pluginDraft = pluginDraft;
        this.hasPluginStore = hasPluginStore;
        this.header = header;
    }

    /**
     * Copies what is there now. One at a time for a folder.
     *
     * @param plugins what they keep
     * @param version of this program
     * @throws io.penstock.admin.store.StoreRefused if the store cannot be copied: no room above all
     * @throws UncheckedIOException if another file cannot be read, or what plugins keep not be copied
     */
    public static Backup of(
            ConfigStore store, PluginStore plugins, Path folder, String version, Instant now, SecureRandom random) {
        return of(store, plugins, folder, version, now, BackupHeader.ROUNDS, random);
    }

    /** The same, sealed with less effort. */
    static Backup of(
            ConfigStore store,
            PluginStore plugins,
            Path folder,
            String version,
            Instant now,
            int rounds,
            SecureRandom random) {
        Path draft = folder.resolve(StateFiles.DRAFT);
        Path pluginDraft = folder.resolve(StateFiles.PLUGIN_DRAFT);
        boolean isOpen = false;
        try {
            Files.deleteIfExists(draft);
            DataFolder.makeOwnerFile(draft);
            Files.deleteIfExists(pluginDraft);
            DataFolder.makeOwnerFile(pluginDraft);
            // Before the copy: a revision that comes between is in the copy and not told in the header.
            long revision = store.revision();
            store.copyTo(draft);
            boolean hasPluginStore = plugins.copyTo(pluginDraft);
            BackupHeader header = BackupHeader.fresh(version, now, revision, rounds, random);
            Backup backup = new Backup(draft, pluginDraft, hasPluginStore, header);
            for (String name : StateFiles.COPIED) {
                backup.take(folder.resolve(name));
            }
            isOpen = true;
            return backup;
        } catch (IOException failed) {
            throw new UncheckedIOException("could not copy what is in " + folder, failed);
        } finally {
            if (!isOpen) {
                deleteQuietly(draft);
                deleteQuietly(pluginDraft);
            }
        }
    }

    private void take(Path file) throws IOException {
        try {
            if (Files.size(file) > SMALL_FILE_BYTES_MAX) {
                throw new IOException(file + " has more than " + SMALL_FILE_BYTES_MAX + " bytes");
            }
            small.put(file.getFileName() + "", Files.readAllBytes(file));
        } catch (NoSuchFileException absent) {
            // Each is made when it is needed first.
            return;
        }
    }

    /** What will stand before the content. */
    public BackupHeader header() {
        return header;
    }

    /** Writes all of it. Neither closes the stream nor keeps the passphrase. */
    public void write(OutputStream to, char[] passphrase) throws IOException {
        SealedChunks chunks = new SealedChunks(header, passphrase);
        to.write(header.bytes());
        SealedOutput sealed = new SealedOutput(to, chunks);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(sealed));
        write(StateFiles.STORE, draft, out);
        if (hasPluginStore) {
            write(StateFiles.PLUGIN_IMAGE, pluginDraft, out);
        }
        for (Map.Entry<String, byte[]> file : small.entrySet()) {
            out.writeUTF(file.getKey());
            out.writeLong(file.getValue().length);
            out.write(file.getValue());
        }
        out.writeUTF("");
        out.flush();
        sealed.finish();
    }

    private static void write(String name, Path file, DataOutputStream out) throws IOException {
        long size = Files.size(file);
        out.writeUTF(name);
        out.writeLong(size);
        if (Files.copy(file, out) != size) {
            throw new IOException(file + " was changed while it was sent");
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            // The next backup deletes it, or tells why it cannot.
            return;
        }
    }

    @Override
    public void close() {
        deleteQuietly(draft);
        deleteQuietly(pluginDraft);
    }
}
