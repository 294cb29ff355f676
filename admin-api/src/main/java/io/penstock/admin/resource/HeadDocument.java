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
        HeadNode document = HeadNode.of(
                JsonText.read(bytes, JsonBounds.DOCUMENT), "", "what penstock heads --output json has written");
        JsonNode items = document.node().path("items");
        if (items.isMissingNode()) {
            throw document.malformed("items", "found no member \"items\", wanted the list of heads there");
        }
        if (items.size() > HEADS_MAX) {
            throw new UnreadableTextException(Fault.of(
                    "/items", Fault.TOO_LARGE, "found " + items.size() + " heads, at most " + HEADS_MAX + " are read"));
        }
        List<EnginePort.HeadView> heads = new ArrayList<>();
        for (HeadNode item : document.objects("items", "a head")) {
            heads.add(head(item));
        }
        return new HeadDocument(document.text("version"), document.number("revision"), heads);
    }

    /** How many heads have no decision: those of a listener that was no more, or a file that others have changed. */
    public int undecided() {
        return (int) heads.stream().filter(head -> head.decision().isEmpty()).count();
    }

    /** Where the first head without a decision stands, as a JSON Pointer; empty if there is none. */
    public Optional<String> firstUndecided() {
        for (int i = 0; i < heads.size(); i++) {
            if (heads.get(i).decision().isEmpty()) {
                return Optional.of("/items/" + i);
            }
        }
        return Optional.empty();
    }

    private static EnginePort.HeadView head(HeadNode node) throws UnreadableTextException {
        String client = node.required("clientAddress");
        if (IpAddress.of(client).isEmpty()) {
            throw node.malformed(
                    "clientAddress", "found \"" + Pointers.shown(client) + "\", wanted the IP address of a client");
        }
        List<EnginePort.HeaderView> headers = new ArrayList<>();
        for (HeadNode header : node.objects("headers", "a header field")) {
            headers.add(new EnginePort.HeaderView(header.text("name"), header.text("value")));
        }
        Optional<HeadNode> decision = node.object("decision", "a decision");
        return new EnginePort.HeadView(
                at(node.text("at")),
                node.text("listener"),
                client,
                node.required("method"),
                node.required("url"),
                headers,
                decision.isPresent() ? Optional.of(decision(decision.get())) : Optional.empty());
    }

    private static EnginePort.DecisionView decision(HeadNode node) throws UnreadableTextException {
        List<EnginePort.StepView> steps = new ArrayList<>();
        for (HeadNode step : node.objects("steps", "a step")) {
            steps.add(new EnginePort.StepView(step.text("phase"), step.text("what"), step.text("from")));
        }
        return new EnginePort.DecisionView(
                node.some("route"),
                node.some("reason"),
                node.text("path"),
                node.some("upstream"),
                node.some("rewritten"),
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
}
