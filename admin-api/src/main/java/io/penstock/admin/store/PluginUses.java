package io.penstock.admin.store;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which versions of plugins a stored resource names: every object with a member {@code use}, {@code NAME@RANGE}, and the
 * member {@code resolved}, the version that the range stood for.
 */
final class PluginUses {

    private static final String RESOLVED = "resolved";

    private PluginUses() {}

    /** The versions named, each as {@code NAME@VERSION}. */
    static Set<String> in(String json) {
        Set<String> found = new TreeSet<>();
        // Most resources name none, and need not be read.
        if (json.contains("\"" + RESOLVED + "\"")) {
            try {
                collect(JsonMapper.shared().readTree(json), found);
            } catch (JacksonException unreadable) {
                throw new IllegalArgumentException("a stored resource is no JSON", unreadable);
            }
        }
        return found;
    }

    private static void collect(JsonNode node, Set<String> found) {
        if (node.isObject()) {
            name(node)
                    .ifPresent(name ->
                            node.path(RESOLVED).stringValueOpt().ifPresent(version -> found.add(name + "@" + version)));
        }
        node.forEach(inner -> collect(inner, found));
    }

    private static Optional<String> name(JsonNode node) {
        return node.path("use")
                .stringValueOpt()
                .filter(use -> use.indexOf('@') > 0)
                .map(use -> use.substring(0, use.indexOf('@')));
    }
}
