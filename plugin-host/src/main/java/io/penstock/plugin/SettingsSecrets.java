package io.penstock.plugin;

import io.penstock.spi.PluginRefusedException.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Finds the members that a schema calls {@code writeOnly}: what they hold is a secret, and where they hold
 * {@code {"secret": NAME}} it is put in from the gateway's own secrets.
 */
final class SettingsSecrets {
    private static final int DEPTH_MAX = 32;
    private static final String REFERENCE = "secret";

    private final Function<String, Optional<String>> known;
    private final List<Fault> faults;
    private final List<String> found = new ArrayList<>();

    private SettingsSecrets(Function<String, Optional<String>> known, List<Fault> faults) {
        this.known = known;
        this.faults = faults;
    }

    /**
     * Resolves references in place.
     *
     * @param known gives a secret by its name
     * @param faults get one for each name that is not known
     * @return every text that is a secret
     */
    static List<String> resolve(
            ObjectNode settings, JsonNode schema, Function<String, Optional<String>> known, List<Fault> faults) {
        SettingsSecrets secrets = new SettingsSecrets(known, faults);
        secrets.visit(settings, schema, "", 0);
        return secrets.found;
    }

    private void visit(ObjectNode settings, JsonNode schema, String pointer, int depth) {
        if (depth > DEPTH_MAX) {
            return;
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode value = settings.get(property.getKey());
            if (value != null) {
                String at = pointer + "/" + property.getKey().replace("~", "~0").replace("/", "~1");
                settings.set(property.getKey(), visited(value, property.getValue(), at, depth + 1));
            }
        }
    }

    private JsonNode visited(JsonNode value, JsonNode schema, String pointer, int depth) {
        if (schema.path("writeOnly").asBoolean(false)) {
            JsonNode resolved = resolved(value, pointer);
            collect(resolved, depth);
            return resolved;
        }
        if (value instanceof ObjectNode inner) {
            visit(inner, schema, pointer, depth);
        } else if (value instanceof ArrayNode items) {
            for (int i = 0; i < items.size(); i++) {
                items.set(i, visited(items.get(i), schema.path("items"), pointer + "/" + i, depth + 1));
            }
        }
        return value;
    }

    private JsonNode resolved(JsonNode value, String pointer) {
        JsonNode name = value.path(REFERENCE);
        if (!value.isObject() || value.size() != 1 || !name.isString()) {
            return value;
        }
        Optional<String> text = known.apply(name.asString());
        if (text.isEmpty()) {
            faults.add(new Fault(
                    pointer,
                    "unknown-secret",
                    "this gateway has no secret \"" + name.asString() + "\"",
                    Optional.of("make it under /v1/secrets")));
            return value;
        }
        return StringNode.valueOf(text.get());
    }

    private void collect(JsonNode value, int depth) {
        if (value.isString()) {
            found.add(value.asString());
        } else if (depth < DEPTH_MAX) {
            for (JsonNode inner : value) {
                collect(inner, depth + 1);
            }
        }
    }
}
