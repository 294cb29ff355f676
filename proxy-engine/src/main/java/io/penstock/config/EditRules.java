package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What edits of header fields and query parameters must keep. */
final class EditRules {
    private static final int EDITS_MAX = 100;
    private static final int NAME_LENGTH_MAX = 256;

    private EditRules() {}

    static void check(HeaderEdits edits, boolean isRequest, Optional<Set<String>> parameters, Scope at) {
        FieldGrammar.checkFields(edits.set(), isRequest, at.in("set"));
        FieldGrammar.checkFields(edits.add(), isRequest, at.in("add"));
        FieldGrammar.checkNames(edits.remove(), isRequest, at.in("remove"));
        FieldGrammar.checkRenames(edits.rename(), isRequest, at.in("rename"));
        checkValues(edits.set(), parameters, at.in("set"));
        checkValues(edits.add(), parameters, at.in("add"));
    }

    static void check(QueryEdits edits, Optional<Set<String>> parameters, Scope at) {
        checkNames(edits.rename().keySet(), at.in("rename"));
        checkNames(edits.rename().values(), at.in("rename"));
        checkNames(edits.remove(), at.in("remove"));
        checkNames(edits.set().keySet(), at.in("set"));
        checkNames(edits.add().keySet(), at.in("add"));
        checkValues(edits.set(), parameters, at.in("set"));
        checkValues(edits.add(), parameters, at.in("add"));
    }

    private static void checkNames(Collection<String> names, Scope at) {
        if (names.size() > EDITS_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + names.size() + " parameters, wanted at most " + EDITS_MAX);
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isEmpty()
                    || name.length() > NAME_LENGTH_MAX
                    || name.chars().anyMatch(Character::isISOControl)) {
                at.in(name)
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found \"" + ValueText.shown(name)
                                        + "\", wanted 1 to 256 characters without control characters");
            } else if (!seen.add(name)) {
                at.in(name).add(ConfigProblem.DUPLICATE, "\"" + ValueText.shown(name) + "\" is named twice");
            }
        }
    }

    private static void checkValues(Map<String, String> values, Optional<Set<String>> parameters, Scope at) {
        values.forEach((name, value) -> TemplateRules.check(value, parameters, at.in(name)));
    }
}
