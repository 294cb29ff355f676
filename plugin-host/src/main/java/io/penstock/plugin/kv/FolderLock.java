package io.penstock.plugin.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One process has the store of a folder. The lock is the system's, so that it ends with its process; the file it is held on
 * stays, and says by one octet whether whoever had it last has closed what it stands for. Between parts of one process the
 * system knows no difference: a process makes one store for a folder.
 */
final class FolderLock implements AutoCloseable {
    private static final byte OPEN = 'o';
    private static final byte CLOSED = 'c';

    private final Path folder;
    private final FileChannel channel;
    private final boolean wasClosed;

    private FolderLock(Path folder, FileChannel channel, boolean wasClosed) {
        this.folder = folder;
        this.channel = channel;
        this.wasClosed = wasClosed;
    }

    /**
     * Takes the lock of a folder.
     *
     * @throws IOException if another process or another part of this one has it
     */
    static FolderLock take(Path folder) throws IOException {
        Path file = folder.resolve("plugin-kv.lock");
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (locked(channel) == null) {
                throw new IOException("the key-value store in " + folder + " is open in another process (" + file
                        + " is locked); one gateway has one data folder");
            }
            ByteBuffer last = ByteBuffer.allocate(1);
            boolean wasClosed = channel.read(last, 0) == 1 && last.get(0) == CLOSED;
            say(channel, OPEN);
            return new FolderLock(folder, channel, wasClosed);
        } catch (IOException taken) {
            channel.close();
            throw taken;
        }
    }

    @Nullable
    private static FileLock locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException ours) {
            return null;
        }
    }

    // Through to the disk: a machine that loses its power must not find "closed".
    private static void say(FileChannel channel, byte what) throws IOException {
        channel.write(ByteBuffer.wrap(new byte[] {what}), 0);
        channel.force(false);
    }

    /** Whether whoever had the folder last has closed its store. */
    boolean wasClosed() {
        return wasClosed;
    }

    /** Says that the store is closed, whole. */
    void closed() throws IOException {
        say(channel, CLOSED);
    }

    /** The folder that is this process's. */
    Path folder() {
        return folder;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
