package io.penstock.admin.resource;

import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.Precondition;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Defaults;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Several changes that are one revision or none: {@code {"ops":[{"put":"/routes/a","value":{}},{"delete":"/routes/b"}]}}.
 *
 * @param operations in order
 * @param pointers where in the request a resource's last value stands
 */
record BulkEdit(List<EditOperation> operations, Map<ResourceRef, String> pointers) {
    static final int OPERATIONS_MAX = 100_000;

    private static final List<String> KINDS = List.of("put", "patch", "delete");

    BulkEdit {
        operations = List.copyOf(operations);
        pointers = Map.copyOf(pointers);
    }

    static Schema schema() {
        Schema operation = Schema.members(
                Map.of(
                        "put", Schema.text(),
                        "patch", Schema.text(),
                        "delete", Schema.text(),
                        "value", Schema.anything("What is put, or a merge patch; a JSON patch if it is a list."),
                        "ifMatch", Schema.text()),
                List.of());
        return Schema.members(Map.of("ops", Schema.listOf(operation)), List.of("ops"));
    }

    /** Reads the request; {@link ApiProblem} 422 with every fault of it. */
    static BulkEdit of(JsonNode body) {
        JsonNode ops = body.get("ops");
        if (ops == null || !ops.isArray() || ops.isEmpty() || ops.size() > OPERATIONS_MAX || body.size() != 1) {
            throw ApiProblem.invalid(
                    "/ops",
                    ConfigProblem.REQUIRED,
                    "wanted {\"ops\": [...]} with 1 to " + OPERATIONS_MAX + " operations");
        }
        Reader reader = new Reader();
        for (int i = 0; i < ops.size(); i++) {
            reader.read(ops.get(i), "/ops/" + i);
        }
        if (!reader.faults.isEmpty()) {
            throw ApiProblem.invalid(reader.faults);
        }
        return new BulkEdit(reader.operations, reader.pointers);
    }

    /** Where a problem stands: in the operation that wrote the resource, else by name. */
    Fault locate(ConfigProblem problem) {
        String known = pointers.get(problem.resource());
        return known == null ? Changes.byName(problem) : Fault.of(known, problem);
    }

    private static final class Reader {
        private final List<EditOperation> operations = new ArrayList<>();
        private final Map<ResourceRef, String> pointers = new HashMap<>();
        private final List<Fault> faults = new ArrayList<>();

        void read(JsonNode op, String at) {
            List<String> kinds = KINDS.stream().filter(op::has).toList();
            if (!(op instanceof ObjectNode object)
                    || kinds.size() != 1
                    || !op.get(kinds.getFirst()).isString()) {
                faults.add(Fault.of(
                        at, ConfigProblem.EXACTLY_ONE, "wanted exactly one of put, patch, delete, with a path"));
                return;
            }
            String kind = kinds.getFirst();
            Set<String> known = Set.of(kind, "value", "ifMatch");
            object.propertyNames().stream()
                    .filter(name -> !known.contains(name))
                    .forEach(name -> faults.add(Fault.of(
                            Pointers.member(at, name),
                            ConfigProblem.UNKNOWN_MEMBER,
                            "unknown member \"" + Pointers.shown(name) + "\"")));
            Optional<ResourceRef> ref = ref(op.get(kind).stringValue());
            JsonNode value = op.get("value");
            if (ref.isEmpty()) {
                faults.add(Fault.of(
                        at + "/" + kind,
                        ConfigProblem.BAD_VALUE,
                        "found \"" + Pointers.shown(op.get(kind).stringValue())
                                + "\", wanted a path such as /routes/orders"));
            } else if (value == null && !kind.equals("delete")) {
                faults.add(Fault.of(at + "/value", ConfigProblem.REQUIRED, "\"value\" is missing"));
            } else {
                pointers.put(ref.get(), at + "/value");
                add(kind, ref.get(), value == null ? JsonText.NODES.nullNode() : value, precondition(op), at);
            }
        }

        private void add(String kind, ResourceRef ref, JsonNode value, Precondition precondition, String at) {
            if (ref.type().isEmpty()) {
                addDefaults(kind, value);
                return;
            }
            ResourceType type = ref.type().get();
            switch (kind) {
                case "put" -> {
                    switch (ConfigJson.bindResource(type, ref.name(), value)) {
                        case ConfigJson.Good<Resource>(Resource resource) ->
                            operations.add(new EditOperation.Put(resource, precondition));
                        case ConfigJson.Bad<Resource>(List<Fault> bad) ->
                            bad.forEach(fault -> faults.add(fault.under(at + "/value")));
                    }
                }
                case "patch" ->
                    operations.add(new EditOperation.Patch(
                            type,
                            ref.name(),
                            precondition,
                            Patching.of(type, ref.name(), JsonEdit.of(value, value.isArray()))));
                default -> operations.add(new EditOperation.Delete(type, ref.name(), precondition));
            }
        }

        private void addDefaults(String kind, JsonNode value) {
            if (kind.equals("delete")) {
                operations.add(new EditOperation.Transform(
                        before -> new EditOperation.Next<>(before.withDefaults(Defaults.DEFAULTS))));
                return;
            }
            JsonEdit edit = kind.equals("patch")
                    ? JsonEdit.of(value, value.isArray())
                    : new JsonEdit.JsonPatch(List.of(new JsonEdit.Operation("replace", "", "", value)));
            operations.add(new EditOperation.Transform(before -> switch (edit.apply(
                    ConfigJson.write(before.defaults()))) {
                case ConfigJson.Bad<JsonNode>(List<Fault> bad) ->
                    new EditOperation.Not<>(Patching.refused(ResourceRef.DEFAULTS, bad));
                case ConfigJson.Good<JsonNode>(JsonNode after) ->
                    switch (ConfigJson.bind(Defaults.class, after)) {
                        case ConfigJson.Good<Defaults>(Defaults defaults) ->
                            new EditOperation.Next<>(before.withDefaults(defaults));
                        case ConfigJson.Bad<Defaults>(List<Fault> bad) ->
                            new EditOperation.Not<>(Patching.refused(ResourceRef.DEFAULTS, bad));
                    };
            }));
        }

        private static Precondition precondition(JsonNode op) {
            JsonNode match = op.get("ifMatch");
            return match != null && match.isString()
                    // In JSON the quotes of the header would be a burden; both spellings are taken.
                    ? Preconditions.parse(
                            match.stringValue().startsWith("r")
                                    ? "\"" + match.stringValue() + "\""
                                    : match.stringValue())
                    : Precondition.unconditional();
        }

        private static Optional<ResourceRef> ref(String path) {
            if (path.equals("/defaults")) {
                return Optional.of(ResourceRef.DEFAULTS);
            }
            List<String> tokens = Pointers.tokens(path);
            return tokens.size() != 2 || tokens.get(1).isEmpty()
                    ? Optional.empty()
                    : ResourceType.byApiName(tokens.getFirst())
                            .or(() -> ResourceType.byDocumentName(tokens.getFirst()))
                            .map(type -> ResourceRef.of(type, tokens.get(1)));
        }
    }
}
