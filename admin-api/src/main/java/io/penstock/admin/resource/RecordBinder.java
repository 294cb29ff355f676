package io.penstock.admin.resource;

import io.penstock.config.AuthConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.InvalidValueException;
import io.penstock.config.RecordDefaults;
import io.penstock.config.SecretValue;
import io.penstock.config.Setting;
import io.penstock.config.Spelling;
import io.penstock.config.TypeTag;
import io.penstock.config.ValueFault;
import io.penstock.config.ValueText;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes config records from trees, by the records' own components: a member is a component, a choice its text, a sealed
 * type is chosen by {@code type}. Every fault is gathered, none ends the work. One instance binds one text.
 */
final class RecordBinder {
    /** Filters that the contract names and this version does not have. */
    private static final Set<String> PLANNED_TYPES = Set.of("cache");

    private final Optional<ValueResolver> resolver;
    private final boolean isStored;
    private final BindingFaults faults = new BindingFaults();

    RecordBinder(Optional<ValueResolver> resolver) {
        this(resolver, false);
    }

    private RecordBinder(Optional<ValueResolver> resolver, boolean isStored) {
        this.resolver = resolver;
        this.isStored = isStored;
    }

    /** One that reads what the store holds, encrypted values too. */
    static RecordBinder ofStored() {
        return new RecordBinder(Optional.empty(), true);
    }

    List<Fault> faults() {
        return faults.all();
    }

    /** Where faults are put that are found beside the records. */
    BindingFaults found() {
        return faults;
    }

    /** The record that an object stands for; empty if faults forbid it. */
    <R extends Record> Optional<R> record(Class<R> type, JsonNode node, String pointer) {
        return record(type, node, pointer, Map.of());
    }

    /** The record of a sealed type that an object chooses by its type; empty if faults forbid it. */
    Optional<Object> choice(Class<?> sealed, JsonNode node) {
        return oneOf(sealed, node, "");
    }

    /** The same, with members that are known from elsewhere and may be absent or must be equal. */
    <R extends Record> Optional<R> record(Class<R> type, JsonNode node, String pointer, Map<String, Object> given) {
        if (!(node instanceof ObjectNode object)) {
            faults.wrongType(node, pointer, "an object");
            return Optional.empty();
        }
        int before = faults.count();
        RecordShape shape = RecordShape.of(type);
        refuseUnknownMembers(shape, object, pointer);
        Object[] values = new Object[shape.components().size()];
        boolean isComplete = true;
        for (int i = 0; i < values.length; i++) {
            Optional<Object> value = component(shape.components().get(i), object, pointer, given);
            if (value.isPresent()) {
                values[i] = value.get();
            }
            isComplete &= value.isPresent();
        }
        Optional<R> made = isComplete ? make(type, values, pointer) : Optional.empty();
        return faults.count() == before ? made : Optional.empty();
    }

    private Optional<Object> component(
            RecordShape.Component component, ObjectNode object, String pointer, Map<String, Object> given) {
        String name = component.name();
        String at = Pointers.member(pointer, name);
        JsonNode member = object.get(name);
        Object known = given.get(name);
        if (member == null) {
            Optional<Object> absent = known != null ? Optional.of(known) : component.absent();
            if (absent.isEmpty()) {
                faults.add(Fault.of(at, ConfigProblem.REQUIRED, "\"" + name + "\" is missing"));
            }
            return absent;
        }
        Optional<Object> value = value(component.type(), member, at);
        if (known != null && value.isPresent() && !value.get().equals(known)) {
            faults.add(Fault.of(
                    at,
                    ConfigProblem.BAD_VALUE,
                    "found \"" + Pointers.shown(value.get().toString()) + "\", the path says \"" + known + "\"",
                    "leave \"" + name + "\" out, or rename the resource with :rename"));
        }
        // With its default in place of what is wrong, the rest of the record can still be judged.
        return value.isPresent() ? value : component.absent();
    }

    private Optional<Object> value(Type type, JsonNode node, String pointer) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                return node.isNull()
                        ? Optional.of(Optional.empty())
                        : value(arguments[0], node, pointer).map(Optional::of);
            }
            if (generic.getRawType() == Setting.class) {
                return node.isNull()
                        ? Optional.of(Setting.none())
                        : value(arguments[0], node, pointer).map(Setting::of);
            }
            return generic.getRawType() == List.class ? list(arguments[0], node, pointer) : map(node, pointer);
        }
        Class<?> raw = (Class<?>) type;
        if (raw == io.penstock.config.JsonText.class) {
            return foreign(node, pointer);
        }
        if (raw == SecretValue.class) {
            return secret(node, pointer);
        }
        if (ValueText.isLeaf(raw)) {
            return leaf(raw, node, pointer);
        }
        return raw.isSealed()
                ? oneOf(raw, node, pointer)
                : record(raw.asSubclass(Record.class), node, pointer).map(Object.class::cast);
    }

    // Whatever is wrong with a secret's value, no fault says what it is.
    private Optional<Object> secret(JsonNode node, String pointer) {
        if (isStored) {
            return SecretJson.readStored(node).map(Object.class::cast);
        }
        Optional<String> text = node instanceof ObjectNode object && isReference(object)
                ? referred(object, pointer)
                : node.isString() ? Optional.of(node.stringValue()) : Optional.empty();
        if (text.isPresent()) {
            try {
                return Optional.of(new SecretValue.Given(text.get()));
            } catch (IllegalArgumentException unfit) {
                faults.add(Fault.of(pointer, ConfigProblem.OUT_OF_RANGE, message(unfit)));
                return Optional.empty();
            }
        }
        Optional<SecretValue> kept = SecretJson.readKept(node);
        if (kept.isEmpty() && !(node instanceof ObjectNode object && isReference(object))) {
            faults.add(Fault.of(
                    pointer,
                    Fault.WRONG_TYPE,
                    "wanted the value as a text, or {stored: ID} to keep the value that is there",
                    node.isNumber() || node.isBoolean() ? "put it in quotes" : ""));
        }
        return kept.map(Object.class::cast);
    }

    /** An object whose members somebody else describes. */
    private Optional<Object> foreign(JsonNode node, String pointer) {
        if (!node.isObject()) {
            faults.wrongType(node, pointer, "an object");
            return Optional.empty();
        }
        return Optional.of(new io.penstock.config.JsonText(JsonText.text(node)));
    }

    private Optional<Object> list(Type element, JsonNode node, String pointer) {
        if (node.isNull() && element == AuthConfig.class) {
            // In YAML a member without a value is null: a forgotten line must not open what was closed.
            faults.add(Fault.of(
                    pointer,
                    Fault.WRONG_TYPE,
                    "found null, wanted a list",
                    "[] asks those of outer levels, [{type: anonymous}] lets everybody pass"));
            return Optional.empty();
        }
        if (!node.isArray()) {
            faults.wrongType(node, pointer, "a list");
            return Optional.empty();
        }
        List<Object> values = new ArrayList<>(node.size());
        boolean isComplete = true;
        for (int i = 0; i < node.size(); i++) {
            Optional<Object> value = value(element, node.get(i), Pointers.element(pointer, i));
            value.ifPresent(values::add);
            isComplete &= value.isPresent();
        }
        return isComplete ? Optional.of(List.copyOf(values)) : Optional.empty();
    }

    private Optional<Object> map(JsonNode node, String pointer) {
        if (!(node instanceof ObjectNode object)) {
            faults.wrongType(node, pointer, "an object");
            return Optional.empty();
        }
        Map<String, Object> values = new LinkedHashMap<>();
        boolean isComplete = true;
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            Optional<Object> value = leaf(String.class, member.getValue(), Pointers.member(pointer, member.getKey()));
            value.ifPresent(text -> values.put(member.getKey(), text));
            isComplete &= value.isPresent();
        }
        return isComplete ? Optional.of(values) : Optional.empty();
    }

    private Optional<Object> oneOf(Class<?> sealed, JsonNode node, String pointer) {
        if (!(node instanceof ObjectNode object)) {
            faults.wrongType(node, pointer, "an object");
            return Optional.empty();
        }
        Map<String, Class<?>> choices = choices(sealed);
        String at = Pointers.member(pointer, "type");
        JsonNode type = object.get("type");
        Optional<Class<?>> byMember = type == null ? chosenByMember(choices, object) : Optional.empty();
        if (byMember.isPresent()) {
            return record(byMember.get().asSubclass(Record.class), node, pointer)
                    .map(Object.class::cast);
        }
        if (type == null || !type.isString()) {
            faults.add(Fault.of(
                    at,
                    ConfigProblem.REQUIRED,
                    "\"type\" is missing or no text, wanted one of " + BindingFaults.words(choices.keySet())));
            return Optional.empty();
        }
        Class<?> chosen = choices.get(type.stringValue());
        if (chosen == null) {
            boolean isPlanned = PLANNED_TYPES.contains(type.stringValue());
            faults.add(Fault.of(
                    at,
                    isPlanned ? ConfigProblem.NOT_IN_THIS_VERSION : ConfigProblem.BAD_VALUE,
                    "\"" + Pointers.shown(type.stringValue()) + "\" "
                            + (isPlanned ? "is not in this version" : "is no known type") + ", known: "
                            + BindingFaults.words(choices.keySet())
                            + didYouMean(type.stringValue(), choices.keySet())));
            return Optional.empty();
        }
        return record(chosen.asSubclass(Record.class), node, pointer).map(Object.class::cast);
    }

    private static Optional<Class<?>> chosenByMember(Map<String, Class<?>> choices, ObjectNode object) {
        for (Map.Entry<String, Class<?>> choice : choices.entrySet()) {
            if (choice.getValue().getAnnotation(TypeTag.class).byMember() && object.has(choice.getKey())) {
                return Optional.of(choice.getValue());
            }
        }
        return Optional.empty();
    }

    /** The records of a sealed type by the text that chooses them. */
    static Map<String, Class<?>> choices(Class<?> sealed) {
        Map<String, Class<?>> choices = new LinkedHashMap<>();
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            TypeTag tag = permitted.getAnnotation(TypeTag.class);
            if (tag != null) {
                choices.put(tag.value(), permitted);
            }
        }
        return choices;
    }

    private Optional<Object> leaf(Class<?> type, JsonNode node, String pointer) {
        if (node instanceof ObjectNode object && isReference(object)) {
            return referred(object, pointer).flatMap(text -> parsed(type, text, pointer));
        }
        boolean isFitting = switch (LeafKind.of(type)) {
            case NUMBER -> node.isIntegralNumber();
            case TRUTH -> node.isBoolean();
            case TEXT -> node.isString();
            case TEXT_OR_NUMBER -> node.isString() || node.isIntegralNumber();
        };
        if (!isFitting) {
            faults.wrongLeaf(node, pointer, type);
            return Optional.empty();
        }
        return parsed(type, node.asString(), pointer);
    }

    private Optional<Object> parsed(Class<?> type, String text, String pointer) {
        try {
            return Optional.of(ValueText.parse(type, text));
        } catch (IllegalArgumentException unfit) {
            faults.add(Fault.of(pointer, ConfigProblem.BAD_VALUE, message(unfit)));
            return Optional.empty();
        }
    }

    private static boolean isReference(ObjectNode object) {
        return object.size() == 1 && (object.has("file") || object.has("env") || object.has("dir"));
    }

    private Optional<String> referred(ObjectNode object, String pointer) {
        String way = object.propertyNames().iterator().next();
        JsonNode target = object.get(way);
        if (resolver.isEmpty() || way.equals("dir")) {
            faults.add(Fault.of(
                    pointer,
                    ConfigProblem.NOT_READ_HERE,
                    "{" + way + ": ...} is not read by the API",
                    "the command reads it beside the document before sending: penstock apply FILE"));
            return Optional.empty();
        }
        if (!target.isString()) {
            faults.wrongType(target, Pointers.member(pointer, way), "a text");
            return Optional.empty();
        }
        try {
            String text = target.stringValue();
            return Optional.of(
                    way.equals("file")
                            ? resolver.get().file(text)
                            : resolver.get().env(text));
        } catch (IllegalArgumentException unreadable) {
            faults.add(Fault.of(Pointers.member(pointer, way), ConfigProblem.BAD_VALUE, message(unreadable)));
            return Optional.empty();
        }
    }

    private <R extends Record> Optional<R> make(Class<R> type, Object[] values, String pointer) {
        try {
            return Optional.of(RecordDefaults.make(type, values));
        } catch (InvalidValueException refused) {
            for (ValueFault fault : refused.faults()) {
                faults.add(new Fault(
                        pointer + fault.pointer(), fault.code(), fault.detail(), fault.hint(), Optional.empty()));
            }
        } catch (IllegalArgumentException refused) {
            faults.add(Fault.of(pointer, ConfigProblem.BAD_VALUE, message(refused)));
        }
        return Optional.empty();
    }

    private void refuseUnknownMembers(RecordShape shape, ObjectNode object, String pointer) {
        for (String name : object.propertyNames()) {
            if (!shape.hasMember(name)) {
                faults.unknownMembers(object, pointer, shape.memberNames(), shape.planned());
                return;
            }
        }
    }

    private static String didYouMean(String found, Iterable<String> known) {
        return Spelling.nearest(found, known)
                .map(near -> "; did you mean \"" + near + "\"?")
                .orElse("");
    }

    private static String message(IllegalArgumentException unfit) {
        return Optional.ofNullable(unfit.getMessage()).orElse("not acceptable");
    }
}
