package io.penstock.config;

import io.penstock.config.Problems.Scope;
import io.penstock.config.TemplateText.Part;
import io.penstock.config.TemplateText.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What placeholders in configured texts may name. */
final class TemplateRules {
    private static final List<String> KNOWN = Arrays.stream(Source.values())
            .map(Source::text)
            .filter(text -> !text.isEmpty())
            .toList();

    private TemplateRules() {}

    static void check(String text, Optional<Set<String>> parameters, Scope at) {
        for (Part part : TemplateText.parse(text).parts()) {
            check(part, parameters, at);
        }
    }

    static void check(Part part, Optional<Set<String>> parameters, Scope at) {
        switch (part.source()) {
            case UNKNOWN -> {
                List<String> candidates = new ArrayList<>(KNOWN);
                parameters.ifPresent(known -> known.forEach(name -> candidates.add("path." + name)));
                at.add(
                        ConfigProblem.UNKNOWN_REFERENCE,
                        "{" + ValueText.shown(part.text()) + "} is nothing that a template knows",
                        Spelling.nearest(part.text(), candidates)
                                .map(near -> "did you mean {" + near + "}? Literally it is {{" + part.text() + "}}")
                                .orElse("known: " + String.join(", ", KNOWN) + "; literally it is {{" + part.text()
                                        + "}}"));
            }
            case PARAMETER ->
                parameters.ifPresent(known -> {
                    if (!known.contains(part.text())) {
                        at.add(
                                ConfigProblem.UNKNOWN_REFERENCE,
                                "{path." + part.text() + "} is not a parameter of every path template of the route",
                                known.isEmpty()
                                        ? "match with a path of type template that has it"
                                        : "known: " + String.join(", ", known));
                    }
                });
            case HEADER, COOKIE -> {
                if (!Grammar.isToken(part.text())) {
                    at.add(ConfigProblem.BAD_VALUE, "\"" + ValueText.shown(part.text()) + "\" is no name of a field");
                }
            }
            case LITERAL,
                    METHOD,
                    HOST,
                    PATH,
                    QUERY,
                    SCHEME,
                    ROUTE,
                    REQUEST_ID,
                    CLIENT_ADDRESS,
                    LISTENER,
                    CONSUMER,
                    QUERY_PARAMETER -> {}
        }
    }
}
