package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds every field of every resource that holds a text. */
final class SearchEndpoint {
    private final AdminParts parts;

    SearchEndpoint(AdminParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.of(
                        "GET",
                        "/v1/search",
                        "search",
                        "Finds every field that holds a text, as pointers.",
                        this::search)
                .needs(Verb.READ, "search")
                .takes(QueryParameter.QUERY, QueryParameter.LIMIT)
                .answers(200, Schema.pageOf(Schema.object("A field, its pointer in the document, and its value."))));
    }

    private ApiReply search(ApiRequest request) {
        String text = request.query()
                .one("q")
                .filter(said -> !said.isBlank())
                .orElseThrow(() -> ApiProblem.badParameter("q", "is missing", "for example ?q=shop.example"))
                .toLowerCase(Locale.ROOT);
        CurrentConfig current = parts.pipeline().current();
        int limit = Lists.limit(request);
        ArrayNode items = JsonText.NODES.arrayNode();
        boolean isCut = find(request, current.config(), text, limit, items);
        ObjectNode body = JsonText.NODES.objectNode();
        body.set("items", items);
        return ApiReply.ok(body.put("truncated", isCut)).with("Config-Revision", Long.toString(current.revision()));
    }

    private static boolean find(ApiRequest request, ProxyConfig config, String text, int limit, ArrayNode items) {
        for (ResourceType type : ResourceType.values()) {
            for (Resource resource : config.all(type)) {
                if (request.principal().may(Verb.READ, type.apiName(), resource.tags())) {
                    ResourceRef ref = ResourceRef.of(type, resource.name());
                    // What is nowhere written is not searched for: defaults would be found in every resource.
                    if (walk(ConfigJson.writeBrief((Record) resource), "", ref, text, limit, items)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean walk(
            JsonNode node, String pointer, ResourceRef ref, String text, int limit, ArrayNode items) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                if (walk(member.getValue(), Pointers.member(pointer, member.getKey()), ref, text, limit, items)) {
                    return true;
                }
            }
            return false;
        }
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                if (walk(node.get(i), Pointers.element(pointer, i), ref, text, limit, items)) {
                    return true;
                }
            }
            return false;
        }
        if (!node.asString().toLowerCase(Locale.ROOT).contains(text)) {
            return false;
        }
        if (items.size() == limit) {
            return true;
        }
        items.addObject()
                .put("resource", Rejections.path(ref))
                .put("pointer", ref.documentPointer() + pointer)
                .put("field", pointer)
                .put("value", node.asString());
        return false;
    }
}
