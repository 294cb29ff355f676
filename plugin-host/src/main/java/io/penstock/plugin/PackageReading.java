package io.penstock.plugin;

import io.penstock.plugin.js.ScriptPackage;
import io.penstock.plugin.js.SourceMap;
import io.penstock.plugin.js.StackText;
import io.penstock.spi.PluginRefusedException;
import io.penstock.spi.PluginRefusedException.Fault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A package taken apart: its manifest, its schema, its files; nothing of it has run.
 *
 * @param manifestText the manifest as it lies in the archive
 */
record PackageReading(
        Manifest manifest,
        String manifestText,
        String sha256,
        ScriptPackage scripts,
        ConfigSchema schema,
        StackText stacks) {

    /**
     * Reads a package.
     *
     * @throws PluginRefusedException with every fault found
     */
    static PackageReading of(byte[] zip) throws PluginRefusedException {
        List<Fault> faults = new ArrayList<>();
        Map<String, byte[]> files = PluginArchive.read(zip, faults);
        refuseIfAny(faults);
        byte[] manifestBytes = files.get(ManifestReader.FILE);
        if (manifestBytes == null) {
            throw new PluginRefusedException(List.of(new Fault(
                    ManifestReader.FILE,
                    "missing",
                    "the archive has no plugin.json at its top level",
                    Optional.of("zip the files themselves, not the folder that holds them"))));
        }
        Manifest manifest = ManifestReader.read(manifestBytes, faults);
        if (manifest == null) {
            throw new PluginRefusedException(faults);
        }
        requireFile(manifest.entry(), "/entry", files, faults);
        manifest.sourceMap().ifPresent(path -> requireFile(path, "/sourceMap", files, faults));
        ConfigSchema schema = ConfigSchema.of(manifest.configSchema(), faults);
        SourceMap map = sourceMap(manifest, files, faults);
        refuseIfAny(faults);
        return new PackageReading(
                manifest,
                new String(manifestBytes, StandardCharsets.UTF_8),
                sha256(zip),
                new ScriptPackage(manifest.id(), manifest.entry(), files),
                schema,
                new StackText(manifest.entry(), map));
    }

    private static void requireFile(String path, String pointer, Map<String, byte[]> files, List<Fault> faults) {
        if (!path.isEmpty() && !files.containsKey(path)) {
            faults.add(new Fault(
                    ManifestReader.FILE + "#" + pointer,
                    "missing-file",
                    "the package has no file \"" + path + "\"",
                    Optional.empty()));
        }
    }

    @Nullable
    private static SourceMap sourceMap(Manifest manifest, Map<String, byte[]> files, List<Fault> faults) {
        byte[] map = files.get(manifest.sourceMap().orElse(""));
        if (map == null) {
            return null;
        }
        try {
            return SourceMap.read(map);
        } catch (IllegalArgumentException damaged) {
            faults.add(new Fault(
                    manifest.sourceMap().orElse(""),
                    "bad-source-map",
                    String.valueOf(damaged.getMessage()),
                    Optional.empty()));
            return null;
        }
    }

    private static void refuseIfAny(List<Fault> faults) throws PluginRefusedException {
        if (!faults.isEmpty()) {
            throw new PluginRefusedException(faults);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException everyJvmHasIt) {
            throw new IllegalStateException(everyJvmHasIt);
        }
    }
}
