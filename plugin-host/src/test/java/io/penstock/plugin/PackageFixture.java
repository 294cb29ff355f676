package io.penstock.plugin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Builds packages for tests. */
final class PackageFixture {
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    /** A package whose manifest has the members given beside name, version, api and entry. */
    static PackageFixture named(String name, String version, String moreMembers) {
        String more = moreMembers.isBlank() ? "" : ", " + moreMembers;
        return new PackageFixture()
                .file(
                        "plugin.json",
                        "{\"name\": \"" + name + "\", \"version\": \"" + version
                                + "\", \"api\": 1, \"entry\": \"main.mjs\"" + more + "}");
    }

    PackageFixture file(String path, String text) {
        files.put(path, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    PackageFixture main(String script) {
        return file("main.mjs", script);
    }

    byte[] zip() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                // The same files make the same package.
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
