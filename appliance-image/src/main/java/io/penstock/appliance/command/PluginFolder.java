package io.penstock.appliance.command;

import io.penstock.admin.resource.PluginRegistry;
import io.penstock.admin.resource.PluginZip;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A plugin as its author has it: a folder with {@code plugin.json}. Hidden files and {@code node_modules} are not packed; where the
 * manifest names what {@code build} made, neither is what it was made of.
 */
final class PluginFolder {
    private static final String MANIFEST = "plugin.json";
    private static final String DEPENDENCIES = "node_modules";
    private static final int FILES_MAX = 512;
    private static final long BYTES_MAX = 16L << 20;

    private final Path folder;
    private final Map<String, byte[]> files;
    private final Map<String, byte[]> packed;
    private final ObjectNode manifest;

    private PluginFolder(Path folder, Map<String, byte[]> files, ObjectNode manifest) {
        this.folder = folder;
        this.files = files;
        this.packed = packed(files, manifest.path("entry").asString(""));
        this.manifest = manifest;
    }

    /**
     * Reads a plugin's folder.
     *
     * @throws CommandFailure if it is none
     */
    static PluginFolder read(Path folder) {
        try {
            Map<String, byte[]> files = files(folder);
            JsonNode manifest = JsonMapper.shared().readTree(files.getOrDefault(MANIFEST, new byte[0]));
            if (!(manifest instanceof ObjectNode object)) {
                throw new CommandFailure(ExitCode.USAGE, folder.resolve(MANIFEST) + " is no JSON object");
            }
            return new PluginFolder(folder, files, object);
        } catch (IllegalArgumentException unfit) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(unfit.getMessage()));
        } catch (JacksonException noJson) {
            throw new CommandFailure(
                    ExitCode.FAILED, folder.resolve(MANIFEST) + " is no JSON: " + noJson.getOriginalMessage());
        }
    }

    private static Map<String, byte[]> packed(Map<String, byte[]> files, String entry) {
        if (!PluginBuild.isBuilt(entry)) {
            return files;
        }
        Map<String, byte[]> packed = new TreeMap<>(files);
        packed.keySet()
                .removeIf(path -> !path.startsWith("dist/")
                        && !path.equals(MANIFEST)
                        && !path.equals("self-test.json")
                        && !path.matches("(README|LICENSE|NOTICE)[^/]*"));
        return packed;
    }

    /**
     * What belongs into the package of a folder, by the paths inside it.
     *
     * @throws IllegalArgumentException if there is no manifest, or too much
     */
    static Map<String, byte[]> packed(Path folder) {
        Map<String, byte[]> files = files(folder);
        try {
            JsonNode manifest = JsonMapper.shared().readTree(files.getOrDefault(MANIFEST, new byte[0]));
            return packed(files, manifest.path("entry").asString(""));
        } catch (JacksonException noJson) {
            // Whoever takes the package says so.
            return files;
        }
    }

    /** All files, those of tests and sources too. */
    Map<String, byte[]> files() {
        return files;
    }

    /** Whether the manifest names what {@code build} made. */
    boolean isBuilt() {
        return PluginBuild.isBuilt(manifest.path("entry").asString(""));
    }

    /** A hash of all files that are not packed as a build left them. */
    String sources() {
        Map<String, byte[]> sources = new TreeMap<>(files);
        sources.keySet().removeIf(PluginBuild::isBuilt);
        return PluginRegistry.sha256(PluginZip.of(sources));
    }

    /**
     * All files of a folder by their paths inside it.
     *
     * @throws IllegalArgumentException if there is no manifest among them, or too much
     */
    static Map<String, byte[]> files(Path folder) {
        if (!Files.isRegularFile(folder.resolve(MANIFEST))) {
            throw new IllegalArgumentException("folder " + folder + " has no " + MANIFEST);
        }
        Map<String, byte[]> files = new TreeMap<>();
        Set<FileVisitOption> noLinks = EnumSet.noneOf(FileVisitOption.class);
        try {
            Files.walkFileTree(folder, noLinks, 16, new Packing(folder, files));
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "folder " + folder + " cannot be read: " + FileTrouble.reason(unreadable), unreadable);
        }
        return files;
    }

    /** Gathers what belongs into a package, within bounds. */
    private static final class Packing extends SimpleFileVisitor<Path> {
        private final Path folder;
        private final Map<String, byte[]> files;
        private long bytes;

        Packing(Path folder, Map<String, byte[]> files) {
            this.folder = folder;
            this.files = files;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            boolean isLeftOut =
                    !path.equals(folder) && (isHidden(path) || name(path).equals(DEPENDENCIES));
            return isLeftOut ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
            if (attributes.isRegularFile() && !isHidden(path)) {
                bytes += attributes.size();
                if (files.size() >= FILES_MAX || bytes > BYTES_MAX) {
                    throw new IllegalArgumentException("folder " + folder + " has more than " + FILES_MAX + " files or "
                            + BYTES_MAX + " bytes; is it a plugin's?");
                }
                files.put(folder.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
            }
            return FileVisitResult.CONTINUE;
        }

        private static boolean isHidden(Path path) {
            return name(path).startsWith(".");
        }

        private static String name(Path path) {
            return String.valueOf(path.getFileName());
        }
    }

    String name() {
        return member("name");
    }

    String version() {
        return member("version");
    }

    private String member(String member) {
        String text = manifest.path(member).asString("");
        if (text.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.FAILED, folder.resolve(MANIFEST) + ": \"" + member + "\" is missing or empty");
        }
        return text;
    }

    /** The package. */
    byte[] zip() {
        return PluginZip.of(packed);
    }

    /** The package under another version. */
    byte[] zip(String version) {
        Map<String, byte[]> renamed = new TreeMap<>(packed);
        renamed.put(
                MANIFEST,
                JsonMapper.shared().writeValueAsBytes(manifest.deepCopy().put("version", version)));
        return PluginZip.of(renamed);
    }
}
