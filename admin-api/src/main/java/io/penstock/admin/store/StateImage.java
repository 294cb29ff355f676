package io.penstock.admin.store;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** A full state as it is kept beside the deltas: lines, deflated for speed rather than size. */
final class StateImage {

    private StateImage() {}

    /** Takes lines and gives their image. One use. */
    static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        private final OutputStream out = new DeflaterOutputStream(bytes, deflater, 64 * 1024);

        void add(String line) throws IOException {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }

        byte[] finish() throws IOException {
            out.close();
            deflater.end();
            return bytes.toByteArray();
        }
    }

    static SortedMap<ResourceKey, StoredResource> read(byte[] image) throws IOException {
        SortedMap<ResourceKey, StoredResource> resources = new TreeMap<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new InflaterInputStream(new ByteArrayInputStream(image)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                StateLine one = StateLine.parse(line);
                resources.put(one.key(), one.resource());
            }
        }
        return resources;
    }
}
