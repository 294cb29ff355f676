package io.penstock.admin.resource;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ErrorMatch;
import io.penstock.config.RetryCondition;
import io.penstock.config.Spelling;
import io.penstock.config.StatusRange;
import io.penstock.config.ValueText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is wrong with a text that records are made of: all of it, in order, each with what was found and what is wanted. */
final class BindingFaults {
    private final List<Fault> all = new ArrayList<>();

    List<Fault> all() {
        return all;
    }

    int count() {
        return all.size();
    }

    void add(Fault fault) {
        all.add(fault);
    }

    /** A tree is not what a member wants. */
    void wrongType(JsonNode node, String pointer, String wanted) {
        String hint = node.isNull()
                ? "leave the member out to get its default"
                : wanted.startsWith("a text") && node.isValueNode() ? "put it in quotes" : "";
        add(new Fault(
                pointer,
                Fault.WRONG_TYPE,
                "found " + JsonText.kindOf(node) + ", wanted " + wanted,
                hint.isEmpty() ? Optional.empty() : Optional.of(hint),
                Optional.empty()));
    }

    /** A tree is not as the values of a leaf type are written. */
    void wrongLeaf(JsonNode node, String pointer, Class<?> type) {
        if (node.isNumber()
                && LeafKind.of(type) == LeafKind.TEXT
                && !ValueText.isChoice(type)
                && type != String.class) {
            // What quotes would make of it: most often it lacks its unit.
            try {
                ValueText.parse(type, node.asString());
            } catch (IllegalArgumentException unreadable) {
                add(Fault.of(pointer, Fault.WRONG_TYPE, String.valueOf(unreadable.getMessage())));
                return;
            }
        }
        wrongType(
                node,
                pointer,
                switch (LeafKind.of(type)) {
                    case NUMBER -> "a whole number";
                    case TRUTH -> "true or false";
                    case TEXT -> ValueText.isChoice(type) ? "a text, one of " + words(ValueText.words(type)) : "a text";
                    case TEXT_OR_NUMBER ->
                        type == ErrorMatch.class
                                ? "a status such as 404, or a text such as \"5xx\""
                                : type == StatusRange.class
                                        ? "a status, or a text such as \"2xx\""
                                        : type == RetryCondition.class
                                                ? "a status, or a text such as \"connectFailure\""
                                                : "a text such as \"64KiB\", or a number of bytes";
                });
    }

    /** Every member that is not known; those that a later version will have are called so. */
    void unknownMembers(ObjectNode object, String pointer, List<String> known, Set<String> planned) {
        for (String name : object.propertyNames()) {
            if (known.contains(name)) {
                continue;
            }
            String at = Pointers.member(pointer, name);
            if (planned.contains(name)) {
                add(Fault.of(
                        at,
                        ConfigProblem.NOT_IN_THIS_VERSION,
                        "\"" + name + "\" is not in this version",
                        "take it out"));
            } else {
                Optional<String> near = Spelling.nearest(name, known);
                add(new Fault(
                        at,
                        ConfigProblem.UNKNOWN_MEMBER,
                        "unknown member \"" + Pointers.shown(name) + "\"",
                        Optional.of(near.map(word -> "did you mean \"" + word + "\"?")
                                .orElse("known: " + String.join(", ", known))),
                        Optional.empty()));
            }
        }
    }

    /** Words as they stand in a fault. */
    static String words(Iterable<String> words) {
        return "\"" + String.join("\", \"", words) + "\"";
    }
}
