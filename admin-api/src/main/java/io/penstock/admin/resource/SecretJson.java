package io.penstock.admin.resource;

import io.penstock.config.SecretValue;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How the value of a secret is written: by the id of what is stored, and to the store and from the command by itself. */
final class SecretJson {
    private static final String STORED = "stored";
    private static final String CREATED = "created";
    private static final String BOX = "box";
    private static final String PREFIX = "prefix";
    private static final String HASH = "hash";

    private SecretJson() {}

    static JsonNode write(SecretValue value, RecordWriter.View view) {
        ObjectNode object = JsonText.NODES.objectNode();
        return switch (value) {
            case SecretValue.Given given ->
                view == RecordWriter.View.SENT
                        ? JsonText.NODES.stringNode(given.text())
                        // Nothing that is shown or stored holds one; should a defect bring one here, it says nothing.
                        : object;
            case SecretValue.Kept kept -> object.put(STORED, kept.id());
            case SecretValue.Hashed hashed -> {
                object.put(STORED, hashed.id());
                yield view == RecordWriter.View.STORED
                        ? object.put(CREATED, hashed.created().toString())
                                .put(PREFIX, hashed.prefix())
                                .put(HASH, hashed.hash())
                        : object;
            }
            case SecretValue.Sealed sealed -> {
                object.put(STORED, sealed.id());
                yield view == RecordWriter.View.STORED
                        ? object.put(CREATED, sealed.created().toString()).put(BOX, sealed.box())
                        : object;
            }
        };
    }

    /** What a caller names to be kept; empty if it is nothing of the kind. */
    static Optional<SecretValue> readKept(JsonNode node) {
        return node instanceof ObjectNode object
                        && object.size() == 1
                        && object.path(STORED).isString()
                ? Optional.of(new SecretValue.Kept(object.path(STORED).stringValue()))
                : Optional.empty();
    }

    /**
     * What the store holds.
     *
     * @throws IllegalArgumentException if it is nothing of the kind
     */
    static Optional<SecretValue> readStored(JsonNode node) {
        if (!node.path(STORED).isString()
                || !node.path(CREATED).isString()
                || !(node.path(BOX).isString() || node.path(HASH).isString())) {
            throw new IllegalArgumentException("a stored secret has an id, a time, and a box or a hash");
        }
        if (node.path(HASH).isString()) {
            return Optional.of(new SecretValue.Hashed(
                    node.path(STORED).stringValue(),
                    Instant.parse(node.path(CREATED).stringValue()),
                    node.path(PREFIX).isString() ? node.path(PREFIX).stringValue() : "",
                    node.path(HASH).stringValue()));
        }
        return Optional.of(new SecretValue.Sealed(
                node.path(STORED).stringValue(),
                Instant.parse(node.path(CREATED).stringValue()),
                node.path(BOX).stringValue()));
    }

    /** A stored resource as it may be shown. */
    static JsonNode shown(JsonNode stored) {
        hide(stored.path("value"));
        hide(stored.path("key"));
        for (JsonNode credential : stored.path("credentials")) {
            hide(credential.path("secret"));
        }
        return stored;
    }

    private static void hide(JsonNode value) {
        if (value instanceof ObjectNode object) {
            object.remove(List.of(CREATED, BOX, PREFIX, HASH));
        }
    }
}
