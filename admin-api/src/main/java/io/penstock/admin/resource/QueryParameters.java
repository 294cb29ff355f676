package io.penstock.admin.resource;

import io.penstock.config.Spelling;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** The query of a request, parsed strictly: an unknown name, or one said twice where once is meant, is refused. */
public final class QueryParameters {
    private static final int COUNT_MAX = 64;

    private final Map<String, List<String>> values;

    private QueryParameters(Map<String, List<String>> values) {
        this.values = values;
    }

    /**
     * Parses a query.
     *
     * @param raw behind the question mark, as sent
     * @param known the names that the endpoint takes
     */
    static QueryParameters parse(String raw, Set<String> known) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (raw.isEmpty()) {
            return new QueryParameters(values);
        }
        String[] pairs = raw.split("&", -1);
        if (pairs.length > COUNT_MAX) {
            throw ApiProblem.of(400, "bad-parameter", "More than " + COUNT_MAX + " query parameters");
        }
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            if (!known.contains(name)) {
                throw ApiProblem.badParameter(
                        name,
                        "not known here",
                        Spelling.nearest(name, known)
                                .map(near -> "did you mean \"" + near + "\"?")
                                .orElse(known.isEmpty() ? "none is known here" : "known: " + String.join(", ", known)));
            }
            values.computeIfAbsent(name, first -> new ArrayList<>())
                    .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
        return new QueryParameters(values);
    }

    private static String decode(String raw) {
        try {
            return URLDecoder.decode(raw, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException badEscape) {
            throw ApiProblem.of(400, "bad-parameter", "The query has a bad escape");
        }
    }

    /** What the query asks for, whatever the order of its names; how long to wait is no part of it. */
    String meaning() {
        Map<String, List<String>> sorted = new TreeMap<>(values);
        sorted.remove("wait");
        return sorted.toString();
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    Optional<String> one(String name) {
        List<String> said = all(name);
        if (said.size() > 1) {
            throw ApiProblem.badParameter(name, "said " + said.size() + " times, wanted once", "");
        }
        return said.stream().findFirst();
    }

    /** Absent is false; the bare name is true. */
    boolean flag(String name) {
        return switch (one(name).orElse("false")) {
            case "true", "" -> true;
            case "false" -> false;
            default -> throw ApiProblem.badParameter(name, "wanted true or false", "");
        };
    }

    int between(String name, int min, int max, int absent) {
        OptionalLong number = number(name);
        if (number.isPresent() && (number.getAsLong() < min || number.getAsLong() > max)) {
            throw ApiProblem.badParameter(name, "wanted " + min + " to " + max, "");
        }
        return (int) number.orElse(absent);
    }

    OptionalLong number(String name) {
        Optional<String> text = one(name);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!text.get().matches("[0-9]{1,18}")) {
            throw ApiProblem.badParameter(name, "wanted a whole number", "");
        }
        return OptionalLong.of(Long.parseLong(text.get()));
    }

    /** One word of a few. */
    String choice(String name, String absent, List<String> words) {
        String said = one(name).orElse(absent);
        if (!words.contains(said)) {
            throw ApiProblem.badParameter(name, "wanted one of " + String.join(", ", words), "");
        }
        return said;
    }
}
