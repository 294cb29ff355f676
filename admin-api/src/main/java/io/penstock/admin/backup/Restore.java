package io.penstock.admin.backup;

import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.secret.SecretVault;
import io.penstock.admin.secret.VaultRefused;
import io.penstock.admin.store.ChainVerdict;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.DataFolderRefused;
import io.penstock.admin.store.OpenedStore;
import io.penstock.admin.store.SqliteConfigStore;
import io.penstock.admin.store.StoreOptions;
import io.penstock.admin.store.StoreRefused;
import io.penstock.admin.store.StoreUnusable;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Lays a backup in the place of what a folder holds.
 *
 * <p>The backup is unpacked beside the folder's state, flushed, and opened as a gateway would open it: store, both hash chains,
 * every secret. Then one rename ({@code restore.new} to {@code restore.ready}) decides; until it nothing of the old state has
 * changed, and from it on the new one is moved into its place, by whoever holds the folder next if this process is killed:
 * {@link #finish}. Moving can be repeated from any point.
 */
public final class Restore {
    private static final String DRAFT = "restore.new";
    private static final String READY = "restore.ready";
    private static final String MANIFEST = "manifest";
    private static final int COPY_BYTES = 64 * 1024;

    /** Knows the file that holds what plugins keep. */
    @FunctionalInterface
    public interface PluginImage {
        /**
         * Looks whether it is as it was written.
         *
         * @return what is wrong with it; empty if plugins can have it
         * @throws IOException if the disk fails
         */
        Optional<String> fault(Path image) throws IOException;
    }

    private Restore() {}

    /** Whether a file of this name is a restore's that is under way or was broken off. */
    static boolean isOfRestore(String name) {
        return name.equals(DRAFT) || name.equals(READY);
    }

    /** Whether the folder holds a state that a restore would replace. */
    public static boolean hasState(DataFolder folder) {
        return Files.exists(folder.file(StateFiles.STORE));
    }

    /** Whether a path is a folder with a gateway's state. Makes nothing. */
    public static boolean isDataFolder(Path path) {
        return Files.exists(path.resolve(StateFiles.STORE));
    }

    /** Copies the state of a folder that is held, but what plugins keep, to another one that has none. */
    public static void copy(DataFolder from, DataFolder to) throws IOException {
        for (Path file : entries(from.path())) {
            String name = file.getFileName() + "";
            if (StateFiles.isState(name)
                    && !StateFiles.isOfPlugins(name)
                    && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                try (InputStream in = Files.newInputStream(file)) {
                    DataFolder.makeOwnerFile(to.file(name));
                    try (OutputStream out = Files.newOutputStream(to.file(name))) {
                        in.transferTo(out);
                    }
                }
                // A key that others may read keeps a gateway from starting: whoever judges the copy has to see that
                // too.
                Files.setPosixFilePermissions(to.file(name), Files.getPosixFilePermissions(file));
            }
        }
    }

    /**
     * Reads the backup and lays it in the folder.
     *
     * @param plugins looks at what plugins keep before anything is touched
     * @return what it said of itself
     * @throws BackupRefused if it cannot be read; the folder is as before then
     * @throws IOException if the disk fails: before the decision the folder is as before, after it the next start finishes
     */
    public static BackupHeader restore(
            DataFolder folder,
            InputStream backup,
            char[] passphrase,
            PluginImage plugins,
            Clock clock,
            SecureRandom random)
            throws BackupRefused, IOException {
        finish(folder);
        Path draft = Files.createDirectory(folder.file(DRAFT), DataFolder.OWNER_FOLDER);
        boolean isReady = false;
        try {
            BackupHeader header = unpack(new BufferedInputStream(backup), draft, passphrase);
            check(draft, clock, random);
            check(draft.resolve(StateFiles.PLUGIN_IMAGE), plugins);
            writeManifest(draft);
            Files.move(draft, folder.file(READY), StandardCopyOption.ATOMIC_MOVE);
            isReady = true;
            DataFolder.flushFolder(folder.path());
            finish(folder);
            return header;
        } finally {
            if (!isReady) {
                delete(draft);
            }
        }
    }

    /**
     * Reads a backup to its end and keeps nothing of it.
     *
     * @return what it says of itself
     * @throws BackupRefused if any byte is not as it was written
     */
    public static BackupHeader check(InputStream backup, char[] passphrase) throws BackupRefused, IOException {
        BackupHeader header = BackupHeader.read(backup);
        try (InputStream in = new SealedInput(backup, new SealedChunks(header, passphrase))) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (SealedInput.Damaged damaged) {
            throw new BackupRefused(String.valueOf(damaged.getMessage()), damaged);
        }
        return header;
    }

    private static BackupHeader unpack(InputStream backup, Path draft, char[] passphrase)
            throws BackupRefused, IOException {
        BackupHeader header = BackupHeader.read(backup);
        Set<String> seen = new HashSet<>();
        try (DataInputStream in = new DataInputStream(new SealedInput(backup, new SealedChunks(header, passphrase)))) {
            for (String name = in.readUTF(); !name.isEmpty(); name = in.readUTF()) {
                if (!StateFiles.isBackedUp(name) || !seen.add(name)) {
                    throw new BackupRefused("this backup holds a file \"" + name
                            + "\" that this version does not know. Restore it with the version that made it, "
                            + header.madeBy() + ", or a later one.");
                }
                unpack(in, in.readLong(), draft.resolve(name));
            }
            if (in.read() >= 0) {
                throw new BackupRefused("this backup goes on behind its end. Take another copy of it.");
            }
        } catch (SealedInput.Damaged damaged) {
            throw new BackupRefused(String.valueOf(damaged.getMessage()), damaged);
        } catch (EOFException cut) {
            throw new BackupRefused("this backup is cut off. Take another copy of it.", cut);
        }
        if (!seen.contains(StateFiles.STORE)) {
            throw new BackupRefused("this backup holds no store");
        }
        return header;
    }

    private static void unpack(InputStream in, long size, Path file) throws IOException {
        DataFolder.makeOwnerFile(file);
        byte[] bytes = new byte[COPY_BYTES];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = size; left > 0; ) {
                int part = in.read(bytes, 0, (int) Math.min(left, bytes.length));
                if (part < 0) {
                    throw new EOFException();
                }
                out.write(bytes, 0, part);
                left -= part;
            }
        }
    }

    // As a gateway opens it at its start, which also makes the copies that lie beside a store.
    private static void check(Path draft, Clock clock, SecureRandom random) throws BackupRefused, IOException {
        try (DataFolder staged = DataFolder.hold(draft)) {
            OpenedStore opened = SqliteConfigStore.open(staged, StoreOptions.defaults(), clock);
            try (var store = opened.store()) {
                if (opened.recovery().isPresent()) {
                    throw new BackupRefused("the store in this backup is not sound: "
                            + opened.recovery().get().text());
                }
                require("revisions", store.verify());
                require("audit lines", store.audit().verify());
                SecretVault.open(staged, clock, random).verify(store.load(), new ConfigJson());
            }
        } catch (StoreUnusable | StoreRefused | VaultRefused | DataFolderRefused unsound) {
            throw new BackupRefused("what is in this backup cannot be served: " + unsound.getMessage(), unsound);
        }
        Files.delete(draft.resolve(DataFolder.LOCK_FILE));
    }

    // Backups of before it was in them, and of gateways whose plugins keep nothing, are without it.
    private static void check(Path image, PluginImage plugins) throws BackupRefused, IOException {
        Optional<String> fault = Files.exists(image) ? plugins.fault(image) : Optional.empty();
        if (fault.isPresent()) {
            throw new BackupRefused("what plugins keep cannot be read in this backup: " + fault.get()
                    + ". Take another backup, or restore it with the version that made it, or a later one.");
        }
    }

    private static void require(String what, ChainVerdict chain) throws BackupRefused {
        if (!chain.isSound()) {
            throw new BackupRefused("the chain of " + what + " in this backup does not hold at "
                    + chain.brokenAt().orElse(0L) + ": " + chain.detail().orElse(""));
        }
    }

    private static void writeManifest(Path draft) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path file : entries(draft)) {
            names.add(file.getFileName() + "");
            flush(file);
        }
        DataFolder.writeWhole(draft.resolve(MANIFEST), String.join("\n", names).getBytes(StandardCharsets.UTF_8));
        DataFolder.flushFolder(draft);
    }

    private static void flush(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            for (Path inside : entries(file)) {
                flush(inside);
            }
            DataFolder.flushFolder(file);
        } else {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    /**
     * Ends what a killed restore has begun: before its decision as if it had never been, after it to its end; and removes what a killed
     * backup has left. Whoever holds a folder calls it before anything in it is opened.
     *
     * @return whether a state was moved into its place
     */
    public static boolean finish(DataFolder folder) throws IOException {
        delete(folder.file(DRAFT));
        Files.deleteIfExists(folder.file(StateFiles.DRAFT));
        Files.deleteIfExists(folder.file(StateFiles.PLUGIN_DRAFT));
        Path ready = folder.file(READY);
        if (Files.notExists(ready)) {
            return false;
        }
        Path manifest = ready.resolve(MANIFEST);
        if (Files.exists(manifest)) {
            moveIn(folder, ready, Set.copyOf(Files.readAllLines(manifest)));
            // The last thing in there: without it all of the rest was done.
            Files.delete(manifest);
        }
        delete(ready);
        DataFolder.flushFolder(folder.path());
        return true;
    }

    private static void moveIn(DataFolder folder, Path ready, Set<String> names) throws IOException {
        for (Path old : entries(folder.path())) {
            String name = old.getFileName() + "";
            if (StateFiles.isState(name) && !names.contains(name)) {
                delete(old);
            }
        }
        for (String name : names) {
            Path from = ready.resolve(name);
            Path to = folder.file(name);
            if (Files.exists(from)) {
                if (Files.isDirectory(to)) {
                    delete(to);
                }
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        DataFolder.flushFolder(folder.path());
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }

    /** Removes a file, or a folder with all that is in it. @return how many */
    static int delete(Path path) throws IOException {
        int removed = 0;
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            for (Path inside : entries(path)) {
                removed += delete(inside);
            }
        }
        return removed + (Files.deleteIfExists(path) ? 1 : 0);
    }
}
