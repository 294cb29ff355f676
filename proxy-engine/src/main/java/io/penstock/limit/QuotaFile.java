package io.penstock.limit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link QuotaTable} holds, kept in a file. One thread calls {@link #write} now and then; workers never wait for it.
 *
 * <p>A process that is killed loses what was counted since the last call. Blocks stand by themselves: one that a power cut tore
 * is left out, and the others count. Keys are hashes: they are found again only with the seed that they were made with, and the
 * file knows which that was.
 */
public final class QuotaFile implements AutoCloseable {
    /*
     * Layout, little endian. A head of 4096 bytes: magic, buckets, and what tells the seed apart, each a long, and the checksum of those;
     * then a block of 4096 bytes for each 16 buckets: the checksum of the rest of the block, 8 bytes unused, and for each bucket 15 cells of
     * two words as in the table, behind 16 bytes that stand for its header. A checksum is CRC-32C with bit 32 set; a block
     * that begins with 0 was never written.
     */
    private static final long MAGIC = 0x31_4154_4f55_5153_50L; // PSQUOTA1
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCK_BUCKETS = BLOCK_BYTES / KeyCells.BUCKET_BYTES;
    private static final int HEAD_LONGS = 3;
    private static final long CHECKED = 1L << 32;

    private final Path path;
    private final FileChannel channel;
    private final QuotaTable table;
    private final long restored;
    private final long damagedBlocks;
    private final long[] checksums;
    private final byte[] blockBytes = new byte[BLOCK_BYTES];
    private final ByteBuffer block = ByteBuffer.wrap(blockBytes).order(ByteOrder.LITTLE_ENDIAN);
    private final long[] state = new long[1];
    private boolean isUnforced;

    private QuotaFile(Path path, FileChannel channel, Head head, long nowMinute) throws IOException {
        this.path = path;
        this.channel = channel;
        this.table = new QuotaTable((int) head.buckets * KeyCells.BUCKET_SLOTS);
        this.checksums = new long[table.buckets() / BLOCK_BUCKETS];
        long count = 0;
        long damaged = 0;
        for (int i = 0; i < checksums.length; i++) {
            long found = restore(i, nowMinute);
            count += Math.max(0, found);
            damaged += found < 0 ? 1 : 0;
        }
        this.restored = count;
        this.damagedBlocks = damaged;
    }

    private record Head(long buckets, long seedCheck) {}

    /**
     * Opens the file, or makes it. One whose head cannot be read, or whose keys were made with another seed, is put aside as
     * {@code NAME.bad}, and counts begin anew.
     *
     * @param slots of the table, where the file is new; else it says so itself
     * @param nowMinute since 1970; what counted in windows that have passed is left out
     * @throws IOException if the file can be neither read nor made
     */
    public static QuotaFile open(Path path, int slots, long seedHigh, long seedLow, long nowMinute) throws IOException {
        FileChannel channel = openChannel(path);
        try {
            Head head = readHead(channel);
            long seedCheck = KeyHash.checkOf(seedHigh, seedLow);
            if (head == null || head.seedCheck != seedCheck) {
                if (channel.size() > 0) {
                    channel.close();
                    Files.move(
                            path,
                            path.resolveSibling(path.getFileName() + ".bad"),
                            StandardCopyOption.REPLACE_EXISTING);
                    channel = openChannel(path);
                }
                head = new Head(buckets(slots), seedCheck);
                writeHead(channel, head);
            }
            return new QuotaFile(path, channel, head, nowMinute);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    private static FileChannel openChannel(Path path) throws IOException {
        Set<StandardOpenOption> options =
                EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? FileChannel.open(
                        path,
                        options,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : FileChannel.open(path, options);
    }

    private static long buckets(int slots) {
        int wanted = Math.max(BLOCK_BUCKETS, (slots + KeyCells.BUCKET_SLOTS - 1) / KeyCells.BUCKET_SLOTS);
        return Integer.highestOneBit(Math.max(1, wanted - 1)) * 2L;
    }

    private static ByteBuffer newBlock() {
        return ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    // Null where there is none that can be read.
    private static @Nullable Head readHead(FileChannel channel) throws IOException {
        ByteBuffer bytes = newBlock();
        if (!readFully(channel, bytes, 0)
                || bytes.getLong(0) != MAGIC
                || bytes.getLong(HEAD_LONGS * Long.BYTES) != checksum(bytes, 0, HEAD_LONGS * Long.BYTES)) {
            return null;
        }
        long buckets = bytes.getLong(Long.BYTES);
        return buckets < BLOCK_BUCKETS || Long.bitCount(buckets) != 1
                ? null
                : new Head(buckets, bytes.getLong(2 * Long.BYTES));
    }

    private static void writeHead(FileChannel channel, Head head) throws IOException {
        ByteBuffer bytes = newBlock();
        bytes.putLong(0, MAGIC).putLong(Long.BYTES, head.buckets).putLong(2 * Long.BYTES, head.seedCheck);
        bytes.putLong(HEAD_LONGS * Long.BYTES, checksum(bytes, 0, HEAD_LONGS * Long.BYTES));
        writeFully(channel, bytes, 0);
        channel.force(true);
    }

    /** What workers count in; closed by its owner, after this file. */
    public QuotaTable table() {
        return table;
    }

    /**
     * Takes over what another has written since this was opened. Only while nothing is counted in the table, and before the first
     * {@link #write}.
     */
    public void reread(long nowMinute) throws IOException {
        for (int i = 0; i < checksums.length; i++) {
            restore(i, nowMinute);
        }
    }

    /** Has the next {@link #write} write every block: somebody else may have written to the file. */
    public void forget() {
        Arrays.fill(checksums, 0);
    }

    /** Counts that were in the file and still hold. */
    public long restored() {
        return restored;
    }

    /** Blocks of the file that could not be read. */
    public long damagedBlocks() {
        return damagedBlocks;
    }

    /** The file. */
    public Path path() {
        return path;
    }

    // The cells that count again, or -1 for a damaged block.
    private long restore(int index, long nowMinute) throws IOException {
        if (!readFully(channel, block, offset(index)) || block.getLong(0) == 0) {
            checksums[index] = emptyChecksum();
            return 0;
        }
        if (block.getLong(0) != checksum(block, Long.BYTES, BLOCK_BYTES - Long.BYTES)) {
            return -1;
        }
        checksums[index] = block.getLong(0);
        long count = 0;
        for (int bucket = 0; bucket < BLOCK_BUCKETS; bucket++) {
            for (int cell = 1; cell <= KeyCells.BUCKET_SLOTS; cell++) {
                int at = bucket * KeyCells.BUCKET_BYTES + cell * KeyCells.CELL_BYTES;
                long key = block.getLong(at);
                long kept = block.getLong(at + KeyCells.STATE_OFFSET);
                if (table.restore(index * BLOCK_BUCKETS + bucket, cell, key, kept, nowMinute)) {
                    count++;
                }
            }
        }
        return count;
    }

    /**
     * Writes what has changed since the last call. One thread; may block.
     *
     * @return how many blocks were written
     * @throws IOException if one could not be; the next call tries it again
     */
    public int write(long nowMinute) throws IOException {
        int written = 0;
        for (int i = 0; i < checksums.length; i++) {
            long checksum = fill(i, nowMinute);
            if (checksum != checksums[i]) {
                writeFully(channel, block, offset(i));
                checksums[i] = checksum;
                isUnforced = true;
                written++;
            }
        }
        return written;
    }

    /** Has the system put what was written onto the disk, so that a power cut spares it. One thread; may block long. */
    public void force() throws IOException {
        if (isUnforced) {
            channel.force(false);
            isUnforced = false;
        }
    }

    private long fill(int index, long nowMinute) {
        Arrays.fill(blockBytes, (byte) 0);
        for (int bucket = 0; bucket < BLOCK_BUCKETS; bucket++) {
            for (int cell = 1; cell <= KeyCells.BUCKET_SLOTS; cell++) {
                long key = table.read(index * BLOCK_BUCKETS + bucket, cell, nowMinute, state, 0);
                if (key != 0) {
                    int at = bucket * KeyCells.BUCKET_BYTES + cell * KeyCells.CELL_BYTES;
                    block.putLong(at, key).putLong(at + KeyCells.STATE_OFFSET, state[0]);
                }
            }
        }
        long checksum = checksum(block, Long.BYTES, BLOCK_BYTES - Long.BYTES);
        block.putLong(0, checksum);
        return checksum;
    }

    private static long emptyChecksum() {
        return checksum(newBlock(), Long.BYTES, BLOCK_BYTES - Long.BYTES);
    }

    private static long offset(int index) {
        return (index + 1L) * BLOCK_BYTES;
    }

    private static long checksum(ByteBuffer bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(offset, length));
        return CHECKED | crc.getValue();
    }

    private static boolean readFully(FileChannel channel, ByteBuffer into, long offset) throws IOException {
        into.clear();
        while (into.hasRemaining()) {
            if (channel.read(into, offset + into.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    private static void writeFully(FileChannel channel, ByteBuffer from, long offset) throws IOException {
        from.clear();
        while (from.hasRemaining()) {
            channel.write(from, offset + from.position());
        }
    }

    /** Closes the file without writing; the table stays. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
