package io.penstock.plugin;

import io.penstock.config.OnFailure;
import io.penstock.plugin.bridge.FetchGrant;
import io.penstock.plugin.bridge.ScriptGrants;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What a package says of itself in {@code plugin.json}.
 *
 * @param name lower case letters, digits and hyphens
 * @param version semver
 * @param entry path of the module whose default export has the hooks
 * @param configSchema JSON Schema 2020-12 of a binding's settings, as JSON text
 * @param onFailure what happens to a request whose hook fails, unless the binding says
 * @param isRepeatable whether a hook may run again after its context was ended
 * @param stage where the plugin belongs by default
 * @param requires variables of other plugins that it reads
 * @param sourceMap path of the entry's source map
 */
record Manifest(
        String name,
        String version,
        String entry,
        Optional<String> configSchema,
        Permissions permissions,
        Limits limits,
        OnFailure onFailure,
        BodyRules body,
        boolean isRepeatable,
        Optional<String> stage,
        List<String> requires,
        Optional<String> sourceMap) {
    Manifest {
        requires = List.copyOf(requires);
    }

    /** What the plugin may reach: origins for fetch, namespaces of the store, upstreams to send requests to. */
    record Permissions(Set<String> fetch, Set<String> kv, Set<String> upstreams) {
        Permissions {
            fetch = Set.copyOf(fetch);
            kv = Set.copyOf(kv);
            upstreams = Set.copyOf(upstreams);
        }
    }

    /**
     * Budgets.
     *
     * @param cpuMs CPU time of one entry into the script
     * @param requestCpuMs CPU time of all hooks of one request, and again for each 16 KiB of body that they see
     * @param wallMs time a hook may wait for its promise
     * @param memoryMb what one entry may allocate
     * @param bodyBytes longest body that a hook may ask for as a whole
     * @param subrequests requests that one request may cause
     */
    record Limits(int cpuMs, int requestCpuMs, int wallMs, int memoryMb, int bodyBytes, int subrequests) {
        static final Limits DEFAULT = new Limits(
                ManifestLimit.CPU_MS.standard(),
                ManifestLimit.REQUEST_CPU_MS.standard(),
                ManifestLimit.WALL_MS.standard(),
                ManifestLimit.MEMORY_MB.standard(),
                ManifestLimit.BODY_BYTES.standard(),
                ManifestLimit.SUBREQUESTS.standard());
    }

    /** How body hooks get a body: decoded or as it came, of which media types, and whether its length stays. */
    record BodyRules(boolean decode, List<String> contentTypes, boolean sameLength) {
        static final BodyRules DEFAULT = new BodyRules(false, List.of(), false);

        BodyRules {
            contentTypes = List.copyOf(contentTypes);
        }
    }

    /** What its scripts may do beyond their own exchange. */
    ScriptGrants grants() {
        return new ScriptGrants(
                new FetchGrant(permissions.fetch()),
                permissions.kv(),
                permissions.upstreams(),
                limits.bodyBytes(),
                TimeUnit.MILLISECONDS.toNanos(limits.wallMs()));
    }

    /** Name and version as configs and logs write them. */
    String id() {
        return name + "@" + version;
    }
}
