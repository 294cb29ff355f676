package io.penstock.admin.store;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The last good configuration beside the store, {@code last-good.N.json}: what serves when the store itself cannot be read.
 *
 * <p>The file is JSON:
 *
 * <pre>
 * {"format":1,"sha256":"(64 hexadecimal digits)","snapshot":{"revision":42,"contentHash":"...","resources":[
 * {"lastChanged":41,"type":"routes","name":"orders","resource":{...}},
 * ...
 * ]}}
 * </pre>
 *
 * The checksum is over the bytes of the snapshot's value, the last brace and line break of the file excluded. A reader
 * takes the file apart by these fixed texts: it is read only if it is, byte for byte, what was written.
 */
final class SnapshotFile {

    static final int FORMAT = 1;
    static final int GENERATIONS = 2;

    private static final Pattern NAME = Pattern.compile("last-good\\.([0-9]{1,18})\\.json");
    private static final String HEAD = "{\"format\":" + FORMAT + ",\"sha256\":\"";
    private static final String AFTER_SUM = "\",\"snapshot\":";
    private static final int SUM_CHARS = 64;
    private static final String TAIL = "}\n";
    private static final Pattern BODY_HEAD =
            Pattern.compile("\\{\"revision\":([0-9]{1,18}),\"contentHash\":\"([0-9a-f]{64})\",\"resources\":\\[");
    private static final String BODY_TAIL = "]}";

    private SnapshotFile() {}

    /** A file and the revision its name speaks of. */
    record Named(Path path, long revision) {}

    /** All snapshots of a folder, newest first; whether they can be read is another question. */
    static List<Named> list(Path folder) throws IOException {
        List<Named> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> {
                Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
                if (name.matches()) {
                    found.add(new Named(file, Long.parseLong(name.group(1))));
                }
            });
        }
        found.sort(Comparator.comparingLong(Named::revision).reversed());
        return found;
    }

    static Path pathOf(Path folder, long revision) {
        return folder.resolve("last-good." + revision + ".json");
    }

    /**
     * Reads and checks a snapshot.
     *
     * @throws IOException if it is not, byte for byte, what was written, or is of another format; the message says so
     */
    static StoredConfig read(Path file) throws IOException {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int bodyStart = HEAD.length() + SUM_CHARS + AFTER_SUM.length();
        if (!text.startsWith(HEAD)
                || text.length() < bodyStart + TAIL.length()
                || !text.startsWith(AFTER_SUM, HEAD.length() + SUM_CHARS)
                || !text.endsWith(TAIL)) {
            throw new IOException(file + " is not a snapshot of format " + FORMAT + ", or not whole");
        }
        String body = text.substring(bodyStart, text.length() - TAIL.length());
        String sum = HexFormat.of().formatHex(FramedDigest.sha256().digest(body.getBytes(StandardCharsets.UTF_8)));
        if (!text.startsWith(sum, HEAD.length())) {
            throw new IOException(file + " is damaged: its checksum does not match");
        }
        return parse(file, body);
    }

    private static StoredConfig parse(Path file, String body) throws IOException {
        BufferedReader lines = new BufferedReader(new StringReader(body));
        Matcher head = BODY_HEAD.matcher(String.valueOf(lines.readLine()));
        if (!head.matches()) {
            throw new IOException(file + " has no head");
        }
        SortedMap<ResourceKey, StoredResource> resources = new TreeMap<>();
        ContentHash content = ContentHash.EMPTY;
        String line = lines.readLine();
        while (line != null && !line.equals(BODY_TAIL)) {
            StateLine one = StateLine.parse(line.endsWith(",") ? line.substring(0, line.length() - 1) : line);
            resources.put(one.key(), one.resource());
            content = content.plus(one.key(), one.resource().json());
            line = lines.readLine();
        }
        if (line == null || !content.toString().equals(head.group(2))) {
            throw new IOException(file + " does not hold what its hash says");
        }
        return new StoredConfig(Long.parseLong(head.group(1)), resources);
    }

    /** Writes a snapshot whole or not at all, flushed to the disk with its name, and keeps one generation before it. */
    static Path write(Path folder, StoredConfig config) throws IOException {
        try (Writer writer = new Writer(folder, config.revision(), ContentHash.of(config.resources()))) {
            for (var entry : config.resources().entrySet()) {
                writer.add(new StateLine(entry.getKey(), entry.getValue()).text());
            }
            return writer.finish();
        }
    }

    /** Writes a snapshot line by line, however large. One use; closing without {@link #finish} leaves nothing. */
    static final class Writer implements AutoCloseable {
        private final Path folder;
        private final long revision;
        private final Path draft;
        private final FileChannel channel;
        private final MessageDigest digest = FramedDigest.sha256();
        private final OutputStream body;
        private boolean isFirst = true;

        Writer(Path folder, long revision, ContentHash content) throws IOException {
            this.folder = folder;
            this.revision = revision;
            this.draft = folder.resolve("last-good.new");
            DataFolder.makeOwnerFile(draft);
            this.channel = FileChannel.open(
                    draft, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
            this.body = new Digesting(new BufferedOutputStream(Channels.newOutputStream(channel), 64 * 1024), digest);
            channel.write(ByteBuffer.wrap(ascii(HEAD + "0".repeat(SUM_CHARS) + AFTER_SUM)));
            body.write(ascii("{\"revision\":" + revision + ",\"contentHash\":\"" + content + "\",\"resources\":["));
        }

        void add(String line) throws IOException {
            body.write(ascii(isFirst ? "\n" : ",\n"));
            body.write(line.getBytes(StandardCharsets.UTF_8));
            isFirst = false;
        }

        Path finish() throws IOException {
            body.write(ascii("\n" + BODY_TAIL));
            body.flush();
            channel.write(ByteBuffer.wrap(ascii(TAIL)));
            channel.write(ByteBuffer.wrap(ascii(HexFormat.of().formatHex(digest.digest()))), HEAD.length());
            channel.force(true);
            channel.close();
            Path target = pathOf(folder, revision);
            DataFolder.replace(draft, target);
            prune();
            return target;
        }

        private void prune() throws IOException {
            // Those above are of a history that was given up; those far below are too old to be wanted.
            int kept = 0;
            for (Named each : list(folder)) {
                if (each.revision() > revision || ++kept > GENERATIONS) {
                    Files.deleteIfExists(each.path());
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (channel.isOpen()) {
                channel.close();
                Files.deleteIfExists(draft);
            }
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
    }

    private static final class Digesting extends FilterOutputStream {
        private final MessageDigest digest;

        Digesting(OutputStream out, MessageDigest digest) {
            super(out);
            this.digest = digest;
        }

        @Override
        public void write(int one) throws IOException {
            digest.update((byte) one);
            out.write(one);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            digest.update(bytes, offset, length);
            out.write(bytes, offset, length);
        }
    }
}
