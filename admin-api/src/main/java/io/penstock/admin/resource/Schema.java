package io.penstock.admin.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON Schema (2020-12), and the records that it refers to by name.
 *
 * @param node the schema; a reference to a record is {@code #/components/schemas/NAME}
 * @param records the records by the name of their schema
 */
record Schema(ObjectNode node, Map<String, Class<?>> records) {
    static final String COMPONENTS = "#/components/schemas/";

    Schema {
        records = Map.copyOf(records);
    }

    static Schema text() {
        return plain(JsonText.NODES.objectNode().put("type", "string"));
    }

    static Schema flag() {
        return plain(JsonText.NODES.objectNode().put("type", "boolean").put("default", false));
    }

    static Schema integer(Optional<Integer> absent) {
        ObjectNode node = JsonText.NODES.objectNode().put("type", "integer");
        absent.ifPresent(value -> node.put("default", value));
        return plain(node);
    }

    static Schema choice(String... words) {
        ObjectNode node = JsonText.NODES.objectNode().put("type", "string");
        ArrayNode choices = node.putArray("enum");
        for (String word : words) {
            choices.add(word);
        }
        return plain(node.put("default", words[0]));
    }

    /** Any object, in words. */
    static Schema object(String description) {
        return plain(JsonText.NODES.objectNode().put("type", "object").put("description", description));
    }

    static Schema anything(String description) {
        return plain(JsonText.NODES.objectNode().put("description", description));
    }

    /** The schema of a record, by reference. */
    static Schema of(Class<? extends Record> record) {
        String name = Schemas.nameOf(record);
        return new Schema(JsonText.NODES.objectNode().put("$ref", COMPONENTS + name), Map.of(name, record));
    }

    static Schema listOf(Schema element) {
        return wrap("type", "array", element, (node, inner) -> node.set("items", inner));
    }

    static Schema mapOf(Schema value) {
        return wrap("type", "object", value, (node, inner) -> node.set("additionalProperties", inner));
    }

    /** One page of a list. */
    static Schema pageOf(Schema element) {
        return members(Map.of("items", listOf(element)), List.of("items")).plus("nextCursor", text(), false);
    }

    /** An object of these members. */
    static Schema members(Map<String, Schema> members, List<String> required) {
        Schema schema = plain(JsonText.NODES.objectNode().put("type", "object"));
        for (Map.Entry<String, Schema> member : new TreeMap<>(members).entrySet()) {
            schema = schema.plus(member.getKey(), member.getValue(), required.contains(member.getKey()));
        }
        return schema;
    }

    /** An object with one more member. */
    Schema plus(String name, Schema member, boolean isRequired) {
        ObjectNode next = node.deepCopy();
        next.withObjectProperty("properties").set(name, member.node);
        if (isRequired) {
            next.withArrayProperty("required").add(name);
        }
        Map<String, Class<?>> all = new TreeMap<>(records);
        all.putAll(member.records);
        return new Schema(next, all);
    }

    /** What is of either schema. */
    Schema or(Schema other) {
        return joined("anyOf", other);
    }

    /** What is of both schemas. */
    Schema and(Schema other) {
        return joined("allOf", other);
    }

    private Schema joined(String how, Schema other) {
        ObjectNode both = JsonText.NODES.objectNode();
        both.putArray(how).add(node).add(other.node);
        Map<String, Class<?>> all = new TreeMap<>(records);
        all.putAll(other.records);
        return new Schema(both, all);
    }

    private static Schema wrap(String key, String type, Schema inner, BiConsumer<ObjectNode, JsonNode> place) {
        ObjectNode node = JsonText.NODES.objectNode().put(key, type);
        place.accept(node, inner.node);
        return new Schema(node, inner.records);
    }

    private static Schema plain(ObjectNode node) {
        return new Schema(node, Map.of());
    }
}
