package io.penstock.admin.resource;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON (RFC 8259) to trees and back: strict UTF-8, no doubled member, nothing behind the value, all within bounds. */
public final class JsonText {
    static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonMapper WRITER = JsonMapper.shared();

    private final JsonParser parser;
    private final JsonBounds bounds;
    private int items;

    private JsonText(JsonParser parser, JsonBounds bounds) {
        this.parser = parser;
        this.bounds = bounds;
    }

    /**
     * Reads one value.
     *
     * @throws UnreadableTextException if the bytes are not one JSON value within the bounds
     */
    public static JsonNode read(byte[] bytes, JsonBounds bounds) throws UnreadableTextException {
        return read(decode(bytes, bounds), bounds);
    }

    static JsonNode read(String text, JsonBounds bounds) throws UnreadableTextException {
        try (JsonParser parser = factory(bounds).createParser(ObjectReadContext.empty(), text)) {
            return new JsonText(parser, bounds).document();
        } catch (StreamConstraintsException beyond) {
            throw new UnreadableTextException(
                    fault(Fault.TOO_LARGE, "a number, name or nesting is beyond what is read", beyond.getLocation()));
        } catch (JacksonException malformed) {
            throw new UnreadableTextException(fault(
                    malformed.getOriginalMessage().startsWith("Duplicate") ? "duplicate" : Fault.MALFORMED,
                    reason(malformed),
                    malformed.getLocation()));
        }
    }

    /** What a tree is, in the words of a fault. */
    static String kindOf(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "the text \"" + Pointers.shown(node.stringValue()) + "\"";
            case NUMBER -> "the number " + Pointers.shown(node.asString());
            case BOOLEAN -> "the truth value " + node.asString();
            case NULL -> "null";
            case BINARY, MISSING, POJO -> "nothing";
        };
    }

    /** The tree of a text that this program wrote or has checked before. */
    static JsonNode parse(String text) {
        return WRITER.readTree(text);
    }

    /** The compact text, in UTF-8. */
    public static byte[] write(JsonNode node) {
        return WRITER.writeValueAsBytes(node);
    }

    /** The compact text. */
    public static String text(JsonNode node) {
        return WRITER.writeValueAsString(node);
    }

    /** Strict UTF-8: what is not is refused, never replaced. */
    static String decode(byte[] bytes, JsonBounds bounds) throws UnreadableTextException {
        if (bytes.length > bounds.bytesMax()) {
            throw new UnreadableTextException(Fault.of(
                    "",
                    Fault.TOO_LARGE,
                    "found " + bytes.length + " bytes, at most " + bounds.bytesMax() + " are read"));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notText) {
            throw new UnreadableTextException(Fault.of("", Fault.MALFORMED, "the text is not UTF-8"));
        }
    }

    private JsonNode document() throws UnreadableTextException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new UnreadableTextException(
                    Fault.of("", Fault.MALFORMED, "found nothing, wanted JSON", "the body must hold one JSON value"));
        }
        JsonNode value = value(first, 0);
        if (parser.nextToken() != null) {
            throw new UnreadableTextException(
                    fault(Fault.MALFORMED, "found more behind the JSON value", parser.currentTokenLocation()));
        }
        return value;
    }

    // Recursion is as deep as the text is nested, which the bound holds within a small stack.
    private JsonNode value(JsonToken token, int depth) throws UnreadableTextException {
        count(depth);
        return switch (token) {
            case START_OBJECT -> object(depth);
            case START_ARRAY -> list(depth);
            case VALUE_STRING -> NODES.stringNode(whole(parser.getString()));
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> NODES.numberNode(parser.getIntValue());
                    case LONG -> NODES.numberNode(parser.getLongValue());
                    default -> NODES.numberNode(parser.getBigIntegerValue());
                };
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default ->
                throw new UnreadableTextException(
                        fault(Fault.MALFORMED, "found no JSON value", parser.currentTokenLocation()));
        };
    }

    private ObjectNode object(int depth) throws UnreadableTextException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = whole(parser.currentName());
            object.set(name, value(parser.nextToken(), depth + 1));
        }
        return object;
    }

    private ArrayNode list(int depth) throws UnreadableTextException {
        ArrayNode list = NODES.arrayNode();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            list.add(value(token, depth + 1));
        }
        return list;
    }

    // Half of a character is none, and no UTF-8 can say it (RFC 7493 section 2.1).
    private String whole(String text) throws UnreadableTextException {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean isPair = i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
                if (!isPair) {
                    throw new UnreadableTextException(fault(
                            Fault.MALFORMED,
                            "found half of a character, a surrogate by itself",
                            parser.currentTokenLocation()));
                }
                i++;
            }
        }
        return text;
    }

    private void count(int depth) throws UnreadableTextException {
        if (depth > bounds.depthMax() || ++items > bounds.itemsMax()) {
            throw new UnreadableTextException(tooMuch(depth, bounds, position(parser.currentTokenLocation())));
        }
    }

    static Fault tooMuch(int depth, JsonBounds bounds, Optional<TextPosition> position) {
        String detail = depth > bounds.depthMax()
                ? "nested deeper than " + bounds.depthMax() + " levels"
                : "more than " + bounds.itemsMax() + " members and elements";
        return new Fault("", Fault.TOO_LARGE, detail, Optional.empty(), position);
    }

    private static JsonFactory factory(JsonBounds bounds) {
        return JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        // Our own count refuses first and says so in our own words.
                        .maxNestingDepth(bounds.depthMax() + 8)
                        .maxNumberLength(JsonBounds.NUMBER_CHARS_MAX)
                        .maxNameLength(JsonBounds.NAME_CHARS_MAX)
                        .maxStringLength(bounds.bytesMax())
                        .build())
                .build();
    }

    private static Fault fault(String code, String detail, @Nullable TokenStreamLocation location) {
        return new Fault("", code, detail, Optional.empty(), position(location));
    }

    private static Optional<TextPosition> position(@Nullable TokenStreamLocation location) {
        return location == null || location.getLineNr() < 1
                ? Optional.empty()
                : Optional.of(new TextPosition(location.getLineNr(), Math.max(1, location.getColumnNr())));
    }

    /** The reader's own words as far as they speak of the text; names of classes and settings stay inside. */
    private static String reason(JacksonException malformed) {
        String said = malformed.getOriginalMessage().lines().findFirst().orElse("");
        boolean isAboutText = !said.isEmpty()
                && !said.contains("`")
                && !said.contains("jackson")
                && !said.contains("java")
                && !said.contains("Feature");
        return "not valid JSON"
                + (isAboutText ? ": " + Pointers.shown(said.replaceAll(" \\(code [0-9]+[^)]*\\)", "")) : "");
    }
}
