package io.penstock.route;

import io.penstock.config.Cidr;
import io.penstock.config.FieldMatch;
import io.penstock.config.FieldMatchType;
import io.penstock.config.RouteMatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/**
 * One host of one match of one route: what the table stores. A route is as many rules as its matches have hosts.
 *
 * @param entry the route
 * @param match index of the match in the route
 * @param host where it is kept
 * @param path under what it is kept there
 * @param conditions what else must hold
 */
record Rule(RouteEntry entry, int match, HostPattern host, PathPattern path, Conditions conditions) {
    /** Conditions on fields and sources at most, for each of the three. */
    static final int CONDITIONS_MAX = 255;

    private static final int VALUE_BYTES_MAX = 8192;

    /** What must hold beside host and path. */
    record Conditions(List<String> methods, List<FieldMatch> headers, List<FieldMatch> query, List<Cidr> sources) {}

    /**
     * The rules of a route.
     *
     * @throws IllegalArgumentException if something in it cannot stand in a table
     */
    static List<Rule> of(RouteEntry entry, Atoms atoms) {
        int nameBytes = entry.name().getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes > RouteEntry.NAME_BYTES_MAX) {
            throw new IllegalArgumentException("route \"" + entry.name() + "\": the name has " + nameBytes
                    + " bytes, at most " + RouteEntry.NAME_BYTES_MAX + " are allowed");
        }
        List<RouteMatch> matches = entry.matches().isEmpty() ? List.of(RouteMatch.DEFAULTS) : entry.matches();
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < matches.size(); i++) {
            try {
                addRules(entry, i, matches.get(i), atoms, rules);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "route \"" + entry.name() + "\": matches[" + i + "]: " + e.getMessage(), e);
            }
        }
        return rules;
    }

    private static void addRules(RouteEntry entry, int index, RouteMatch match, Atoms atoms, List<Rule> into) {
        if (index > 0xffff) {
            throw new IllegalArgumentException("a route has at most 65536 matches");
        }
        PathPattern path = PathPattern.of(match.path(), atoms);
        Conditions conditions = new Conditions(
                List.copyOf(new LinkedHashSet<>(match.methods())),
                lowerCased(match.headers()),
                List.copyOf(match.query()),
                List.copyOf(match.sources()));
        requireBounded(conditions, atoms);
        if (match.hosts().isEmpty()) {
            into.add(new Rule(entry, index, HostPattern.EVERY, path, conditions));
        }
        LinkedHashSet<HostPattern> hosts = new LinkedHashSet<>();
        for (String host : match.hosts()) {
            hosts.add(HostPattern.of(host));
        }
        for (HostPattern host : hosts) {
            into.add(new Rule(entry, index, host, path, conditions));
        }
    }

    private static List<FieldMatch> lowerCased(List<FieldMatch> headers) {
        return headers.stream()
                .map(field -> new FieldMatch(field.name().toLowerCase(Locale.ROOT), field.type(), field.value()))
                .toList();
    }

    private static void requireBounded(Conditions conditions, Atoms atoms) {
        requireFew("header conditions", conditions.headers().size());
        requireFew("query conditions", conditions.query().size());
        requireFew("sources", conditions.sources().size());
        for (List<FieldMatch> fields : List.of(conditions.headers(), conditions.query())) {
            for (FieldMatch field : fields) {
                requireValue(field, atoms);
            }
        }
    }

    private static void requireFew(String what, int count) {
        if (count > CONDITIONS_MAX) {
            throw new IllegalArgumentException("found " + count + " " + what + ", at most " + CONDITIONS_MAX
                    + " are allowed; split the match in two");
        }
    }

    private static void requireValue(FieldMatch field, Atoms atoms) {
        boolean wantsValue = field.type() == FieldMatchType.EXACT || field.type() == FieldMatchType.REGEX;
        String value = field.value().orElse("");
        if (wantsValue && field.value().isEmpty()) {
            throw new IllegalArgumentException("the condition on " + field.name() + " needs a value");
        }
        if (value.length() > VALUE_BYTES_MAX) {
            throw new IllegalArgumentException("the condition on " + field.name() + " has a value of " + value.length()
                    + " characters, at most " + VALUE_BYTES_MAX + " are allowed");
        }
        if (field.type() == FieldMatchType.REGEX) {
            // Compiled once here, so that a bad expression is found before anything changes.
            PathPattern.program(value, atoms);
        }
    }

    /** Bits of the widest source network, IPv4 counted as if mapped into IPv6; -1 if every source will do. */
    int sourceBits() {
        return conditions.sources().stream()
                .mapToInt(cidr -> cidr.v6() ? cidr.prefix() : cidr.prefix() + 96)
                .min()
                .orElse(-1);
    }
}
