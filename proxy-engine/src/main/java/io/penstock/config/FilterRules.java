package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What filters must keep, wherever they are written. */
final class FilterRules {
    private static final int FILTERS_MAX = 64;

    private FilterRules() {}

    /** Checks a level's list; the parameters are those a route's templates give, or empty where no route is known. */
    static void check(List<FilterConfig> filters, Optional<Set<String>> parameters, Scope at) {
        if (filters.size() > FILTERS_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + filters.size() + " filters, wanted at most " + FILTERS_MAX);
        }
        for (int i = 0; i < filters.size(); i++) {
            Scope filter = at.in(i);
            switch (filters.get(i)) {
                case RewriteFilterConfig rewrite -> checkRewrite(rewrite, parameters, filter);
                case HeadersFilterConfig headers -> {
                    EditRules.check(headers.request(), true, parameters, filter.in("request"));
                    EditRules.check(headers.response(), false, parameters, filter.in("response"));
                }
                case JsonBodyFilterConfig json -> JsonBodyRules.check(json, parameters, filter);
                case MirrorFilterConfig mirror -> {}
                case DecompressFilterConfig decompress -> {}
                case CompressFilterConfig compress -> CompressRules.check(compress, filter);
                case PluginFilterConfig plugin -> PluginRules.check(plugin, filter);
                case FaultFilterConfig fault -> checkFault(fault, filter);
                case LevelFilterConfig member ->
                    throw new IllegalArgumentException(member.type() + " stands in a member of its own");
            }
        }
    }

    static void checkPath(PathEdit edit, Optional<Set<String>> parameters, Scope at) {
        checkPlainPath(withoutValues(edit), parameters, at);
        edit.set().ifPresent(text -> checkValues(text, parameters, at.in("set")));
    }

    private static void checkPlainPath(PathEdit edit, Optional<Set<String>> parameters, Scope at) {
        int written = (edit.stripPrefix().isPresent() ? 1 : 0)
                + (edit.replacePrefix().isPresent() ? 1 : 0)
                + (edit.set().isPresent() ? 1 : 0);
        if (written != 1) {
            at.add(
                    ConfigProblem.EXACTLY_ONE,
                    "found " + written + " of stripPrefix, replacePrefix and set, wanted exactly one");
        }
        edit.stripPrefix().ifPresent(prefix -> PathGrammar.checkPrefix(prefix, at.in("stripPrefix")));
        edit.replacePrefix().ifPresent(replacement -> {
            PathGrammar.checkPrefix(replacement.from(), at.in("replacePrefix").in("from"));
            PathGrammar.checkPrefix(replacement.to(), at.in("replacePrefix").in("to"));
        });
        edit.set().ifPresent(path -> {
            PathGrammar.checkTemplate(path, at.in("set"));
            parameters.ifPresent(known -> {
                for (String name : PathGrammar.parameters(path)) {
                    if (!known.contains(name)) {
                        at.in("set")
                                .add(
                                        ConfigProblem.UNKNOWN_REFERENCE,
                                        "{" + name + "} is not a parameter of every path template of the route",
                                        known.isEmpty()
                                                ? "match with a path of type template that has it"
                                                : "known: " + String.join(", ", known));
                    }
                }
            });
        });
    }

    private static void checkRewrite(RewriteFilterConfig rewrite, Optional<Set<String>> parameters, Scope at) {
        if (rewrite.path().isEmpty()
                && rewrite.query().isEmpty()
                && rewrite.host().isEmpty()) {
            at.add(ConfigProblem.REQUIRED, "a rewrite changes nothing", "give it a path, a query or a host");
        }
        rewrite.path().ifPresent(edit -> checkPath(edit, parameters, at.in("path")));
        EditRules.check(rewrite.query(), parameters, at.in("query"));
        rewrite.host().ifPresent(host -> checkAuthority(host, at.in("host")));
    }

    private static void checkFault(FaultFilterConfig fault, Scope at) {
        if (fault.delay().isEmpty() && fault.abort().isEmpty()) {
            at.add(
                    ConfigProblem.REQUIRED,
                    "found neither delay nor abort, wanted at least one",
                    "for example delay: {for: 200ms, share: 5%}");
        }
        fault.header().ifPresent(match -> {
            FieldGrammar.checkName(match.name(), at.in("header").in("name"));
            RouteRules.checkCondition(match, at.in("header"));
        });
    }

    static void checkAuthority(String host, Scope at) {
        if (!Grammar.isAuthority(host)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found host \"" + ValueText.shown(host) + "\", wanted a host with an optional port",
                    "for example \"orders.internal\" or \"orders.internal:8443\"");
        }
    }

    // Values of the request stand for one segment each; to the grammar of templates they are like any other segment.
    private static PathEdit withoutValues(PathEdit edit) {
        return edit.set()
                .map(text -> PathEdit.to(Arrays.stream(text.split("/", -1))
                        .map(segment -> isValue(segment) ? "value" : segment)
                        .collect(Collectors.joining("/"))))
                .map(plain -> new PathEdit(edit.stripPrefix(), edit.replacePrefix(), plain.set()))
                .orElse(edit);
    }

    private static boolean isValue(String segment) {
        List<TemplateText.Part> parts = TemplateText.parse(segment).parts();
        return parts.size() == 1
                && switch (parts.getFirst().source()) {
                    case HEADER, COOKIE, QUERY_PARAMETER, PARAMETER -> true;
                    case METHOD, HOST, SCHEME, ROUTE, REQUEST_ID, CLIENT_ADDRESS, LISTENER, CONSUMER -> true;
                    case LITERAL, PATH, QUERY, UNKNOWN -> false;
                };
    }

    private static void checkValues(String text, Optional<Set<String>> parameters, Scope at) {
        for (String segment : text.split("/", -1)) {
            if (isValue(segment)) {
                TemplateRules.check(TemplateText.parse(segment).parts().getFirst(), parameters, at);
            }
        }
    }
}
