package io.penstock.appliance.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The gateways that a user talks to, by name, with their tokens: one file in the user's configuration folder that nobody
 * else may read.
 *
 * @param file where they are kept
 * @param current the name of the one in use
 * @param byName sorted
 */
record Contexts(Path file, Optional<String> current, Map<String, Context> byName) {
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    private static final String CURRENT = "current";
    private static final String CONTEXTS = "contexts";
    private static final String ADMIN = "admin";
    private static final String TOKEN = "token";
    private static final String FINGERPRINT = "fingerprint";

    /**
     * A gateway.
     *
     * @param admin the address of its admin API
     * @param token the bearer token, if one is kept
     * @param fingerprint of the only certificate to believe there; empty for what this machine trusts
     */
    record Context(String admin, Optional<String> token, Optional<String> fingerprint) {
        @Override
        public String toString() {
            return "Context[" + admin + "]";
        }
    }

    /** Where the file is: {@code $XDG_CONFIG_HOME/penstock/contexts.json}, or in {@code ~/.config}. */
    static Path place(Map<String, String> environment) {
        String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = configured.startsWith("/")
                ? Path.of(configured)
                : Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".config");
        return folder.resolve("penstock").resolve("contexts.json");
    }

    /** Reads the file; no file means no contexts. */
    static Contexts read(Path file) {
        try {
            String text = Files.readString(file);
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(OTHERS::contains)) {
                throw new CommandFailure(
                        ExitCode.FAILED,
                        file + " holds tokens and others may read it. Revoke the tokens in it, then: chmod 600 "
                                + file);
            }
            return parse(file, JsonMapper.shared().readTree(text));
        } catch (NoSuchFileException none) {
            return new Contexts(file, Optional.empty(), Map.of());
        } catch (IOException unreadable) {
            throw FileTrouble.unread(file.toString(), unreadable);
        } catch (JacksonException broken) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    file + " is no JSON: " + broken.getOriginalMessage()
                            + ". Mend it, or delete it and keep the contexts" + " anew with: penstock context add");
        }
    }

    private static Contexts parse(Path file, JsonNode tree) {
        Map<String, Context> byName = new TreeMap<>();
        tree.path(CONTEXTS)
                .properties()
                .forEach(entry -> byName.put(
                        entry.getKey(),
                        new Context(
                                entry.getValue().path(ADMIN).asString(""),
                                optional(entry.getValue().path(TOKEN)),
                                optional(entry.getValue().path(FINGERPRINT)))));
        return new Contexts(file, optional(tree.path(CURRENT)).filter(byName::containsKey), byName);
    }

    private static Optional<String> optional(JsonNode text) {
        return text.isString() ? Optional.of(text.stringValue()) : Optional.empty();
    }

    /** The one in use. */
    Optional<Context> inUse() {
        return current.map(byName::get);
    }

    /** The one of a name. */
    Context named(String name) {
        Context context = byName.get(name);
        if (context == null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "There is no context \"" + name + "\". "
                            + (byName.isEmpty()
                                    ? "Make one with: penstock context add NAME --admin URL --token-file FILE"
                                    : "Known: " + String.join(", ", byName.keySet())));
        }
        return context;
    }

    Contexts with(String name, Context context) {
        Map<String, Context> next = new TreeMap<>(byName);
        next.put(name, context);
        return new Contexts(file, Optional.of(name), next);
    }

    Contexts without(String name) {
        Map<String, Context> next = new TreeMap<>(byName);
        next.remove(name);
        return new Contexts(file, current.filter(used -> !used.equals(name)), next);
    }

    Contexts using(String name) {
        return new Contexts(file, Optional.of(name), byName);
    }

    /** Writes the file whole or not at all, never readable by others for a moment. */
    void write() {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        current.ifPresent(name -> tree.put(CURRENT, name));
        ObjectNode all = tree.putObject(CONTEXTS);
        byName.forEach((name, context) -> {
            ObjectNode one = all.putObject(name).put(ADMIN, context.admin());
            context.token().ifPresent(token -> one.put(TOKEN, token));
            context.fingerprint().ifPresent(fingerprint -> one.put(FINGERPRINT, fingerprint));
        });
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null && Files.notExists(folder)) {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
            }
            Path draft = file.resolveSibling("contexts.json.new");
            Files.deleteIfExists(draft);
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_FILE));
            Files.write(draft, (tree.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new CommandFailure(ExitCode.FAILED, file + " cannot be written: " + failed.getMessage());
        }
    }
}
