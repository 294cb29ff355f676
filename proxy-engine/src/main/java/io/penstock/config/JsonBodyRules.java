package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What edits of JSON bodies must keep. */
final class JsonBodyRules {
    private static final int EDITS_MAX = 100;
    private static final int POINTER_LENGTH_MAX = 1024;

    private JsonBodyRules() {}

    static void check(JsonBodyFilterConfig filter, Optional<Set<String>> parameters, Scope at) {
        if (filter.request().isEmpty() && filter.response().isEmpty()) {
            at.add(
                    ConfigProblem.REQUIRED,
                    "it changes nothing",
                    "write set, remove, rename or fromXml under request or response");
        }
        check(filter.request(), parameters, at.in("request"));
        check(filter.response(), parameters, at.in("response"));
    }

    private static void check(JsonBodyEdits edits, Optional<Set<String>> parameters, Scope at) {
        edits.rename().forEach((pointer, name) -> {
            checkPointer(pointer, at.in("rename").in(pointer));
            if (pointer.isEmpty()) {
                at.in("rename").in(pointer).add(ConfigProblem.BAD_VALUE, "the whole document has no name");
            }
        });
        for (int i = 0; i < edits.remove().size(); i++) {
            checkPointer(edits.remove().get(i), at.in("remove").in(i));
        }
        if (edits.rename().size() > EDITS_MAX || edits.remove().size() > EDITS_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found more than " + EDITS_MAX + " edits of one kind");
        }
        edits.set().ifPresent(set -> checkSet(set, parameters, at.in("set")));
    }

    private static void checkSet(JsonText set, Optional<Set<String>> parameters, Scope at) {
        try {
            if (JsonTree.parse(set.text()) instanceof Map<?, ?> values) {
                if (values.size() > EDITS_MAX) {
                    at.add(ConfigProblem.BAD_VALUE, "found " + values.size() + " edits, wanted at most " + EDITS_MAX);
                }
                values.forEach((pointer, value) -> {
                    checkPointer(String.valueOf(pointer), at.in(String.valueOf(pointer)));
                    checkTexts(value, parameters, at.in(String.valueOf(pointer)));
                });
            } else {
                at.add(ConfigProblem.BAD_VALUE, "wanted an object from pointers to values");
            }
        } catch (JsonTree.MalformedException malformed) {
            at.add(ConfigProblem.BAD_VALUE, String.valueOf(malformed.getMessage()));
        }
    }

    private static void checkTexts(Object value, Optional<Set<String>> parameters, Scope at) {
        switch (value) {
            case String text -> TemplateRules.check(text, parameters, at);
            case Map<?, ?> members -> members.values().forEach(each -> checkTexts(each, parameters, at));
            case List<?> elements -> elements.forEach(each -> checkTexts(each, parameters, at));
            default -> {}
        }
    }

    private static void checkPointer(String pointer, Scope at) {
        boolean isEscaped = !pointer.replace("~0", "").replace("~1", "").contains("~");
        if (!(pointer.isEmpty() || pointer.startsWith("/")) || !isEscaped || pointer.length() > POINTER_LENGTH_MAX) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found \"" + ValueText.shown(pointer) + "\", wanted a JSON Pointer (RFC 6901)",
                    "for example \"/a/b\" or \"/list/0\"; in names ~ is written ~0 and / is written ~1");
        }
    }
}
