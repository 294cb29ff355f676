package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * TypeScript's view of a {@code configSchema}: what a hook finds in {@code ctx.config}, with defaults filled in. What a schema
 * says and a type cannot, such as a pattern, is left out; what is not understood is {@code unknown}.
 */
final class ConfigTypes {
    private static final int DEPTH_MAX = 32;
    private static final String STEP = "  ";

    private final JsonNode root;

    private ConfigTypes(JsonNode root) {
        this.root = root;
    }

    /** A module that exports type {@code Config}. */
    static String of(JsonNode schema) {
        String type = schema.isObject() ? new ConfigTypes(schema).type(schema, "", 0) : "Record<string, unknown>";
        return "// Written by \"penstock plugin types\" from configSchema of plugin.json.\n" + "export type Config = "
                + type + ";\n";
    }

    private String type(JsonNode schema, String indent, int depth) {
        if (depth > DEPTH_MAX || schema.isBoolean()) {
            return schema.isBoolean() && !schema.asBoolean() ? "never" : "unknown";
        }
        if (schema.has("$ref")) {
            return referred(schema.path("$ref").asString(""), indent, depth);
        }
        if (schema.has("const")) {
            return literal(schema.path("const"));
        }
        if (schema.path("enum").isArray()) {
            List<String> values = new ArrayList<>();
            schema.path("enum").forEach(value -> values.add(literal(value)));
            return union(values);
        }
        for (String word : List.of("anyOf", "oneOf")) {
            if (schema.path(word).isArray() && !schema.has("type")) {
                return union(types(schema.path(word), indent, depth));
            }
        }
        if (schema.path("allOf").isArray() && !schema.has("type")) {
            return types(schema.path("allOf"), indent, depth).stream()
                    .map(ConfigTypes::grouped)
                    .collect(Collectors.joining(" & "));
        }
        JsonNode named = schema.path("type");
        if (named.isArray()) {
            List<String> kinds = new ArrayList<>();
            named.forEach(kind -> kinds.add(simple(kind.asString(""), schema, indent, depth)));
            return union(kinds);
        }
        String kind = named.asString(schema.has("properties") ? "object" : "");
        return simple(kind, schema, indent, depth);
    }

    private String referred(String reference, String indent, int depth) {
        if (reference.equals("#") || !reference.startsWith("#/")) {
            return "unknown";
        }
        JsonNode target = root.at(reference.substring(1));
        return target.isMissingNode() ? "unknown" : type(target, indent, depth + 1);
    }

    private List<String> types(JsonNode schemas, String indent, int depth) {
        List<String> types = new ArrayList<>();
        schemas.forEach(schema -> types.add(type(schema, indent, depth + 1)));
        return types;
    }

    private String simple(String kind, JsonNode schema, String indent, int depth) {
        return switch (kind) {
            case "string", "boolean", "null" -> kind;
            case "number", "integer" -> "number";
            case "array" ->
                schema.has("items") ? grouped(type(schema.path("items"), indent, depth + 1)) + "[]" : "unknown[]";
            case "object" -> object(schema, indent, depth);
            default -> "unknown";
        };
    }

    private String object(JsonNode schema, String indent, int depth) {
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asString("")));
        StringBuilder text = new StringBuilder("{\n");
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode inner = property.getValue();
            String description = inner.path("description").asString("");
            if (!description.isEmpty()) {
                text.append(indent).append(STEP).append("/** ");
                text.append(description.replace("*/", "* /").replaceAll("\\s+", " "))
                        .append(" */\n");
            }
            // A default is filled in before a hook sees the settings.
            boolean isThere = required.contains(property.getKey()) || inner.has("default");
            text.append(indent).append(STEP).append(name(property.getKey())).append(isThere ? ": " : "?: ");
            text.append(type(inner, indent + STEP, depth + 1)).append(";\n");
        }
        JsonNode more = schema.path("additionalProperties");
        boolean isMap = schema.path("properties").isEmpty();
        if (isMap) {
            String values = more.isObject() ? type(more, indent, depth + 1) : "unknown";
            return more.isBoolean() && !more.asBoolean() ? "Record<string, never>" : "Record<string, " + values + ">";
        }
        return text.append(indent).append('}').toString();
    }

    private static String name(String name) {
        return name.matches("[A-Za-z_$][A-Za-z0-9_$]*") ? name : quoted(name);
    }

    private static String literal(JsonNode value) {
        return value.isString() ? quoted(value.asString()) : value.isContainer() ? "unknown" : value.toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
    }

    private static String union(List<String> types) {
        return types.isEmpty()
                ? "never"
                : types.stream().map(ConfigTypes::grouped).distinct().collect(Collectors.joining(" | "));
    }

    private static String grouped(String type) {
        boolean isSimple = type.startsWith("{") || type.indexOf(' ') < 0 || type.startsWith("Record<");
        return isSimple ? type : "(" + type + ")";
    }
}
