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
 * Puts in the gateway's own secrets wherever settings hold {@code {"secret": NAME}}, and finds what nobody is to see: these,
 * and what stands in members that a schema calls {@code writeOnly}.
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
        for (Map.Entry<String, JsonNode> member : settings.properties()) {
            String at = pointer + "/" + member.getKey().replace("~", "~0").replace("/", "~1");
            JsonNode described = schema.path("properties").path(member.getKey());
            member.setValue(visited(member.getValue(), described, at, depth + 1));
        }
    }

    private JsonNode visited(JsonNode value, JsonNode schema, String pointer, int depth) {
        if (isReference(value)) {
            return resolved(value, pointer);
        }
        if (schema.path("writeOnly").asBoolean(false)) {
            collect(value, depth);
        }
        if (value instanceof ObjectNode inner) {
            visit(inner, schema, pointer, depth);
        } else if (value instanceof ArrayNode items && depth <= DEPTH_MAX) {
            for (int i = 0; i < items.size(); i++) {
                items.set(i, visited(items.get(i), schema.path("items"), pointer + "/" + i, depth + 1));
            }
        }
        return value;
    }

    private static boolean isReference(JsonNode value) {
        return value.isObject() && value.size() == 1 && value.path(REFERENCE).isString();
    }

    private JsonNode resolved(JsonNode value, String pointer) {
        String name = value.path(REFERENCE).asString();
        Optional<String> text = known.apply(name);
        if (text.isEmpty()) {
            faults.add(new Fault(
                    pointer,
                    "unknown-secret",
                    "this gateway has no secret \"" + name + "\"",
                    Optional.of("make it under /v1/secrets")));
            return value;
        }
        found.add(text.get());
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
