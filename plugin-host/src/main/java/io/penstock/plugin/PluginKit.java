package io.penstock.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The packages that authors of plugins use, as files: {@code @penstock/plugin} and {@code @penstock/plugin-test}. */
public final class PluginKit {
    private static final List<String> FILES = List.of(
            "plugin/index.d.ts",
            "plugin/index.js",
            "plugin/package.json",
            "test/exchange.js",
            "test/gateway.js",
            "test/globals.js",
            "test/index.d.ts",
            "test/index.js",
            "test/package.json",
            "test/settings.js");
    // The gateway's own scripts, which tests under Node call hooks through.
    private static final List<String> SCRIPTS = List.of(
            "bodies.js",
            "clock.js",
            "context.js",
            "fields.js",
            "hooks.js",
            "live.js",
            "messages.js",
            "streams.js",
            "text.js");

    private PluginKit() {}

    /** All files; the first part of a path is the package, {@code plugin} or {@code plugin-test}. */
    public static Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        for (String file : FILES) {
            files.put(file.startsWith("test/") ? "plugin-" + file : file, read("kit/" + file));
        }
        SCRIPTS.forEach(file -> files.put("plugin-test/host/" + file, read("js/" + file)));
        return files;
    }

    private static byte[] read(String file) {
        try (InputStream in = Objects.requireNonNull(PluginKit.class.getResourceAsStream(file), file)) {
            return in.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
