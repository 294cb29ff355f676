package io.penstock.plugin.kv;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.LongSupplier;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.MapSegmentContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cells in a file, mapped into memory off the heap (Chronicle Map). What was written is in the file when the process ends,
 * however it ends; only a machine that loses its power may lose what the system had not written yet.
 *
 * <p>A file that was not closed is recovered: locks that a killed process held are released, and entries whose checksum is
 * wrong, since they were half written, are dropped. That the file is nobody else's is the caller's to know.
 */
final class ChronicleCells implements Cells {
    private static final Logger LOG = LoggerFactory.getLogger(ChronicleCells.class);

    private static final int PARTS = 64;
    private static final int KEY_BYTES = 48;
    private static final int VALUE_BYTES_MIN = 64;
    // Entries longer than the average need room of their own, and segments fill unevenly: room for four times as much,
    // in a sparse file. The shelf's bounds are met long before.
    private static final double BLOAT_MAX = 4;
    // The file is sparse and mapped: a page that the disk has no room for cannot fail as a write does, but is a fault
    // of the whole process. So writing ends while there is room, and is looked for before so much can be written as is
    // kept free.
    static final long FREE_BYTES_MIN = 16L << 20;
    private static final int WRITES_PER_LOOK = 64;

    private final ChronicleMap<byte[], byte[]> map;
    private final LongSupplier freeBytes;
    private int writes;

    private ChronicleCells(ChronicleMap<byte[], byte[]> map, LongSupplier freeBytes) {
        this.map = map;
        this.freeBytes = freeBytes;
    }

    /**
     * Opens a file, making it if it is not there. Takes seconds, as classes are generated at the first open of a process.
     *
     * @param wasClosed whether whoever had the file last has closed it
     * @param entriesMax entries that surely fit
     * @param bytesMax octets of keys and values that surely fit
     * @param freeBytes how much room the disk has
     * @throws IOException if it is no such file, or cannot be read and written
     */
    static ChronicleCells open(Path file, boolean wasClosed, int entriesMax, long bytesMax, LongSupplier freeBytes)
            throws IOException {
        boolean isNew = !Files.exists(file);
        if (isNew && freeBytes.getAsLong() < FREE_BYTES_MIN) {
            throw new IOException("the disk has no room for " + file + ": " + freeBytes.getAsLong()
                    + " bytes are free, and " + FREE_BYTES_MIN + " are wanted");
        }
        if (isNew) {
            // Made under another name, so that a process killed while it does leaves no half of a file.
            Path beginning = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(beginning);
            builder(entriesMax, bytesMax).createPersistedTo(beginning.toFile()).close();
            hide(beginning);
            move(beginning, file);
        }
        try {
            ChronicleMapBuilder<byte[], byte[]> builder = builder(entriesMax, bytesMax);
            return new ChronicleCells(
                    isNew || wasClosed
                            ? builder.createPersistedTo(file.toFile())
                            : builder.recoverPersistedTo(
                                    file.toFile(), false, found -> LOG.warn("{}: dropped {}", file, found.message())),
                    freeBytes);
        } catch (RuntimeException damaged) {
            throw new IOException(file + " is damaged beyond recovery: " + damaged.getMessage(), damaged);
        }
    }

    // What plugins keep may be keys and tokens; it is still empty here.
    private static void hide(Path file) throws IOException {
        if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException plain) {
            Files.move(from, to);
        }
    }

    private static ChronicleMapBuilder<byte[], byte[]> builder(int entriesMax, long bytesMax) {
        return ChronicleMap.of(byte[].class, byte[].class)
                .name("plugin-kv")
                .averageKeySize(KEY_BYTES)
                .averageValueSize(Math.max(VALUE_BYTES_MIN, (double) bytesMax / entriesMax - KEY_BYTES))
                .entries(entriesMax)
                .actualSegments(PARTS)
                .maxBloatFactor(BLOAT_MAX)
                .checksumEntries(true)
                .sparseFile(true)
                // Whoever opened it closes it, in his own order.
                .skipCloseOnExitHook(true);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return map.get(key);
    }

    @Override
    public void put(byte[] key, byte[] value) throws StoreRefusedException {
        // Looks again at once after a refusal, so that a disk that has room again is used again.
        if (writes % WRITES_PER_LOOK == 0 && freeBytes.getAsLong() < FREE_BYTES_MIN) {
            throw new StoreRefusedException("the disk of the key-value store is full");
        }
        writes++;
        try {
            map.put(key, value);
        } catch (IllegalStateException | IllegalArgumentException full) {
            // How the map says that a segment is full, and that an entry is longer than it takes.
            throw new StoreRefusedException("the key-value store is full", full);
        }
    }

    @Override
    public void remove(byte[] key) {
        map.remove(key);
    }

    @Override
    public int parts() {
        return map.segments();
    }

    @Override
    public void visit(int part, Visitor visitor) {
        try (MapSegmentContext<byte[], byte[], ?> segment = map.segmentContext(part)) {
            segment.forEachSegmentEntry(entry -> {
                // Copies: the map reads the next entry of the same length into the same array.
                if (visitor.isToRemove(
                        entry.key().get().clone(), entry.value().get().clone())) {
                    entry.doRemove();
                }
            });
        }
    }

    @Override
    public void close() {
        map.close();
    }
}
