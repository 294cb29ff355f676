package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a route must keep by itself. */
final class RouteRules {
    private static final int MATCHES_MAX = 256;
    private static final int CONDITIONS_MAX = 255;
    private static final int METHODS_MAX = 32;

    private RouteRules() {}

    static void check(RouteConfig route, Scope at) {
        checkAnswer(route, at);
        PassthroughRules.check(route, at);
        if (route.matches().isEmpty()) {
            at.in("matches")
                    .add(
                            ConfigProblem.REQUIRED,
                            "a route without matches is never taken",
                            route.upstream().isPresent()
                                    ? "write matches: [{}] for every connection, or [{snis: [a.example]}]"
                                    : "write matches: [{path: {type: prefix, value: /}}] for every request");
        }
        checkCount(route.matches().size(), MATCHES_MAX, "matches", at.in("matches"));
        for (int i = 0; i < route.matches().size(); i++) {
            checkMatch(route.matches().get(i), at.in("matches").in(i));
        }
        checkDistinct(route.listeners(), at.in("listeners"));
        BackendRules.check(route.backends(), at.in("backends"));
        UpgradeRules.check(route.upgrades(), at.in("upgrades"));
        route.respond().ifPresent(respond -> checkRespond(respond, parameters(route), at.in("respond")));
        route.redirect().ifPresent(redirect -> RedirectRules.check(redirect, route, at.in("redirect")));
    }

    private static void checkAnswer(RouteConfig route, Scope at) {
        List<String> written = new ArrayList<>();
        route.service().ifPresent(service -> written.add("service"));
        if (!route.backends().isEmpty()) {
            written.add("backends");
        }
        route.respond().ifPresent(respond -> written.add("respond"));
        route.redirect().ifPresent(redirect -> written.add("redirect"));
        route.upstream().ifPresent(upstream -> written.add("upstream"));
        if (written.size() != 1) {
            at.add(
                    ConfigProblem.EXACTLY_ONE,
                    "found " + (written.isEmpty() ? "none" : String.join(" and ", written))
                            + ", wanted exactly one of service, backends, respond, redirect and upstream");
        }
    }

    /** The parameters that can be relied on: every way into the route gives them. */
    static Set<String> parameters(RouteConfig route) {
        Set<String> common = null;
        for (RouteMatch match : route.matches()) {
            Set<String> names = match.path().type() == PathType.TEMPLATE
                    ? PathGrammar.parameters(match.path().value())
                    : Set.of();
            if (common == null) {
                common = new HashSet<>(names);
            } else {
                common.retainAll(names);
            }
        }
        return common == null ? Set.of() : common;
    }

    private static void checkMatch(RouteMatch match, Scope at) {
        checkCount(match.hosts().size(), CONDITIONS_MAX, "hosts", at.in("hosts"));
        for (int i = 0; i < match.hosts().size(); i++) {
            HostGrammar.check(match.hosts().get(i), at.in("hosts").in(i));
        }
        checkDistinct(match.hosts(), at.in("hosts"));
        String path = match.path().value();
        Scope value = at.in("path").in("value");
        switch (match.path().type()) {
            case EXACT -> {
                // OPTIONS * asks about the server as a whole (RFC 9110 section 7.1).
                if (!path.equals("*")) {
                    PathGrammar.check(path, value);
                }
            }
            case PREFIX -> PathGrammar.checkPrefix(path, value);
            case TEMPLATE -> PathGrammar.checkTemplate(path, value);
            case REGEX -> RegexGrammar.check(path, value);
        }
        checkCount(match.methods().size(), METHODS_MAX, "methods", at.in("methods"));
        for (int i = 0; i < match.methods().size(); i++) {
            checkMethod(match.methods().get(i), at.in("methods").in(i));
        }
        checkDistinct(match.methods(), at.in("methods"));
        checkCount(match.headers().size(), CONDITIONS_MAX, "conditions", at.in("headers"));
        for (int i = 0; i < match.headers().size(); i++) {
            FieldMatch field = match.headers().get(i);
            FieldGrammar.checkName(field.name(), at.in("headers").in(i).in("name"));
            checkCondition(field, at.in("headers").in(i));
        }
        checkCount(match.query().size(), CONDITIONS_MAX, "conditions", at.in("query"));
        for (int i = 0; i < match.query().size(); i++) {
            FieldMatch field = match.query().get(i);
            if (field.name().isEmpty() || field.name().length() > 256 || hasControl(field.name())) {
                at.in("query")
                        .in(i)
                        .in("name")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found \"" + ValueText.shown(field.name())
                                        + "\", wanted 1 to 256 characters without control characters");
            }
            checkCondition(field, at.in("query").in(i));
        }
        checkCount(match.sources().size(), CONDITIONS_MAX, "sources", at.in("sources"));
    }

    static void checkMethod(String method, Scope at) {
        if (!Grammar.isToken(method)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found method \"" + ValueText.shown(method) + "\", wanted a token such as GET");
        } else if (!method.equals(method.toUpperCase(Locale.ROOT))) {
            // Methods are case-sensitive (RFC 9110 section 9.1), and none in use has a lower-case letter.
            at.add(
                    ConfigProblem.NOT_CANONICAL,
                    "found method \"" + method + "\", wanted capital letters",
                    "write \"" + method.toUpperCase(Locale.ROOT) + "\"");
        }
    }

    static void checkCondition(FieldMatch field, Scope at) {
        boolean takesValue = field.type() == FieldMatchType.EXACT || field.type() == FieldMatchType.REGEX;
        if (takesValue && field.value().isEmpty()) {
            at.in("value")
                    .add(
                            ConfigProblem.REQUIRED,
                            "\"value\" is missing for type " + field.type().text(),
                            "give a value, or use type present");
        } else if (!takesValue && field.value().isPresent()) {
            at.in("value")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "type " + field.type().text() + " compares no value",
                            "leave the value out, or use type exact");
        } else if (field.type() == FieldMatchType.REGEX) {
            RegexGrammar.check(field.value().orElse(""), at.in("value"));
        } else {
            FieldGrammar.checkValue(field.value().orElse(""), at.in("value"));
        }
    }

    private static void checkRespond(RespondConfig respond, Set<String> parameters, Scope at) {
        if (respond.templates()) {
            respond.body().ifPresent(body -> TemplateRules.check(body, Optional.of(parameters), at.in("body")));
            respond.headers()
                    .forEach((name, value) -> TemplateRules.check(
                            value, Optional.of(parameters), at.in("headers").in(name)));
        }
        FieldGrammar.checkValue(respond.contentType(), at.in("contentType"));
        FieldGrammar.checkFields(respond.headers(), false, at.in("headers"));
        for (String name : respond.headers().keySet()) {
            if (name.equalsIgnoreCase("content-type")) {
                at.in("headers").in(name).add(ConfigProblem.DUPLICATE, "the Content-Type stands in contentType");
            }
        }
        // RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5.
        boolean isBodiless = respond.status() == 204 || respond.status() == 205 || respond.status() == 304;
        if (isBodiless && !respond.body().orElse("").isEmpty()) {
            at.in("body")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "an answer with status " + respond.status() + " has no body",
                            "leave the body out, or answer with 200");
        }
    }

    static void checkDistinct(List<String> values, Scope at) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < values.size(); i++) {
            if (!seen.add(values.get(i))) {
                at.in(i).add(ConfigProblem.DUPLICATE, "\"" + ValueText.shown(values.get(i)) + "\" is named twice");
            }
        }
    }

    private static void checkCount(int count, int max, String what, Scope at) {
        if (count > max) {
            at.add(ConfigProblem.BAD_VALUE, "found " + count + " " + what + ", wanted at most " + max);
        }
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
