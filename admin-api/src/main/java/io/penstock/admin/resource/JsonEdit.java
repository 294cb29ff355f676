package io.penstock.admin.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A change of a JSON value: a merge patch (RFC 7396) or a JSON patch (RFC 6902). Immutable. */
sealed interface JsonEdit {
    /** Operations of one JSON patch. */
    int OPERATIONS_MAX = 10_000;

    /** The value after the change, never the same object; or why it cannot be made. */
    ConfigJson.Bound<JsonNode> apply(JsonNode before);

    /** Reads a patch; {@link ApiProblem} 422 if it is none. */
    static JsonEdit of(JsonNode patch, boolean isJsonPatch) {
        if (!isJsonPatch) {
            return new MergePatch(patch);
        }
        if (!patch.isArray() || patch.size() > OPERATIONS_MAX) {
            throw ApiProblem.invalid(
                    "", Fault.WRONG_TYPE, "wanted a list of at most " + OPERATIONS_MAX + " operations");
        }
        List<Operation> operations = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < patch.size(); i++) {
            operation(patch.get(i), "/" + i, faults).ifPresent(operations::add);
        }
        if (!faults.isEmpty()) {
            throw ApiProblem.invalid(faults);
        }
        return new JsonPatch(operations);
    }

    private static Optional<Operation> operation(JsonNode node, String at, List<Fault> faults) {
        String op = text(node, "op").orElse("");
        Optional<String> path = text(node, "path").filter(Pointers::isPointer);
        Optional<String> from = text(node, "from").filter(Pointers::isPointer);
        boolean needsFrom = op.equals("move") || op.equals("copy");
        boolean needsValue = op.equals("add") || op.equals("replace") || op.equals("test");
        if (!needsFrom && !needsValue && !op.equals("remove")) {
            faults.add(Fault.of(at + "/op", "bad-value", "wanted add, remove, replace, move, copy or test"));
        } else if (path.isEmpty()) {
            faults.add(Fault.of(at + "/path", "bad-value", "wanted a JSON Pointer"));
        } else if (needsFrom && from.isEmpty()) {
            faults.add(Fault.of(at + "/from", "bad-value", "wanted a JSON Pointer"));
        } else if (needsValue && !node.has("value")) {
            faults.add(Fault.of(at + "/value", "required", "\"value\" is missing"));
        } else {
            JsonNode value = node.has("value") ? node.get("value") : JsonText.NODES.nullNode();
            return Optional.of(new Operation(op, path.get(), from.orElse(""), value));
        }
        return Optional.empty();
    }

    private static Optional<String> text(JsonNode node, String member) {
        JsonNode value = node.get(member);
        return value != null && value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
    }

    /** What is written replaces, {@code null} removes. */
    record MergePatch(JsonNode patch) implements JsonEdit {
        @Override
        public ConfigJson.Bound<JsonNode> apply(JsonNode before) {
            return new ConfigJson.Good<>(merged(before, patch));
        }

        private static JsonNode merged(JsonNode before, JsonNode patch) {
            if (!(patch instanceof ObjectNode members)) {
                return patch.deepCopy();
            }
            ObjectNode after = before instanceof ObjectNode object ? object.deepCopy() : JsonText.NODES.objectNode();
            for (Map.Entry<String, JsonNode> member : members.properties()) {
                if (member.getValue().isNull()) {
                    after.remove(member.getKey());
                } else {
                    JsonNode old = after.has(member.getKey()) ? after.get(member.getKey()) : JsonText.NODES.nullNode();
                    after.set(member.getKey(), merged(old, member.getValue()));
                }
            }
            return after;
        }
    }

    /** One operation, its members checked. */
    record Operation(String op, String path, String from, JsonNode value) {}

    /** Operations in order: all of them or none. */
    record JsonPatch(List<Operation> operations) implements JsonEdit {
        public JsonPatch {
            operations = List.copyOf(operations);
        }

        @Override
        public ConfigJson.Bound<JsonNode> apply(JsonNode before) {
            // The value hangs in a holder, so that the root is replaced like any member.
            ObjectNode holder = JsonText.NODES.objectNode();
            holder.set("root", before.deepCopy());
            for (int i = 0; i < operations.size(); i++) {
                Operation operation = operations.get(i);
                if (!apply(operation, holder)) {
                    boolean isTest = operation.op().equals("test");
                    return new ConfigJson.Bad<>(List.of(Fault.of(
                            isTest
                                    ? operation.path()
                                    : operation.op().equals("move") ? operation.from() : operation.path(),
                            isTest ? "test-failed" : "bad-value",
                            "operation " + i + " (" + operation.op() + " " + Pointers.shown(operation.path()) + ") "
                                    + (isTest ? "found another value" : "points to nothing"))));
                }
            }
            return new ConfigJson.Good<>(holder.get("root"));
        }

        private static boolean apply(Operation operation, ObjectNode holder) {
            return switch (operation.op()) {
                case "add" -> add(holder, operation.path(), operation.value().deepCopy());
                // A resource is removed by DELETE, not by a patch that leaves nothing of it.
                case "remove" ->
                    !operation.path().isEmpty()
                            && remove(holder, operation.path()).isPresent();
                case "replace" ->
                    remove(holder, operation.path()).isPresent()
                            && add(holder, operation.path(), operation.value().deepCopy());
                case "move" ->
                    !operation.path().startsWith(operation.from() + "/")
                            && remove(holder, operation.from())
                                    .map(value -> add(holder, operation.path(), value))
                                    .orElse(false);
                case "copy" ->
                    find(holder, operation.from())
                            .map(value -> add(holder, operation.path(), value.deepCopy()))
                            .orElse(false);
                default ->
                    find(holder, operation.path())
                            .map(operation.value()::equals)
                            .orElse(false);
            };
        }

        private static Optional<JsonNode> find(ObjectNode holder, String pointer) {
            JsonNode at = holder.get("root");
            for (String token : Pointers.tokens(pointer)) {
                JsonNode next = at.isArray() ? element(at, token).map(at::get).orElse(null) : at.get(token);
                if (next == null) {
                    return Optional.empty();
                }
                at = next;
            }
            return Optional.ofNullable(at);
        }

        private static boolean add(ObjectNode holder, String pointer, JsonNode value) {
            if (pointer.isEmpty()) {
                holder.set("root", value);
                return true;
            }
            String last = Pointers.tokens(pointer).getLast();
            return switch (find(holder, pointer.substring(0, pointer.lastIndexOf('/')))
                    .orElse(null)) {
                case ObjectNode object -> {
                    object.set(last, value);
                    yield true;
                }
                case ArrayNode array -> {
                    Optional<Integer> index = last.equals("-") ? Optional.of(array.size()) : place(last, array.size());
                    index.ifPresent(at -> array.insert(at, value));
                    yield index.isPresent();
                }
                case null, default -> false;
            };
        }

        private static Optional<JsonNode> remove(ObjectNode holder, String pointer) {
            if (pointer.isEmpty()) {
                return Optional.of(holder.get("root"));
            }
            String last = Pointers.tokens(pointer).getLast();
            return switch (find(holder, pointer.substring(0, pointer.lastIndexOf('/')))
                    .orElse(null)) {
                case ObjectNode object -> Optional.ofNullable(object.remove(last));
                case ArrayNode array -> element(array, last).map(array::remove);
                case null, default -> Optional.empty();
            };
        }

        private static Optional<Integer> element(JsonNode array, String token) {
            return array.isEmpty() ? Optional.empty() : place(token, array.size() - 1);
        }

        private static Optional<Integer> place(String token, int max) {
            return token.matches("0|[1-9][0-9]{0,6}") && Integer.parseInt(token) <= max
                    ? Optional.of(Integer.parseInt(token))
                    : Optional.empty();
        }
    }
}
