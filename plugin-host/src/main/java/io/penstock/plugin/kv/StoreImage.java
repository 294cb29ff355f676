package io.penstock.plugin.kv;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All entries of a store as a file that does not depend on how the store's own file is laid out, for backups. A mark and the format's
 * number; for each entry the lengths of key and value as 32 bits and both; a length of -1; the count of entries as 64 bits; CRC-32C of all before it as 64
 * bits. Numbers are big-endian.
 *
 * <p>One that lies in a store's folder takes the place of what the store held before, when it is opened next: the file is made beside
 * the old one, renamed over it, and only then is the image removed, so that whoever is killed meanwhile begins anew.
 */
final class StoreImage {
    private static final Logger LOG = LoggerFactory.getLogger(StoreImage.class);

    /** In the store's folder. */
    static final String FILE = "plugin-kv.image";

    // "PSKV", which no later format changes, and the number of the format, "0001".
    private static final int MARK = 0x50534b56;
    private static final int FORMAT = 0x30303031;
    private static final int END = -1;

    /** Longer than any key with its plugin and namespace, and any value with its end of life. */
    private static final int PART_BYTES_MAX = 128 * 1024;

    /** Opens cells in a file that is not there yet. */
    @FunctionalInterface
    interface Maker {
        Cells make(Path file) throws IOException;
    }

    private StoreImage() {}

    /** Writes all entries, as they are now; the file is there. By the thread of the cells. */
    static void write(Cells cells, Path to) throws IOException {
        try (FileChannel file = FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
                OutputStream buffered = new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16)) {
            CheckedOutputStream checked = new CheckedOutputStream(buffered, new CRC32C());
            DataOutputStream out = new DataOutputStream(checked);
            out.writeInt(MARK);
            out.writeInt(FORMAT);
            long[] count = {0};
            try {
                for (int part = 0; part < cells.parts(); part++) {
                    requireRoom(to);
                    cells.visit(part, (key, value) -> {
                        write(out, key, value);
                        count[0]++;
                        return false;
                    });
                }
            } catch (UncheckedIOException failed) {
                throw new IOException("the image of the plugins' store cannot be written", failed.getCause());
            }
            out.writeInt(END);
            out.writeLong(count[0]);
            out.writeLong(checked.getChecksum().getValue());
            out.flush();
            buffered.flush();
        }
    }

    // A store in a mapped file on the same disk counts on this much: ChronicleCells says why.
    private static void requireRoom(Path to) throws IOException {
        long free = Files.getFileStore(to).getUsableSpace();
        if (free < ChronicleCells.FREE_BYTES_MIN) {
            throw new IOException("the disk is nearly full: " + free + " bytes are free, and "
                    + ChronicleCells.FREE_BYTES_MIN + " have to stay so");
        }
    }

    private static void write(DataOutputStream out, byte[] key, byte[] value) {
        try {
            out.writeInt(key.length);
            out.writeInt(value.length);
            out.write(key);
            out.write(value);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Puts the image of a folder, if there is one, in the place of the store's file. An image that cannot be read is put aside, and
     * the store is as it was.
     *
     * @return whether the store's file is one that was made of it just now, and closed
     * @throws IOException if the disk fails; all is as before then
     */
    static boolean takeIn(Path folder, Path store, Maker maker) throws IOException {
        Path image = folder.resolve(FILE);
        if (!Files.exists(image)) {
            return false;
        }
        Path beside = folder.resolve("plugin-kv.restored");
        Files.deleteIfExists(beside);
        long count;
        try (Cells cells = maker.make(beside)) {
            count = read(image, cells::put);
        } catch (Damaged damaged) {
            LOG.error("the image of the plugins' store is not taken, and put aside as {}.bad", image, damaged);
            Files.deleteIfExists(beside);
            Files.move(image, image.resolveSibling(FILE + ".bad"), StandardCopyOption.REPLACE_EXISTING);
            return false;
        } catch (StoreRefusedException full) {
            throw new IOException("what a backup holds of plugins does not fit: " + full.getMessage(), full);
        }
        flush(beside);
        Files.move(beside, store, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        flush(folder);
        Files.delete(image);
        LOG.info("the plugins' store has {} entries of a backup", count);
        return true;
    }

    /** It is not what {@link #write} has written. */
    private static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(String why) {
            super(why);
        }
    }

    /** What is wrong with an image; empty if it is whole. */
    static Optional<String> fault(Path image) throws IOException {
        try {
            read(image, (key, value) -> {});
            return Optional.empty();
        } catch (Damaged damaged) {
            return Optional.of(String.valueOf(damaged.getMessage()));
        } catch (StoreRefusedException never) {
            throw new IllegalStateException("what keeps nothing refuses nothing", never);
        }
    }

    /** Where entries go. */
    @FunctionalInterface
    private interface Taker {
        void put(byte[] key, byte[] value) throws StoreRefusedException;
    }

    private static long read(Path image, Taker into) throws IOException, StoreRefusedException {
        try (CheckedInputStream checked =
                        new CheckedInputStream(new BufferedInputStream(Files.newInputStream(image)), new CRC32C());
                DataInputStream in = new DataInputStream(checked)) {
            require(in.readInt() == MARK, "it does not begin as one");
            int format = in.readInt();
            require(
                    format == FORMAT,
                    "its format " + Integer.toHexString(format) + " is not one that this version knows");
            long count = 0;
            for (int length = in.readInt(); length != END; length = in.readInt()) {
                int valueLength = in.readInt();
                require(length >= 0 && length <= PART_BYTES_MAX, "a key of " + length + " octets");
                require(valueLength >= 0 && valueLength <= PART_BYTES_MAX, "a value of " + valueLength + " octets");
                byte[] key = in.readNBytes(length);
                byte[] value = in.readNBytes(valueLength);
                require(key.length == length && value.length == valueLength, "it is cut off");
                into.put(key, value);
                count++;
            }
            require(in.readLong() == count, "entries are missing");
            long sum = checked.getChecksum().getValue();
            require(in.readLong() == sum, "its checksum is another one");
            require(in.read() < 0, "it goes on behind its end");
            return count;
        } catch (EOFException cut) {
            throw new Damaged("it is cut off");
        }
    }

    private static void require(boolean holds, String why) throws Damaged {
        if (!holds) {
            throw new Damaged(why);
        }
    }

    private static void flush(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
