package io.penstock.plugin;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.Identity;
import io.penstock.spi.ResponseView;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One exchange of a gateway under test, as the JSON that the test makes it from and looks at. */
@WorkerConfined
final class RigExchange {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RigRequest request;
    private final OfflineExchange call;
    private @Nullable OfflineResponse head;

    /** What a test says of it; as {@code gateway.js} of the kit writes it. */
    RigExchange(RigWorker worker, JsonNode init) {
        this.request = new RigRequest(init);
        JsonNode client = init.path("client");
        this.call = new OfflineExchange(
                worker,
                worker::nextTicket,
                init.path("requestId").asString(""),
                init.path("route").asString(""),
                new OfflineClient(
                        client.path("address").asString(""),
                        client.path("port").asInt(0),
                        client.path("listener").asString(""),
                        client.path("isSecure").asBoolean(false)),
                request,
                bytes(init.path("body")));
        init.path("vars").properties().forEach(entry -> call.variable(entry.getKey(), plain(entry.getValue())));
        String consumer = init.path("consumer").asString("");
        if (!consumer.isEmpty()) {
            call.identify(new Identity(consumer, consumer, List.of(), Map.of()));
        }
    }

    private static byte[] bytes(JsonNode base64) {
        return Base64.getDecoder().decode(base64.asString(""));
    }

    private static Object plain(JsonNode value) {
        return value.isBoolean()
                ? (Object) value.asBoolean()
                : value.isNumber() ? (Object) value.asDouble() : value.asString("");
    }

    /** Adds pairs of name and value. */
    static void fill(Fields fields, JsonNode pairs) {
        for (JsonNode pair : pairs) {
            fields.add(pair.path(0).asString(""), pair.path(1).asString(""));
        }
    }

    /** Fields as pairs of name and value. */
    static ArrayNode pairs(Fields fields) {
        ArrayNode pairs = JSON.createArrayNode();
        for (int i = 0; i < fields.count(); i++) {
            pairs.addArray().add(fields.name(i)).add(fields.value(i));
        }
        return pairs;
    }

    RigRequest request() {
        return request;
    }

    /** What hooks are called with. */
    OfflineExchange call() {
        return call;
    }

    /** The head of the answer comes, with the body that hooks may read as a whole. */
    ResponseView respond(JsonNode given) {
        OfflineResponse made = new OfflineResponse(given.path("status").asInt(200));
        fill(made.fields(), given.path("headers"));
        call.responseBody(bytes(given.path("body")));
        head = made;
        return made;
    }

    /** The endpoint of the one try. */
    EndpointView endpoint() {
        Object used = call.steering().getOrDefault("use", "upstream");
        return new OfflineEndpoint(used.toString(), "192.0.2.2:80", 1);
    }

    /** How it ended. */
    ExchangeSummary summary(JsonNode input) {
        boolean hasUpstream = input.path("hasUpstream").asBoolean(false);
        EndpointView endpoint = endpoint();
        return new OfflineSummary(
                input.path("status").asInt(200),
                "",
                0,
                0,
                call.requestBody().length(),
                input.path("responseBytes").asInt(0),
                hasUpstream ? endpoint.upstream() : "",
                hasUpstream ? endpoint.address() : "",
                hasUpstream ? 1 : 0);
    }

    /** What a test sees of it. */
    ObjectNode state() {
        ObjectNode state = JSON.createObjectNode()
                .put("requestId", call.requestId())
                .put("method", request.method())
                .put("path", request.path())
                .put("query", request.query())
                .put("host", request.host())
                .put("body", call.requestBody().replacement())
                .put("skipsRequestBody", call.requestBody().isSkipped())
                .put("skipsResponseBody", call.responseBody().isSkipped());
        state.set("headers", pairs(request.fields()));
        state.set("steering", JSON.valueToTree(call.steering()));
        state.set("vars", JSON.valueToTree(call.variables()));
        Identity known = call.identity();
        if (known == null) {
            state.putNull("identity");
        } else {
            ObjectNode who =
                    state.putObject("identity").put("name", known.consumer()).put("subject", known.subject());
            who.set("groups", JSON.valueToTree(known.groups()));
            who.set("claims", JSON.valueToTree(known.claims()));
        }
        OfflineResponse answered = head;
        if (answered == null) {
            state.putNull("response");
        } else {
            ObjectNode response = state.putObject("response")
                    .put("status", answered.status())
                    .put("body", call.responseBody().replacement());
            response.set("headers", pairs(answered.fields()));
        }
        return state;
    }
}
