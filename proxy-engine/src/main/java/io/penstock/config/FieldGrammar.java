package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The header fields that configuration may write: by the grammar of RFC 9110, and none that frames a message. */
final class FieldGrammar {
    private static final int FIELDS_MAX = 100;

    // What the gateway itself must say about framing and the connection (RFC 9110 section 7.6.1): a configured one
    // would lie.
    private static final Set<String> OURS = Set.of(
            "connection",
            "content-length",
            "expect",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private FieldGrammar() {}

    static void checkName(String name, Scope at) {
        if (!Grammar.isToken(name)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found field name \"" + ValueText.shown(name) + "\", wanted letters, digits and hyphens",
                    "for example \"X-Env\"");
        }
    }

    /** The name of a header that says who calls. */
    static void checkIdentity(String name, Scope at) {
        checkName(name, at);
        String lower = name.toLowerCase(Locale.ROOT);
        if (OURS.contains(lower) || lower.equals("host") || lower.startsWith("x-penstock-")) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "\"" + ValueText.shown(name) + "\" is a header that the gateway writes itself",
                    "for example \"X-User\"");
        }
    }

    static void checkValue(String value, Scope at) {
        if (!Grammar.isFieldValue(value)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found field value \"" + ValueText.shown(value)
                            + "\", wanted at most 8192 characters without line breaks, control characters or spaces around it");
        }
    }

    /** A map of fields that are to be written. */
    static void checkFields(Map<String, String> fields, boolean isRequest, Scope at) {
        checkCount(fields.size(), at);
        Set<String> seen = new HashSet<>();
        fields.forEach((name, value) -> {
            checkEditable(name, isRequest, seen, at.in(name));
            checkValue(value, at.in(name));
        });
    }

    /** A list of fields that are to be taken away. */
    static void checkNames(List<String> names, boolean isRequest, Scope at) {
        checkCount(names.size(), at);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            checkEditable(names.get(i), isRequest, seen, at.in(i));
        }
    }

    /** A map of fields that are to be called otherwise. */
    static void checkRenames(Map<String, String> names, boolean isRequest, Scope at) {
        checkCount(names.size(), at);
        Set<String> seen = new HashSet<>();
        Set<String> targets = new HashSet<>();
        names.forEach((from, to) -> {
            checkEditable(from, isRequest, seen, at.in(from));
            checkEditable(to, isRequest, targets, at.in(from));
        });
    }

    private static void checkEditable(String name, boolean isRequest, Set<String> seen, Scope at) {
        checkName(name, at);
        String lower = name.toLowerCase(Locale.ROOT);
        if (OURS.contains(lower)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "the gateway itself writes \"" + name + "\", since it frames the message",
                    "leave it out");
        } else if (isRequest && lower.equals("host")) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "\"Host\" is not changed as a field",
                    "set the service's hostHeader, or a rewrite filter's host");
        }
        if (!seen.add(lower)) {
            at.add(
                    ConfigProblem.DUPLICATE,
                    "\"" + ValueText.shown(name) + "\" is named twice; names differ by more than case");
        }
    }

    private static void checkCount(int count, Scope at) {
        if (count > FIELDS_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + count + " fields, wanted at most " + FIELDS_MAX);
        }
    }
}
