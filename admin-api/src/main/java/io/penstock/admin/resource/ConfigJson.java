package io.penstock.admin.resource;

import io.penstock.admin.revision.ConfigCodec;
import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.store.ResourceKey;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Defaults;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Between config records and JSON. Any thread; stateless. */
public final class ConfigJson implements ConfigCodec {
    /** What binding gave: a value, or every reason why there is none. */
    public sealed interface Bound<T> {
        /** The value, or nothing. */
        default Optional<T> found() {
            return this instanceof Good<T>(T value) ? Optional.of(value) : Optional.empty();
        }
    }

    /** A value without a fault. */
    public record Good<T>(T value) implements Bound<T> {}

    /** At least one fault. */
    public record Bad<T>(List<Fault> faults) implements Bound<T> {
        public Bad {
            faults = List.copyOf(faults);
        }
    }

    /** The record with every member, defaults filled in. */
    public static ObjectNode write(Record part) {
        return RecordWriter.write(part, RecordWriter.View.FULL);
    }

    /** The record with every member, secrets as they were given: for who sends them, and never for who shows. */
    public static ObjectNode writeSent(Record part) {
        return RecordWriter.write(part, RecordWriter.View.SENT);
    }

    /** The record without members that hold nothing but their default. */
    public static ObjectNode writeBrief(Record part) {
        return RecordWriter.write(part, RecordWriter.View.BRIEF);
    }

    /** The record of a type that an object stands for. */
    public static <R extends Record> Bound<R> bind(Class<R> type, JsonNode node) {
        return bind(type, node, Map.of());
    }

    /** The resource of a type and name that an object stands for; the object may leave the name out. */
    public static Bound<Resource> bindResource(ResourceType type, String name, JsonNode node) {
        Bound<? extends Record> bound = bind(type.recordClass().asSubclass(Record.class), node, Map.of("name", name));
        return switch (bound) {
            case Good<? extends Record>(Record value) -> new Good<>((Resource) value);
            case Bad<? extends Record>(List<Fault> faults) -> new Bad<>(faults);
        };
    }

    /** What a document's tree says, or its faults; nothing outside of it is read. */
    public static Bound<ConfigDocument> bindDocument(JsonNode tree) {
        DocumentBinder binder = new DocumentBinder(Optional.empty());
        ConfigDocument document = binder.bind(tree);
        return binder.faults().isEmpty() ? new Good<>(document) : new Bad<>(binder.faults());
    }

    @Override
    public String toJson(Record part) {
        return JsonText.text(RecordWriter.write(part, RecordWriter.View.STORED));
    }

    @Override
    public String toShownJson(Record part) {
        return JsonText.text(write(part));
    }

    @Override
    public Record fromJson(ResourceKey key, String json) {
        try {
            return switch (bind(
                    RecordBinder.ofStored(), recordClass(key), JsonText.read(json, JsonBounds.RESOURCE), Map.of())) {
                case Good<? extends Record>(Record value) -> value;
                case Bad<? extends Record>(List<Fault> faults) ->
                    throw new IllegalArgumentException(
                            faults.stream().map(Fault::text).collect(Collectors.joining("; ")));
            };
        } catch (UnreadableTextException unreadable) {
            throw new IllegalArgumentException(unreadable.getMessage(), unreadable);
        }
    }

    private static Class<? extends Record> recordClass(ResourceKey key) {
        return key.equals(ConfigParts.DEFAULTS)
                ? Defaults.class
                : ResourceType.byApiName(key.type())
                        .orElseThrow(() -> new IllegalArgumentException("\"" + key.type() + "\" is no known type"))
                        .recordClass()
                        .asSubclass(Record.class);
    }

    private static <R extends Record> Bound<R> bind(Class<R> type, JsonNode node, Map<String, Object> given) {
        return bind(new RecordBinder(Optional.empty()), type, node, given);
    }

    private static <R extends Record> Bound<R> bind(
            RecordBinder binder, Class<R> type, JsonNode node, Map<String, Object> given) {
        Optional<R> bound = binder.record(type, node, "", given);
        if (bound.isPresent() && binder.faults().isEmpty()) {
            return new Good<>(bound.get());
        }
        return binder.faults().isEmpty()
                ? new Bad<>(List.of(Fault.of("", ConfigProblem.BAD_VALUE, "not acceptable")))
                : new Bad<>(binder.faults());
    }
}
