package io.penstock.admin.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The plugins beside the store, in the folder {@code last-good-plugins}: each package in a file named after its hash, and
 * {@code index.json} that says which version each is. A snapshot of the configuration names versions; these are they.
 */
final class PluginCopy {

    private static final Logger LOG = LoggerFactory.getLogger(PluginCopy.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String INDEX = "index.json";
    private static final String PACKAGE = ".zip";

    private PluginCopy() {}

    static Path path(Path folder) {
        return folder.resolve("last-good-plugins");
    }

    static boolean exists(Path folder) {
        return Files.exists(path(folder).resolve(INDEX));
    }

    static boolean hasContent(Path folder, String sha256) {
        return Files.exists(path(folder).resolve(sha256 + PACKAGE));
    }

    /** Writes a package, whole or not at all, flushed to the disk with its name. */
    static void addContent(Path folder, String sha256, byte[] content) throws IOException {
        if (Files.notExists(path(folder))) {
            Files.createDirectory(
                    path(folder), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            DataFolder.flushFolder(folder);
        }
        DataFolder.writeWhole(path(folder).resolve(sha256 + PACKAGE), content);
    }

    static void writeIndex(Path folder, List<PluginRecord> plugins) throws IOException {
        ArrayNode list = JSON.createArrayNode();
        plugins.forEach(plugin -> list.add(toJson(plugin)));
        String body = JSON.writeValueAsString(list);
        ObjectNode file = JSON.createObjectNode();
        file.put("format", SnapshotFile.FORMAT);
        file.put("sha256", sum(body));
        // As text, so that the checksum is over exactly what is read again.
        file.put("plugins", body);
        DataFolder.writeWhole(path(folder).resolve(INDEX), JSON.writeValueAsBytes(file));
    }

    /** Deletes packages that are in no version. */
    static void sweep(Path folder, List<PluginRecord> kept) throws IOException {
        Set<String> names =
                kept.stream().map(plugin -> plugin.sha256() + PACKAGE).collect(Collectors.toSet());
        List<Path> unwanted;
        try (Stream<Path> files = Files.list(path(folder))) {
            unwanted = files.filter(file -> {
                        String name = String.valueOf(file.getFileName());
                        return !name.equals(INDEX) && !names.contains(name);
                    })
                    .toList();
        }
        for (Path file : unwanted) {
            Files.deleteIfExists(file);
        }
    }

    /** What the copy claims to hold; nothing if it cannot be read, which is told. */
    static List<PluginRecord> readIndex(Path folder) {
        if (!exists(folder)) {
            return List.of();
        }
        Path index = path(folder).resolve(INDEX);
        try {
            JsonNode copy = JSON.readTree(Files.readAllBytes(index));
            String body = copy.required("plugins").stringValue();
            if (copy.required("format").intValue() != SnapshotFile.FORMAT
                    || !copy.required("sha256").stringValue().equals(sum(body))) {
                throw new IOException(index + " is damaged or of another format");
            }
            List<PluginRecord> plugins = new ArrayList<>();
            for (JsonNode plugin : JSON.readTree(body)) {
                plugins.add(fromJson(plugin));
            }
            return plugins;
        } catch (IOException | JacksonException | IllegalArgumentException unreadable) {
            LOG.error("The plugins are lost, store them again: {}", unreadable.getMessage());
            return List.of();
        }
    }

    /** A package with the hash that its name claims; empty if there is none, which is told. */
    static Optional<byte[]> readContent(Path folder, String sha256) {
        Path file = path(folder).resolve(sha256 + PACKAGE);
        try {
            byte[] content = Files.readAllBytes(file);
            if (PluginTable.sha256(content).equals(sha256)) {
                return Optional.of(content);
            }
            LOG.error("A plugin is lost, store it again: {} is damaged", file);
        } catch (IOException unreadable) {
            LOG.error("A plugin is lost, store it again: {}", unreadable.toString());
        }
        return Optional.empty();
    }

    private static String sum(String body) {
        return HexFormat.of().formatHex(FramedDigest.sha256().digest(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static ObjectNode toJson(PluginRecord plugin) {
        ObjectNode node = JSON.createObjectNode();
        node.put("name", plugin.name());
        node.put("version", plugin.version());
        node.put("sha256", plugin.sha256());
        node.put("bytes", plugin.bytes());
        node.put("manifest", plugin.manifest());
        plugin.hooks().forEach(node.putArray("hooks")::add);
        plugin.warnings().forEach(node.putArray("warnings")::add);
        node.put("created", plugin.created().toEpochMilli());
        node.put("createdBy", plugin.createdBy());
        plugin.note().ifPresent(note -> node.put("note", note));
        return node;
    }

    private static PluginRecord fromJson(JsonNode node) {
        return new PluginRecord(
                node.required("name").stringValue(),
                node.required("version").stringValue(),
                node.required("sha256").stringValue(),
                node.required("bytes").longValue(),
                node.required("manifest").stringValue(),
                texts(node.required("hooks")),
                texts(node.required("warnings")),
                Instant.ofEpochMilli(node.required("created").longValue()),
                node.required("createdBy").stringValue(),
                node.path("note").stringValueOpt());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.stringValue()));
        return texts;
    }
}
