package io.penstock.admin.resource;

import io.penstock.admin.store.ResourceKey;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How one resource changed, as the API shows it. */
final class ChangeView {
    private ChangeView() {}

    static ObjectNode of(ResourceKey key, Optional<? extends JsonNode> before, Optional<? extends JsonNode> after) {
        String op = before.isEmpty() ? "create" : after.isEmpty() ? "delete" : "update";
        ObjectNode view = JsonText.NODES
                .objectNode()
                .put("op", op)
                .put("resource", key.path())
                .put("type", key.type())
                .put("name", key.name());
        view.set("diff", diff(before, after));
        return view;
    }

    /** The difference of one resource, with pointers into it; what comes or goes as a whole has the empty pointer. */
    static ArrayNode diff(Optional<? extends JsonNode> before, Optional<? extends JsonNode> after) {
        if (before.isPresent() && after.isPresent()) {
            return JsonDiff.between(before.get(), after.get());
        }
        ArrayNode diff = JsonText.NODES.arrayNode();
        before.ifPresent(
                gone -> diff.addObject().put("op", "remove").put("path", "").set("from", gone));
        after.ifPresent(
                come -> diff.addObject().put("op", "add").put("path", "").set("value", come));
        return diff;
    }
}
