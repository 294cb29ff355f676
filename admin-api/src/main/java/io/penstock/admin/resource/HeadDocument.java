package io.penstock.admin.resource;

import io.penstock.config.IpAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code GET /v1/requests/heads} has answered, perhaps of another version: members that this one does not know are passed over.
 *
 * @param version of the gateway that wrote it
 * @param revision that its decisions are by
 * @param heads with what that gateway would have done
 */
public record HeadDocument(String version, long revision, List<EnginePort.HeadView> heads) {
    /** Heads that are read of one document. */
    public static final int HEADS_MAX = 100_000;

    public HeadDocument {
        heads = List.copyOf(heads);
    }

    /** What is recorded now, newest first. */
    static ObjectNode recorded(EnginePort port, int countMax) {
        EnginePort.EngineView engine = port.engine();
        ObjectNode body = JsonText.NODES.objectNode();
        body.put("version", engine.version());
        body.put("revision", engine.revision());
        ArrayNode items = body.putArray("items");
        port.heads(countMax).forEach(head -> items.add(ConfigJson.write(head)));
        return body;
    }

    /**
     * Reads one.
     *
     * @throws UnreadableTextException if it is none
     */
    public static HeadDocument read(byte[] bytes) throws UnreadableTextException {
        JsonNode tree = JsonText.read(bytes, JsonBounds.DOCUMENT);
        JsonNode items = tree.path("items");
        if (!items.isArray()) {
            throw new UnreadableTextException(Fault.of(
                    "/items",
                    Fault.WRONG_TYPE,
                    "found no list of heads, wanted what penstock heads --output json has written"));
        }
        if (items.size() > HEADS_MAX) {
            throw new UnreadableTextException(Fault.of(
                    "/items", Fault.TOO_LARGE, "found " + items.size() + " heads, at most " + HEADS_MAX + " are read"));
        }
        List<EnginePort.HeadView> heads = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            heads.add(head(items.get(i), "/items/" + i));
        }
        return new HeadDocument(
                tree.path("version").asString(""), tree.path("revision").asLong(0), heads);
    }

    private static EnginePort.HeadView head(JsonNode node, String pointer) throws UnreadableTextException {
        String client = text(node, "clientAddress");
        if (text(node, "method").isEmpty()
                || text(node, "url").isEmpty()
                || IpAddress.of(client).isEmpty()) {
            throw new UnreadableTextException(Fault.of(
                    pointer,
                    Fault.MALFORMED,
                    "wanted a head: an object with a method, a url and the IP address of its client in clientAddress"));
        }
        List<EnginePort.HeaderView> headers = new ArrayList<>();
        node.path("headers")
                .forEach(header -> headers.add(new EnginePort.HeaderView(text(header, "name"), text(header, "value"))));
        return new EnginePort.HeadView(
                at(text(node, "at")),
                text(node, "listener"),
                client,
                text(node, "method"),
                text(node, "url"),
                headers,
                node.path("decision").isObject() ? Optional.of(decision(node.path("decision"))) : Optional.empty());
    }

    private static EnginePort.DecisionView decision(JsonNode node) {
        List<EnginePort.StepView> steps = new ArrayList<>();
        node.path("steps")
                .forEach(step -> steps.add(
                        new EnginePort.StepView(text(step, "phase"), text(step, "what"), text(step, "from"))));
        return new EnginePort.DecisionView(
                some(node, "route"),
                some(node, "reason"),
                text(node, "path"),
                some(node, "upstream"),
                some(node, "rewritten"),
                steps);
    }

    // When it came decides nothing.
    private static Instant at(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException unknown) {
            return Instant.EPOCH;
        }
    }

    private static Optional<String> some(JsonNode node, String member) {
        return node.path(member).isString() ? Optional.of(text(node, member)) : Optional.empty();
    }

    private static String text(JsonNode node, String member) {
        return node.path(member).asString("");
    }
}
