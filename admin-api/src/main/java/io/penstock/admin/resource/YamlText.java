package io.penstock.admin.resource;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * YAML 1.2 to the same trees as JSON: one document, texts as member names, no tags, no doubled member, all within bounds.
 *
 * <p>The tree is made from the parser's events, so that the bounds hold while reading. An alias counts as often as it is
 * used: a text that unfolds into millions of items is refused like one that holds them. Places are not kept beside the
 * tree: a text with faults is read once more to find them, and a good text pays nothing.
 */
public final class YamlText {
    private final Iterator<Event> events;
    private final JsonBounds bounds;
    private final Set<String> wanted;
    private final Map<String, TextPosition> found = new HashMap<>();
    private final Map<String, Anchored> anchors = new HashMap<>();
    private int items;
    private int deepest;

    /** What an anchor stands for, how many items that is, and how many levels below its own. */
    private record Anchored(JsonNode node, int items, int height) {}

    private YamlText(String text, JsonBounds bounds, Set<String> wanted) {
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(bounds.bytesMax())
                .setUseMarks(true)
                .setParseComments(false)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
        this.bounds = bounds;
        this.wanted = wanted;
    }

    /**
     * Reads one document.
     *
     * @throws UnreadableTextException if the bytes are not one YAML document within the bounds
     */
    public static JsonNode read(byte[] bytes, JsonBounds bounds) throws UnreadableTextException {
        String text = JsonText.decode(bytes, bounds);
        return guarded(new YamlText(text, bounds, Set.of()));
    }

    /** Where in the text the values stand that the pointers point to; the nearest outer value where one is absent. */
    public static Map<String, TextPosition> locate(byte[] bytes, JsonBounds bounds, Set<String> pointers) {
        try {
            YamlText reader = new YamlText(JsonText.decode(bytes, bounds), bounds, withOuter(pointers));
            guarded(reader);
            Map<String, TextPosition> places = new HashMap<>();
            for (String pointer : pointers) {
                String known = pointer;
                while (!known.isEmpty() && !reader.found.containsKey(known)) {
                    known = known.substring(0, known.lastIndexOf('/'));
                }
                TextPosition place = reader.found.get(known);
                if (place != null) {
                    places.put(pointer, place);
                }
            }
            return places;
        } catch (UnreadableTextException neverRead) {
            return Map.of();
        }
    }

    private static Set<String> withOuter(Set<String> pointers) {
        Set<String> all = new HashSet<>(pointers);
        for (String pointer : pointers) {
            for (int end = pointer.lastIndexOf('/'); end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
                all.add(pointer.substring(0, end));
            }
        }
        return all;
    }

    private static JsonNode guarded(YamlText reader) throws UnreadableTextException {
        try {
            return reader.document();
        } catch (MarkedYamlEngineException malformed) {
            throw new UnreadableTextException(new Fault(
                    "",
                    Fault.MALFORMED,
                    "not valid YAML: " + Pointers.shown(malformed.getProblem()),
                    Optional.empty(),
                    malformed.getProblemMark().map(YamlText::position)));
        } catch (YamlEngineException malformed) {
            throw new UnreadableTextException(Fault.of("", Fault.MALFORMED, "not valid YAML"));
        }
    }

    private JsonNode document() throws UnreadableTextException {
        next(); // The stream's start.
        Event start = next();
        if (start.getEventId() == Event.ID.StreamEnd) {
            throw new UnreadableTextException(Fault.of("", Fault.MALFORMED, "found nothing, wanted a YAML document"));
        }
        JsonNode root = node(next(), "", 0);
        next(); // The document's end.
        Event end = next();
        if (end.getEventId() != Event.ID.StreamEnd) {
            throw refused(end, Fault.MALFORMED, "found a second document, wanted one");
        }
        return root;
    }

    private JsonNode node(Event event, String pointer, int depth) throws UnreadableTextException {
        count(event, depth, 1);
        if (wanted.contains(pointer)) {
            event.getStartMark().ifPresent(mark -> found.putIfAbsent(pointer, position(mark)));
        }
        if (event instanceof AliasEvent alias) {
            Anchored anchored = anchors.get(alias.getAlias().getValue());
            if (anchored == null) {
                throw refused(event, Fault.MALFORMED, "found an alias of nothing before it");
            }
            count(event, depth + anchored.height(), anchored.items());
            deepest = Math.max(deepest, depth + anchored.height());
            return anchored.node();
        }
        int itemsBefore = items;
        int deepestBefore = deepest;
        deepest = depth;
        JsonNode node = written(event, pointer, depth);
        if (event instanceof NodeEvent named && named.getAnchor().isPresent()) {
            anchors.put(named.getAnchor().get().getValue(), new Anchored(node, items - itemsBefore, deepest - depth));
        }
        deepest = Math.max(deepest, deepestBefore);
        return node;
    }

    private JsonNode written(Event event, String pointer, int depth) throws UnreadableTextException {
        return switch (event) {
            case ScalarEvent scalar -> scalar(scalar);
            case MappingStartEvent mapping -> object(mapping, pointer, depth);
            case SequenceStartEvent sequence -> list(sequence, pointer, depth);
            default -> throw refused(event, Fault.MALFORMED, "found no value");
        };
    }

    private JsonNode scalar(ScalarEvent scalar) throws UnreadableTextException {
        refuseTag(scalar, scalar.getTag());
        return scalar.isPlain() ? YamlScalars.resolve(scalar.getValue()) : JsonText.NODES.stringNode(scalar.getValue());
    }

    private ObjectNode object(CollectionStartEvent start, String pointer, int depth) throws UnreadableTextException {
        refuseTag(start, start.getTag());
        ObjectNode object = JsonText.NODES.objectNode();
        for (Event key = next(); key.getEventId() != Event.ID.MappingEnd; key = next()) {
            if (!(key instanceof ScalarEvent name) || name.getValue().length() > JsonBounds.NAME_CHARS_MAX) {
                throw refused(key, Fault.MALFORMED, "found a member whose name is not a short text");
            }
            if (object.has(name.getValue())) {
                throw refused(key, "duplicate", "found member \"" + Pointers.shown(name.getValue()) + "\" twice");
            }
            String member = pointer + (wanted.isEmpty() ? "" : Pointers.member("", name.getValue()));
            if (wanted.contains(member)) {
                key.getStartMark().ifPresent(mark -> found.put(member, position(mark)));
            }
            object.set(name.getValue(), node(next(), member, depth + 1));
        }
        return object;
    }

    private ArrayNode list(CollectionStartEvent start, String pointer, int depth) throws UnreadableTextException {
        refuseTag(start, start.getTag());
        ArrayNode list = JsonText.NODES.arrayNode();
        for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
            String element = wanted.isEmpty() ? "" : Pointers.element(pointer, list.size());
            list.add(node(event, element, depth + 1));
        }
        return list;
    }

    private Event next() {
        return events.next();
    }

    private void count(Event event, int depth, int more) throws UnreadableTextException {
        items += more;
        if (depth > bounds.depthMax() || items > bounds.itemsMax()) {
            throw new UnreadableTextException(
                    JsonText.tooMuch(depth, bounds, event.getStartMark().map(YamlText::position)));
        }
    }

    private static void refuseTag(Event event, Optional<String> tag) throws UnreadableTextException {
        // "!" alone says: not resolved, which changes nothing for quoted texts.
        if (tag.isPresent() && !tag.get().equals("!")) {
            throw refused(
                    event, Fault.MALFORMED, "found the tag " + Pointers.shown(tag.get()) + ", wanted plain values");
        }
    }

    private static UnreadableTextException refused(Event event, String code, String detail) {
        return new UnreadableTextException(new Fault(
                "", code, detail, Optional.empty(), event.getStartMark().map(YamlText::position)));
    }

    private static TextPosition position(Mark mark) {
        return new TextPosition(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
