package io.penstock.admin.resource;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes the OpenAPI 3.1 document of a list of endpoints: the router's own. */
final class OpenApi {
    private static final Map<String, String> PROBLEMS = Map.of(
            "400", "The request cannot be read.",
            "401", "A bearer token is needed.",
            "403", "The token does not allow it.",
            "404", "It is not there.",
            "406", "The answer has no media type that the caller takes.",
            "413", "The body is too large.",
            "429", "Too many failed attempts; see Retry-After.",
            "503", "Not now; see Retry-After.");
    private static final Map<String, String> WRITE_PROBLEMS = Map.of(
            "409", "It is in use, exists already, belongs to another document, or a trial is under way.",
            "412", "It was changed meanwhile; the current tag stands in ETag.",
            "428", "If-Match is missing.",
            "507", "The disk is full; nothing was changed.");

    private OpenApi() {}

    static ObjectNode of(List<Endpoint> endpoints) {
        ObjectNode document = JsonText.NODES.objectNode().put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "Penstock admin API")
                .put("version", "v1")
                .put("description", "Every successful write makes one revision, adopted by all workers or by none.");
        document.putArray("servers").addObject().put("url", "/");
        document.putArray("security").addObject().putArray("token");
        Schemas schemas = new Schemas(Schema.COMPONENTS);
        TreeMap<String, ObjectNode> paths = new TreeMap<>();
        TreeSet<String> tags = new TreeSet<>();
        for (Endpoint endpoint : endpoints) {
            paths.computeIfAbsent(endpoint.path(), path -> JsonText.NODES.objectNode())
                    .set(endpoint.method().toLowerCase(Locale.ROOT), operation(endpoint, schemas));
            tags.add(tag(endpoint));
        }
        ArrayNode tagList = document.putArray("tags");
        tags.forEach(tag -> tagList.addObject().put("name", tag));
        ObjectNode pathItems = document.putObject("paths");
        paths.forEach(pathItems::set);
        components(document.putObject("components"), schemas);
        return document;
    }

    private static void components(ObjectNode components, Schemas schemas) {
        ObjectNode all = components.putObject("schemas");
        schemas.all().forEach(all::set);
        all.set("Problem", problem());
        components
                .putObject("responses")
                .putObject("Problem")
                .put("description", "Problem details (RFC 9457), all faults at once.")
                .putObject("content")
                .putObject(ApiProblem.CONTENT_TYPE)
                .putObject("schema")
                .put("$ref", Schema.COMPONENTS + "Problem");
        components
                .putObject("securitySchemes")
                .putObject("token")
                .put("type", "http")
                .put("scheme", "bearer");
    }

    private static ObjectNode problem() {
        Schema error = Schema.members(
                Map.of(
                        "pointer", Schema.text(),
                        "code", Schema.text(),
                        "detail", Schema.text(),
                        "hint", Schema.text(),
                        "line", Schema.integer(Optional.empty()),
                        "column", Schema.integer(Optional.empty())),
                List.of("pointer", "code", "detail"));
        return Schema.members(
                        Map.of(
                                "type", Schema.text(),
                                "title", Schema.text(),
                                "status", Schema.integer(Optional.empty()),
                                "errors", Schema.listOf(error),
                                "hint", Schema.text(),
                                "requestId", Schema.text()),
                        List.of("type", "title", "status", "requestId"))
                .node();
    }

    private static String tag(Endpoint endpoint) {
        return endpoint.tag().isEmpty() ? "setup" : endpoint.tag();
    }

    private static ObjectNode operation(Endpoint endpoint, Schemas schemas) {
        ObjectNode operation = JsonText.NODES
                .objectNode()
                .put("operationId", endpoint.operationId())
                .put("summary", endpoint.summary());
        operation.putArray("tags").add(tag(endpoint));
        operation.put(
                "description",
                endpoint.type().isEmpty()
                        ? "Needs the setup token."
                        : "Needs " + endpoint.verb().text() + " on " + endpoint.type() + ".");
        ArrayNode parameters = operation.putArray("parameters");
        endpoint.pathParameters()
                .forEach(name ->
                        parameter(parameters, name, "path", "", Schema.text()).put("required", true));
        endpoint.query()
                .forEach(each -> parameter(parameters, each.name(), "query", each.description(), each.schema()));
        if (endpoint.isWrite()) {
            header(parameters, "If-Match", "The tag last seen, or * to overwrite deliberately.");
            header(parameters, "If-None-Match", "* creates only.");
            header(parameters, "Change-Note", "Why, for the revision and the audit log.");
        }
        if (endpoint.isOnceOnly()) {
            header(parameters, "Idempotency-Key", "The same request with the same key happens once, for 24 hours.");
        }
        endpoint.request()
                .ifPresent(schema -> content(
                        operation.putObject("requestBody").put("required", true),
                        schema,
                        endpoint.requestTypes(),
                        schemas));
        responses(operation.putObject("responses"), endpoint, schemas);
        return operation;
    }

    private static void header(ArrayNode parameters, String name, String description) {
        parameter(parameters, name, "header", description, Schema.text());
    }

    private static ObjectNode parameter(
            ArrayNode parameters, String name, String in, String description, Schema schema) {
        ObjectNode parameter = parameters.addObject().put("name", name).put("in", in);
        if (!description.isEmpty()) {
            parameter.put("description", description);
        }
        parameter.set("schema", schema.node());
        return parameter;
    }

    private static void responses(ObjectNode responses, Endpoint endpoint, Schemas schemas) {
        TreeMap<String, ObjectNode> all = new TreeMap<>();
        boolean isEmpty = endpoint.response().isEmpty();
        ObjectNode good = JsonText.NODES.objectNode().put("description", isEmpty ? "Done." : "The answer.");
        endpoint.response().ifPresent(schema -> content(good, schema, endpoint.responseTypes(), schemas));
        all.put(isEmpty ? "204" : Integer.toString(endpoint.status()), good);
        if (endpoint.isWrite()) {
            if (endpoint.method().equals("PUT")) {
                all.put("201", good.deepCopy().put("description", "It was created."));
            }
            all.put(
                    "202",
                    JsonText.NODES.objectNode().put("description", "Stored; pendingWorkers do not serve it yet."));
            WRITE_PROBLEMS.forEach((status, words) -> all.put(status, problem(words)));
        }
        if (endpoint.request().isPresent()) {
            all.put("415", problem("The body has no media type that is taken here."));
            all.put("422", problem("The body is well formed and not valid; every fault with its pointer."));
        }
        PROBLEMS.forEach((status, words) -> all.put(status, problem(words)));
        all.forEach(responses::set);
    }

    private static ObjectNode problem(String description) {
        // OpenAPI 3.1 lets a reference bring its own description.
        return JsonText.NODES
                .objectNode()
                .put("$ref", "#/components/responses/Problem")
                .put("description", description);
    }

    private static void content(ObjectNode holder, Schema schema, List<String> types, Schemas schemas) {
        schema.records().values().forEach(schemas::add);
        ObjectNode content = holder.putObject("content");
        types.forEach(type -> content.putObject(type).set("schema", schema.node()));
    }
}
