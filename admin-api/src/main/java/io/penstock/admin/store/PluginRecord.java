package io.penstock.admin.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A version of a plugin as it is kept, without its package. It never changes.
 *
 * @param version as its manifest says
 * @param sha256 of the package's bytes, lower-case hex
 * @param bytes how long the package is
 * @param manifest the manifest's text
 * @param hooks the hooks that its module has
 * @param warnings what was found odd when it was checked
 * @param created when it was stored
 * @param createdBy who stored it, e.g. {@code token:deploy}
 * @param note the operator's words
 */
public record PluginRecord(
        String name,
        String version,
        String sha256,
        long bytes,
        String manifest,
        List<String> hooks,
        List<String> warnings,
        Instant created,
        String createdBy,
        Optional<String> note) {

    public PluginRecord {
        hooks = List.copyOf(hooks);
        warnings = List.copyOf(warnings);
    }

    /** Name and version as configurations and logs write them. */
    public String id() {
        return name + "@" + version;
    }
}
