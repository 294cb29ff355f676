package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.config.Defaults;
import io.penstock.config.ResourceType;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The model itself: a JSON Schema for each type, and the OpenAPI document. */
final class SchemaEndpoints {
    private final Supplier<ObjectNode> openApi;

    SchemaEndpoints(Supplier<ObjectNode> openApi) {
        this.openApi = openApi;
    }

    List<Endpoint> endpoints() {
        Schema schema = Schema.object("A JSON Schema (2020-12).");
        return List.of(
                Endpoint.of("GET", "/v1/schemas", "listSchemas", "Lists the types that have a schema.", this::list)
                        .needs(Verb.READ, "schemas")
                        .answers(200, Schema.pageOf(Schema.object("A type and the path of its schema."))),
                Endpoint.of("GET", "/v1/schemas/{type}", "getSchema", "Reads the JSON Schema of a type.", this::get)
                        .needs(Verb.READ, "schemas")
                        .answers(200, schema, Endpoint.JSON),
                Endpoint.of("GET", "/v1/openapi.json", "getOpenApi", "Reads this document.", this::openApi)
                        .needs(Verb.READ, "schemas")
                        .answers(200, Schema.object("OpenAPI 3.1.")));
    }

    private ApiReply list(ApiRequest request) {
        ArrayNode items = JsonText.NODES.arrayNode();
        for (ResourceType type : ResourceType.values()) {
            items.addObject().put("type", type.apiName()).put("schema", "/v1/schemas/" + type.apiName());
        }
        items.addObject().put("type", "defaults").put("schema", "/v1/schemas/defaults");
        ObjectNode body = JsonText.NODES.objectNode();
        body.set("items", items);
        return ApiReply.ok(body);
    }

    private ApiReply get(ApiRequest request) {
        String name = request.pathParameter("type");
        Class<? extends Record> record = name.equals("defaults")
                ? Defaults.class
                : ResourceType.byApiName(name)
                        .or(() -> ResourceType.byDocumentName(name))
                        .orElseThrow(() -> ApiProblem.notFound("There is no type \"" + Pointers.shown(name) + "\""))
                        .recordClass()
                        .asSubclass(Record.class);
        return ApiReply.ok(Schemas.standalone(record));
    }

    private ApiReply openApi(ApiRequest request) {
        return ApiReply.ok(openApi.get());
    }
}
