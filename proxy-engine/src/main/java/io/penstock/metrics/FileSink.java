package io.penstock.metrics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BufferUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that lines are appended to: buffered, rotated by size, opened again when it was moved away. A device or a pipe, such as
 * {@code /dev/stdout} of a container, is written to for ever.
 *
 * <p>The access log's thread alone calls it, except {@link #fault} and the counts. While the file cannot be written, lines gather in
 * the buffer, later ones are dropped and counted, and the file is tried again every second.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes the counts, others only read them
final class FileSink {
    private static final Logger LOGGER = LoggerFactory.getLogger(FileSink.class);
    private static final long RETRY_NS = 1_000_000_000L;
    private static final long ROTATE_RETRY_NS = 60_000_000_000L;
    private static final long LOOK_NS = 500_000_000L;

    private static final Set<StandardOpenOption> OPEN =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_AND_GROUP =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

    private final Path file;
    private final ByteBuffer buffer;
    private long maxBytes;
    private int keep;

    // What the channel writes to; both absent while the file is not open.
    private @Nullable FileChannel channel;
    private @Nullable Object fileKey;

    // Whether it is a file and no device or pipe: those have no size to keep to, and their names are not ours to move.
    private boolean isRegular;
    private long size;
    private long retryAtNs;
    private long lookAtNs;
    private long rotateAtNs;

    // Written by the log's thread, read by any. Opaque, since a volatile write for each line waits for every store
    // before it.
    private final AtomicLong lines = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private volatile long rotations;
    private volatile Optional<String> writeFault = Optional.empty();
    private volatile Optional<String> rotateFault = Optional.empty();

    FileSink(Path file, long maxBytes, int keep, int bufferBytes, long nowNs) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.keep = keep;
        this.buffer = ByteBuffer.allocateDirect(bufferBytes);
        this.retryAtNs = nowNs;
        this.lookAtNs = nowNs;
        this.rotateAtNs = nowNs;
    }

    void resize(long newMaxBytes, int newKeep) {
        maxBytes = newMaxBytes;
        keep = newKeep;
    }

    /** Takes one line, its end included. */
    void append(byte[] source, int offset, int count, long nowNs) {
        open(nowNs);
        boolean isFull = size + buffer.position() + count > maxBytes && size + buffer.position() > 0;
        if (isFull && isRegular && channel != null && nowNs - rotateAtNs >= 0) {
            flush(nowNs);
            if (buffer.position() == 0) {
                rotate(nowNs);
                open(nowNs);
            }
        }
        if (buffer.remaining() < count) {
            flush(nowNs);
        }
        if (buffer.remaining() < count) {
            count(1, 0, true);
            return;
        }
        buffer.put(source, offset, count);
        count(1, count, false);
    }

    /** Writes what is buffered; after a failure not before it is time to try again. */
    void flush(long nowNs) {
        open(nowNs);
        FileChannel open = channel;
        if (buffer.position() == 0 || open == null) {
            return;
        }
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                size += open.write(buffer);
            }
            writable();
        } catch (IOException e) {
            unwritable(e, nowNs);
        } finally {
            // What was not written stays at the front, cut where the disk stopped, so that no line is torn in two.
            buffer.compact();
        }
    }

    /** Looks, now and then, whether the file is still the one that is written to. */
    void look(long nowNs) {
        if (nowNs - lookAtNs < 0) {
            return;
        }
        lookAtNs = nowNs + LOOK_NS;
        if (channel != null && !Objects.equals(keyOf(file), fileKey)) {
            reopen(nowNs);
        }
    }

    /** Opens the file by its name again, after writing what is buffered to the one open now. */
    void reopen(long nowNs) {
        flush(nowNs);
        closeChannel();
    }

    /** Writes what is buffered, whatever happened before, and closes the file. */
    void close(long nowNs) {
        retryAtNs = nowNs;
        flush(nowNs);
        int lost = linesIn(buffer);
        if (lost > 0) {
            count(-lost, 0, false);
            count(lost, 0, true);
        }
        closeChannel();
        BufferUtil.free(buffer);
    }

    Path file() {
        return file;
    }

    long lines() {
        return lines.getOpaque();
    }

    long bytes() {
        return bytes.getOpaque();
    }

    long dropped() {
        return dropped.getOpaque();
    }

    long rotations() {
        return rotations;
    }

    Optional<String> fault() {
        return writeFault.or(() -> rotateFault);
    }

    /** Opens the file and closes it again, to learn whether that can be done. */
    static void check(Path file) throws IOException {
        openFile(file).close();
    }

    private static FileChannel openFile(Path file) throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        return FileChannel.open(file, OPEN, OWNER_AND_GROUP);
    }

    private void open(long nowNs) {
        if (channel != null || nowNs - retryAtNs < 0) {
            return;
        }
        try {
            FileChannel open = openFile(file);
            channel = open;
            size = open.size();
            fileKey = keyOf(file);
            isRegular = Files.isRegularFile(file);
        } catch (IOException e) {
            unwritable(e, nowNs);
        }
    }

    private void rotate(long nowNs) {
        closeChannel();
        try {
            for (int number = keep - 1; number >= 1; number--) {
                moveIfThere(number == 1 ? file : numbered(number - 1), numbered(number));
            }
            if (keep == 1) {
                Files.deleteIfExists(file);
            }
            rotations = rotations + 1;
            rotateFault = Optional.empty();
        } catch (IOException e) {
            // The file goes on growing: a file that is too large loses less than a log that stops.
            LOGGER.warn("access log: cannot rotate {}, which goes on growing: {}", file, e.toString());
            rotateFault = Optional.of("cannot rotate " + file + ": " + e);
            rotateAtNs = nowNs + ROTATE_RETRY_NS;
        }
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    private static void moveIfThere(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            LOGGER.debug("nothing to rotate at {}", from);
        }
    }

    private static @Nullable Object keyOf(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private void unwritable(IOException cause, long nowNs) {
        if (writeFault.isEmpty()) {
            LOGGER.warn(
                    "access log: cannot write {}: {}; records are buffered, then dropped, until it can be",
                    file,
                    cause.toString());
        }
        writeFault = Optional.of("cannot write " + file + ": " + cause);
        closeChannel();
        retryAtNs = nowNs + RETRY_NS;
    }

    private void writable() {
        if (writeFault.isPresent()) {
            LOGGER.info("access log: {} is written again; {} lines were dropped in all", file, dropped());
            writeFault = Optional.empty();
        }
    }

    private void closeChannel() {
        FileChannel open = channel;
        channel = null;
        fileKey = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOGGER.warn("access log: cannot close {}: {}", file, e.toString());
            }
        }
    }

    private void count(int lineCount, int byteCount, boolean isDropped) {
        if (isDropped) {
            add(dropped, lineCount);
        } else {
            add(lines, lineCount);
            add(bytes, byteCount);
        }
    }

    private static void add(AtomicLong count, int more) {
        count.setOpaque(count.getPlain() + more);
    }

    private static int linesIn(ByteBuffer buffer) {
        int count = 0;
        for (int i = 0; i < buffer.position(); i++) {
            if (buffer.get(i) == '\n') {
                count++;
            }
        }
        return count;
    }
}
