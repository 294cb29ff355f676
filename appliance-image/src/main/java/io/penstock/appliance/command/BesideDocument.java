package io.penstock.appliance.command;

import io.penstock.admin.resource.ValueResolver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Reads {@code {file: p}} beside a document and {@code {env: V}} from this process. */
final class BesideDocument implements ValueResolver {
    private static final long BYTES_MAX = 4 << 20;

    private final Path folder;
    private final Map<String, String> environment;

    BesideDocument(Path document, Map<String, String> environment) {
        Path parent = document.toAbsolutePath().getParent();
        this.folder = parent == null ? Path.of("/") : parent;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public String file(String path) {
        Path file = folder.resolve(path);
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IllegalArgumentException("file " + file + " has more than " + BYTES_MAX + " bytes");
            }
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    FileTrouble.unread("file " + file, unreadable).text(), unreadable);
        }
    }

    @Override
    public Map<String, byte[]> folder(String path) {
        return PluginFolder.packed(folder.resolve(path));
    }

    @Override
    public String env(String variable) {
        String value = environment.get(variable);
        if (value == null) {
            throw new IllegalArgumentException("the environment has no variable " + variable);
        }
        return value;
    }
}
