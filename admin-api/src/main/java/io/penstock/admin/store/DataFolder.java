package io.penstock.admin.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The folder that one process keeps its state in, held from {@link #hold} to {@link #close}.
 *
 * <p>An operating system's lock on the file {@code lock} holds it: the lock dies with the process, however it ends, so
 * that nothing must be cleaned up after a kill. The folder and what is made in it are open to their owner only.
 */
public final class DataFolder implements AutoCloseable {

    /** Folders in it are open to their owner only. */
    public static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Who holds the folder; beside it a folder that was made for nothing is empty. */
    public static final String LOCK_FILE = "lock";

    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    // Static and mutable against the house's rule, as the thing itself is the process's: POSIX drops all of a process's
    // locks on a file when the process closes any descriptor of it, so a second opening in this process must be refused
    // before it opens the file. The JVM keeps a table like this one, but asks it only after opening.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    // Kept so that the lock is not collected.
    private final FileLock lock;

    private DataFolder(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /** Makes the folder if need be and holds it. */
    public static DataFolder hold(Path folder) throws DataFolderRefused {
        Path real = make(folder);
        if (!HELD.add(real)) {
            throw held(real, ProcessHandle.current().pid() + ", this process");
        }
        boolean holds = false;
        try {
            FileChannel channel = FileChannel.open(
                    real.resolve(LOCK_FILE),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw held(real, readHolder(channel));
                }
                Files.setPosixFilePermissions(real.resolve(LOCK_FILE), OWNER_FILE);
                writeHolder(channel);
                holds = true;
                return new DataFolder(real, channel, lock);
            } finally {
                if (!holds) {
                    channel.close();
                }
            }
        } catch (IOException failed) {
            throw new DataFolderRefused(
                    "data folder " + real + ": it cannot be locked (" + failed + "). Make it writable for this user, or"
                            + " choose another folder with --data.",
                    failed);
        } finally {
            if (!holds) {
                HELD.remove(real);
            }
        }
    }

    public Path path() {
        return path;
    }

    /** The path of a file in the folder, which need not be there. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** The content of a small text file; empty if there is none. */
    public Optional<String> readSecret(String name) {
        try {
            return Optional.of(Files.readString(file(name)));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException failed) {
            throw new UncheckedIOException("could not read " + file(name), failed);
        }
    }

    /** Writes a text file that only its owner may read, whole or not at all, flushed to the disk. */
    public void writeSecret(String name, String text) {
        try {
            writeWhole(file(name), text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException("could not write " + file(name), failed);
        }
    }

    public void delete(String name) {
        try {
            if (Files.deleteIfExists(file(name))) {
                flushFolder(path);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("could not delete " + file(name), failed);
        }
    }

    @Override
    public void close() {
        if (!lock.isValid()) {
            // It was closed before: the name may be another holder's by now.
            return;
        }
        try {
            lock.release();
            channel.close();
        } catch (IOException failed) {
            throw new UncheckedIOException("could not release " + path, failed);
        } finally {
            HELD.remove(path);
        }
    }

    /** Writes a file that only its owner may read, whole or not at all, flushed to the disk. */
    public static void writeWhole(Path target, byte[] content) throws IOException {
        Path draft = target.resolveSibling(target.getFileName() + ".new");
        makeOwnerFile(draft);
        try (FileChannel out =
                FileChannel.open(draft, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        replace(draft, target);
    }

    /** Makes an empty file that only its owner may read, before anything secret is in it. */
    public static void makeOwnerFile(Path file) throws IOException {
        if (Files.notExists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_FILE));
        } else {
            Files.setPosixFilePermissions(file, OWNER_FILE);
        }
    }

    /** Puts a flushed file in another's place; after a crash there is the old one or the new one. */
    static void replace(Path draft, Path target) throws IOException {
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path folder = target.getParent();
        if (folder != null) {
            flushFolder(folder);
        }
    }

    /** Flushes the names in a folder, so that a renamed or deleted file stays so after a crash. */
    public static void flushFolder(Path folder) throws IOException {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static Path make(Path folder) throws DataFolderRefused {
        try {
            if (Files.notExists(folder)) {
                Files.createDirectories(folder, OWNER_FOLDER);
            }
            return folder.toRealPath();
        } catch (IOException failed) {
            throw new DataFolderRefused(
                    "data folder " + folder.toAbsolutePath() + ": it cannot be made or opened (" + failed
                            + "). Make it, or choose another folder with --data.",
                    failed);
        }
    }

    private static DataFolderRefused held(Path folder, String holder) {
        return new DataFolderRefused("data folder " + folder + ": it is in use by process " + holder
                + ". Stop that process, or choose another folder with --data.");
    }

    private static String readHolder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        channel.read(text, 0);
        String holder = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
        return holder.isEmpty() ? "(unknown)" : holder;
    }

    private static void writeHolder(FileChannel channel) throws IOException {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
        channel.force(true);
    }
}
