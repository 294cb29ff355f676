package io.penstock.plugin;

import io.penstock.spi.PluginRefusedException.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a zip package into memory by its central directory (APPNOTE 4.3.12), and refuses what an honest packer never
 * makes: links, paths that climb, names twice, encryption, ZIP64, sizes that lie. Nothing is ever written to a disk.
 */
final class PluginArchive {
    /** Bytes of an archive. */
    static final int ARCHIVE_BYTES_MAX = 8 << 20;

    /** Entries, folders included. */
    static final int ENTRIES_MAX = 512;

    /** Bytes of all files together, unpacked. */
    static final int CONTENT_BYTES_MAX = 16 << 20;

    private static final int END_SIGNATURE = 0x06054b50;
    private static final int CENTRAL_SIGNATURE = 0x02014b50;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int END_BYTES = 22;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int UNIX = 3;
    private static final int TYPE_MASK = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int FOLDER = 0x4000;
    private static final Pattern PATH =
            Pattern.compile("[A-Za-z0-9_@+][A-Za-z0-9._@+-]*(/[A-Za-z0-9_@+][A-Za-z0-9._@+-]*)*");
    private static final int PATH_CHARS_MAX = 200;

    private final ByteBuffer zip;
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final List<Fault> faults = new ArrayList<>();
    private int contentBytes;

    private PluginArchive(byte[] bytes) {
        this.zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads an archive.
     *
     * @param faults where faults go; the result is not to be used if there are any
     * @return files by path, in the archive's order
     */
    static Map<String, byte[]> read(byte[] bytes, List<Fault> faults) {
        PluginArchive archive = new PluginArchive(bytes);
        try {
            archive.readAll();
        } catch (IndexOutOfBoundsException | IllegalArgumentException broken) {
            archive.fault("", "bad-archive", "the archive is cut off or damaged");
        }
        faults.addAll(archive.faults);
        return archive.files;
    }

    private void readAll() {
        if (zip.capacity() > ARCHIVE_BYTES_MAX) {
            fault(
                    "",
                    "too-large",
                    "the archive has " + zip.capacity() + " bytes; " + ARCHIVE_BYTES_MAX + " are allowed");
            return;
        }
        int end = findEnd();
        if (end < 0) {
            fault("", "bad-archive", "this is no zip archive, or something stands behind it");
            return;
        }
        int entries = zip.getShort(end + 10) & 0xffff;
        int at = zip.getInt(end + 16);
        if (entries > ENTRIES_MAX) {
            fault("", "too-large", "the archive has " + entries + " entries; " + ENTRIES_MAX + " are allowed");
            return;
        }
        for (int i = 0; i < entries && faults.isEmpty(); i++) {
            at = readEntry(at);
        }
        // Who reads an archive from its front would find something else in it.
        if (faults.isEmpty() && at != end) {
            fault("", "bad-archive", "the archive holds octets that belong to none of its files");
        }
    }

    // With a comment that reaches to the archive's end, APPNOTE 4.3.16.
    private int findEnd() {
        int lowest = Math.max(0, zip.capacity() - END_BYTES - 0xffff);
        for (int at = zip.capacity() - END_BYTES; at >= lowest; at--) {
            if (zip.getInt(at) == END_SIGNATURE
                    && at + END_BYTES + (zip.getShort(at + 20) & 0xffff) == zip.capacity()) {
                return at;
            }
        }
        return -1;
    }

    private int readEntry(int at) {
        if (zip.getInt(at) != CENTRAL_SIGNATURE) {
            throw new IllegalArgumentException();
        }
        int nameLength = zip.getShort(at + 28) & 0xffff;
        int next =
                at + CENTRAL_BYTES + nameLength + (zip.getShort(at + 30) & 0xffff) + (zip.getShort(at + 32) & 0xffff);
        String name = name(at + CENTRAL_BYTES, nameLength);
        int system = zip.getShort(at + 4) >>> 8 & 0xff;
        int type = system == UNIX ? zip.getInt(at + 38) >>> 16 & TYPE_MASK : 0;
        boolean isFolder = name.endsWith("/");
        if (isFolder && (type == 0 || type == FOLDER)) {
            checkPath(name.substring(0, name.length() - 1), name);
            return next;
        }
        if (type != 0 && type != REGULAR) {
            fault(name, "bad-entry", "this is a link or a device, and only plain files are allowed");
        } else if (checkPath(name, name)) {
            readFile(at, name);
        }
        return next;
    }

    private String name(int at, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(zip.slice(at, length))
                    .toString();
        } catch (CharacterCodingException notText) {
            throw new IllegalArgumentException(notText);
        }
    }

    private boolean checkPath(String path, String name) {
        boolean isFine = path.length() <= PATH_CHARS_MAX && PATH.matcher(path).matches();
        if (!isFine) {
            fault(
                    name,
                    "bad-path",
                    "a path has letters, digits and ._@+- between single slashes, begins with none of them and with no dot,"
                            + " and has at most " + PATH_CHARS_MAX + " characters");
        }
        return isFine;
    }

    private void readFile(int central, String name) {
        int flags = zip.getShort(central + 8);
        int method = zip.getShort(central + 10);
        int packed = zip.getInt(central + 20);
        int size = zip.getInt(central + 24);
        int local = zip.getInt(central + 42);
        if ((flags & 1) != 0 || (method != STORED && method != DEFLATED) || packed < 0 || size < 0) {
            fault(name, "bad-entry", "the entry is encrypted or packed in a way other than stored or deflated");
            return;
        }
        if (size > CONTENT_BYTES_MAX - contentBytes) {
            fault(name, "too-large", "the files have more than " + CONTENT_BYTES_MAX + " bytes unpacked");
            return;
        }
        contentBytes += size;
        if (zip.getInt(local) != LOCAL_SIGNATURE) {
            throw new IllegalArgumentException();
        }
        int data = local + LOCAL_BYTES + (zip.getShort(local + 26) & 0xffff) + (zip.getShort(local + 28) & 0xffff);
        byte[] content = new byte[size];
        if (!unpack(zip.slice(data, packed), method, content) || crc(content) != zip.getInt(central + 16)) {
            fault(name, "bad-entry", "the content is damaged or has another size than the directory says");
        } else if (files.put(name, content) != null) {
            fault(name, "bad-entry", "the archive has two files of this name");
        }
    }

    private static boolean unpack(ByteBuffer packed, int method, byte[] into) {
        if (method == STORED) {
            if (packed.remaining() != into.length) {
                return false;
            }
            packed.get(into);
            return true;
        }
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(packed);
            int length = 0;
            while (length < into.length) {
                int count = inflater.inflate(into, length, into.length - length);
                if (count == 0) {
                    return false;
                }
                length += count;
            }
            // One byte more than told would be a lie about the size.
            return inflater.inflate(new byte[1]) == 0 && inflater.finished();
        } catch (DataFormatException damaged) {
            return false;
        }
    }

    private static int crc(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return (int) crc.getValue();
    }

    private void fault(String where, String code, String detail) {
        faults.add(new Fault(where, code, detail, Optional.empty()));
    }
}
