package io.penstock.admin.resource;

import io.penstock.config.ConfigProblem;
import io.penstock.config.Spelling;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the members of a body that is no configuration, and tells all its faults at once. */
final class BodyMembers {
    private static final int TEXT_CHARS_MAX = 4096;
    private static final int LIST_MAX = 64;

    private final ObjectNode object;
    private final String pointer;
    private final List<Fault> faults;

    private BodyMembers(ObjectNode object, String pointer, List<Fault> faults) {
        this.object = object;
        this.pointer = pointer;
        this.faults = faults;
    }

    /**
     * The members of a body.
     *
     * @param known all that it may have; any other is a fault
     */
    static BodyMembers of(JsonNode body, String... known) {
        return of(body, "", new ArrayList<>(), known)
                .orElseThrow(() -> ApiProblem.invalid(
                        "", Fault.WRONG_TYPE, "found " + JsonText.kindOf(body) + ", wanted an object"));
    }

    private static Optional<BodyMembers> of(JsonNode node, String pointer, List<Fault> faults, String... known) {
        if (!(node instanceof ObjectNode object)) {
            return Optional.empty();
        }
        List<String> names = List.of(known);
        for (String member : object.propertyNames()) {
            if (!names.contains(member)) {
                faults.add(new Fault(
                        Pointers.member(pointer, member),
                        ConfigProblem.UNKNOWN_MEMBER,
                        "unknown member \"" + Pointers.shown(member) + "\"",
                        Spelling.nearest(member, names)
                                .map(near -> "did you mean \"" + near + "\"?")
                                .or(() -> Optional.of("known: " + String.join(", ", names))),
                        Optional.empty()));
            }
        }
        return Optional.of(new BodyMembers(object, pointer, faults));
    }

    boolean has(String member) {
        JsonNode value = object.get(member);
        return value != null && !value.isNull();
    }

    /** A text; a fault if the member is something else. */
    Optional<String> text(String member) {
        JsonNode value = object.get(member);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString() || value.stringValue().length() > TEXT_CHARS_MAX) {
            wrongType(member, value, "a text of at most " + TEXT_CHARS_MAX + " characters");
            return Optional.empty();
        }
        return Optional.of(value.stringValue());
    }

    /** A text that must be there. */
    String required(String member) {
        Optional<String> text = text(member);
        if (!has(member)) {
            fault(member, ConfigProblem.REQUIRED, "\"" + member + "\" is missing");
        }
        return text.orElse("");
    }

    /** A text that stands for a value; a fault if it does not. */
    <T> Optional<T> value(String member, Function<String, T> parser, String wanted) {
        return text(member).flatMap(text -> {
            try {
                return Optional.of(parser.apply(text));
            } catch (DateTimeException | IllegalArgumentException bad) {
                fault(member, ConfigProblem.BAD_VALUE, "found \"" + Pointers.shown(text) + "\", wanted " + wanted);
                return Optional.empty();
            }
        });
    }

    /** A list of texts; empty if it is absent. */
    List<String> texts(String member) {
        List<String> texts = new ArrayList<>();
        for (JsonNode one : list(member)) {
            if (one.isString() && one.stringValue().length() <= TEXT_CHARS_MAX) {
                texts.add(one.stringValue());
            } else {
                wrongType(member + "/" + texts.size(), one, "a text");
            }
        }
        return texts;
    }

    /** A list of objects; empty if it is absent. */
    List<BodyMembers> objects(String member, String... known) {
        List<BodyMembers> objects = new ArrayList<>();
        int index = 0;
        for (JsonNode one : list(member)) {
            String place = member + "/" + index++;
            of(one, pointer + "/" + place, faults, known)
                    .ifPresentOrElse(objects::add, () -> wrongType(place, one, "an object"));
        }
        return objects;
    }

    void fault(String place, String code, String detail) {
        faults.add(Fault.of(pointer + (place.isEmpty() ? "" : "/" + place), code, detail));
    }

    void fault(String place, String code, String detail, String hint) {
        faults.add(Fault.of(pointer + (place.isEmpty() ? "" : "/" + place), code, detail, hint));
    }

    boolean isSound() {
        return faults.isEmpty();
    }

    /** Ends the reading; a problem with every fault if there was one. */
    void end() {
        if (!faults.isEmpty()) {
            throw ApiProblem.invalid(faults);
        }
    }

    private List<JsonNode> list(String member) {
        JsonNode value = object.get(member);
        if (value == null || value.isNull()) {
            return List.of();
        }
        if (!value.isArray() || value.size() > LIST_MAX) {
            wrongType(member, value, "a list of at most " + LIST_MAX);
            return List.of();
        }
        return value.valueStream().toList();
    }

    private void wrongType(String place, JsonNode found, String wanted) {
        fault(place, Fault.WRONG_TYPE, "found " + JsonText.kindOf(found) + ", wanted " + wanted);
    }
}
