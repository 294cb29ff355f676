package io.penstock.admin.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * An object of a document of heads, and where it stands: what is asked of it is of the type that was asked for, is absent, or is refused
 * with its place. Null counts as absent.
 *
 * @param pointer JSON Pointer into the document
 */
record HeadNode(JsonNode node, String pointer) {
    private static final String WAY_OUT = "write it anew by penstock heads --output json";

    /**
     * Takes a node as an object.
     *
     * @param what it would be, with its article
     */
    static HeadNode of(JsonNode node, String pointer, String what) throws UnreadableTextException {
        if (!node.isObject()) {
            throw wrongType(node, pointer, what + ", an object");
        }
        return new HeadNode(node, pointer);
    }

    private static UnreadableTextException wrongType(JsonNode found, String pointer, String wanted) {
        return new UnreadableTextException(
                Fault.of(pointer, Fault.WRONG_TYPE, "found " + JsonText.kindOf(found) + ", wanted " + wanted, WAY_OUT));
    }

    /** Refuses the document for one member. */
    UnreadableTextException malformed(String member, String detail) {
        return new UnreadableTextException(Fault.of(place(member), Fault.MALFORMED, detail, WAY_OUT));
    }

    private String place(String member) {
        return pointer + "/" + member;
    }

    private boolean isAbsent(String member) {
        return node.path(member).isMissingNode() || node.path(member).isNull();
    }

    Optional<String> some(String member) throws UnreadableTextException {
        if (isAbsent(member)) {
            return Optional.empty();
        }
        if (!node.path(member).isString()) {
            throw wrongType(node.path(member), place(member), "a text");
        }
        return Optional.of(node.path(member).stringValue());
    }

    /** A text, empty if it is absent. */
    String text(String member) throws UnreadableTextException {
        return some(member).orElse("");
    }

    /** A text that is there and not empty. */
    String required(String member) throws UnreadableTextException {
        String text = text(member);
        if (text.isEmpty()) {
            throw malformed(
                    member, "found " + (isAbsent(member) ? "no " + member : "an empty text") + ", wanted a text");
        }
        return text;
    }

    /** A whole number, 0 if it is absent. */
    long number(String member) throws UnreadableTextException {
        if (isAbsent(member)) {
            return 0;
        }
        if (!node.path(member).canConvertToLong() || !node.path(member).isIntegralNumber()) {
            throw wrongType(node.path(member), place(member), "a whole number");
        }
        return node.path(member).longValue();
    }

    Optional<HeadNode> object(String member, String what) throws UnreadableTextException {
        return isAbsent(member) ? Optional.empty() : Optional.of(of(node.path(member), place(member), what));
    }

    /** The objects of a list, none if it is absent. */
    List<HeadNode> objects(String member, String what) throws UnreadableTextException {
        JsonNode list = node.path(member);
        List<HeadNode> objects = new ArrayList<>();
        if (!isAbsent(member) && !list.isArray()) {
            throw wrongType(list, place(member), "a list");
        }
        for (int i = 0; i < list.size(); i++) {
            objects.add(of(list.get(i), place(member) + "/" + i, what));
        }
        return objects;
    }
}
