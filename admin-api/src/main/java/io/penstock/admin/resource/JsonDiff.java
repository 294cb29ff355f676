package io.penstock.admin.resource;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What leads from one JSON value to another, in the operations of a JSON patch (RFC 6902): {@code add}, {@code remove},
 * {@code replace}. A person reads it: {@code from} holds the value before, which a patch does not need.
 */
final class JsonDiff {
    private final ArrayNode operations = JsonText.NODES.arrayNode();

    private JsonDiff() {}

    static ArrayNode between(JsonNode before, JsonNode after) {
        JsonDiff diff = new JsonDiff();
        diff.compare("", before, after);
        return diff.operations;
    }

    private void compare(String pointer, JsonNode before, JsonNode after) {
        if (before.equals(after)) {
            return;
        }
        if (before instanceof ObjectNode was && after instanceof ObjectNode is) {
            compareMembers(pointer, was, is);
        } else if (before instanceof ArrayNode was && after instanceof ArrayNode is) {
            compareElements(pointer, was, is);
        } else {
            operation("replace", pointer).set("from", before);
            last().set("value", after);
        }
    }

    private void compareMembers(String pointer, ObjectNode before, ObjectNode after) {
        for (Map.Entry<String, JsonNode> member : before.properties()) {
            String at = Pointers.member(pointer, member.getKey());
            JsonNode now = after.get(member.getKey());
            if (now == null) {
                operation("remove", at).set("from", member.getValue());
            } else {
                compare(at, member.getValue(), now);
            }
        }
        for (Map.Entry<String, JsonNode> member : after.properties()) {
            if (!before.has(member.getKey())) {
                operation("add", Pointers.member(pointer, member.getKey())).set("value", member.getValue());
            }
        }
    }

    // What both lists begin and end with stays; what lies between is compared in pairs, and the rest comes or goes.
    private void compareElements(String pointer, ArrayNode before, ArrayNode after) {
        int start = 0;
        int shorter = Math.min(before.size(), after.size());
        while (start < shorter && before.get(start).equals(after.get(start))) {
            start++;
        }
        int end = 0;
        while (end < shorter - start && before.get(before.size() - 1 - end).equals(after.get(after.size() - 1 - end))) {
            end++;
        }
        int pairs = shorter - start - end;
        for (int i = start; i < start + pairs; i++) {
            compare(Pointers.element(pointer, i), before.get(i), after.get(i));
        }
        for (int i = before.size() - end - 1; i >= start + pairs; i--) {
            operation("remove", Pointers.element(pointer, i)).set("from", before.get(i));
        }
        for (int i = start + pairs; i < after.size() - end; i++) {
            operation("add", Pointers.element(pointer, i)).set("value", after.get(i));
        }
    }

    private ObjectNode operation(String op, String pointer) {
        operations.addObject().put("op", op).put("path", pointer);
        return last();
    }

    private ObjectNode last() {
        return (ObjectNode) operations.get(operations.size() - 1);
    }
}
