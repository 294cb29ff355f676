package io.penstock.route;

import com.google.re2j.Pattern;
import io.penstock.config.FieldMatch;
import io.penstock.config.PathType;
import io.penstock.config.RouteMatch;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** What docs/ROUTING.md says, written down as plainly as possible: sort all rules, ask one after the other. */
final class ReferenceRoutes {
    /** What a lookup must say. */
    record Decision(int route, List<String> allow) {}

    private record Line(RouteEntry entry, int index, RouteMatch match, String host, List<String> segments) {
        int hostRank() {
            return host.equals("*") ? 2 : host.startsWith("*.") ? 1 : 0;
        }

        PathType type() {
            return match.path().type();
        }

        boolean hasTail() {
            return type() == PathType.TEMPLATE && segments.getLast().endsWith("...}");
        }

        int pathRank() {
            return switch (type()) {
                case EXACT -> 0;
                case TEMPLATE -> hasTail() ? 3 : 1;
                case REGEX -> 2;
                case PREFIX -> 3;
            };
        }

        int literalSegments() {
            return switch (type()) {
                case EXACT -> 0;
                case TEMPLATE ->
                    (int) segments.stream().filter(s -> !s.startsWith("{")).count();
                case PREFIX -> segments.size();
                case REGEX -> REGEXES.getOrDefault(match.path().value(), 0);
            };
        }

        String form() {
            // Filled up, so that a longer template is not later for its length.
            StringBuilder form = new StringBuilder();
            if (type() == PathType.TEMPLATE) {
                segments.forEach(s -> form.append(s.startsWith("{") ? 'P' : 'L'));
            }
            return form + "P".repeat(PathScan.SEGMENTS_MAX + 1 - form.length());
        }

        int sourceBits() {
            return match.sources().stream()
                    .mapToInt(cidr -> cidr.v6() ? cidr.prefix() : cidr.prefix() + 96)
                    .min()
                    .orElse(-1);
        }
    }

    /** The expressions in use, with the number of whole segments that each begins with literally. */
    static final Map<String, Integer> REGEXES = Map.of(
            "/a/[ab]+", 1,
            "/[abc]/.*", 0,
            ".*c", 0,
            "/a/b/.*", 2,
            "/(a|b)/c", 0,
            "/a.*", 0,
            "/a|/b/.*", 0,
            "^/a/b$", 1,
            "/a/b?", 1,
            "/.*", 0);

    private static final Comparator<Line> ORDER = Comparator.comparingInt(Line::hostRank)
            .thenComparing(line -> line.host().length(), Comparator.reverseOrder())
            .thenComparingInt(Line::pathRank)
            .thenComparing(Line::literalSegments, Comparator.reverseOrder())
            .thenComparing(Line::hasTail, Comparator.reverseOrder())
            .thenComparing(Line::form)
            .thenComparing(line -> line.segments().size(), Comparator.reverseOrder())
            .thenComparing(line -> line.match().methods().isEmpty())
            .thenComparing(line -> line.match().headers().size(), Comparator.reverseOrder())
            .thenComparing(line -> line.match().query().size(), Comparator.reverseOrder())
            .thenComparing(Line::sourceBits, Comparator.reverseOrder())
            .thenComparing(line -> line.entry().priority(), Comparator.reverseOrder())
            .thenComparing(line -> line.entry().name())
            .thenComparingInt(Line::index);

    private final Map<String, Pattern> patterns = new HashMap<>();
    private final List<Line> lines = new ArrayList<>();

    ReferenceRoutes(Collection<RouteEntry> entries) {
        for (RouteEntry entry : entries) {
            for (int i = 0; i < entry.matches().size(); i++) {
                RouteMatch match = entry.matches().get(i);
                for (String host : match.hosts().isEmpty() ? List.of("*") : match.hosts()) {
                    lines.add(new Line(entry, i, match, host, segments(match)));
                }
            }
        }
        lines.sort(ORDER);
    }

    private static List<String> segments(RouteMatch match) {
        String value = match.path().value();
        return switch (match.path().type()) {
            case TEMPLATE -> List.of(value.substring(1).split("/", -1));
            case PREFIX ->
                value.equals("/") ? List.of() : List.of(value.substring(1).split("/", -1));
            case EXACT, REGEX -> List.of();
        };
    }

    Decision decide(FakeQuery query) {
        List<String> path = List.of(query.path().substring(1).split("/", -1));
        TreeSet<String> allow = new TreeSet<>();
        for (Line line : lines) {
            if (hostFits(line, query.host()) && pathFits(line, query.path(), path) && conditionsFit(line, query)) {
                List<String> methods = line.match().methods();
                if (methods.isEmpty() || methods.contains(query.method())) {
                    return new Decision(line.entry().routeId(), List.of());
                }
                allow.addAll(methods);
            }
        }
        return new Decision(allow.isEmpty() ? RouteLookup.NONE : RouteLookup.METHOD_NOT_ALLOWED, List.copyOf(allow));
    }

    private static boolean hostFits(Line line, String host) {
        return switch (line.hostRank()) {
            case 0 -> host.equals(line.host());
            case 1 ->
                host.endsWith(line.host().substring(1))
                        && host.length() >= line.host().length();
            default -> true;
        };
    }

    private boolean pathFits(Line line, String path, List<String> segments) {
        return switch (line.type()) {
            case EXACT -> path.equals(line.match().path().value());
            case PREFIX ->
                segments.size() >= line.segments().size()
                        && segments.subList(0, line.segments().size()).equals(line.segments());
            case TEMPLATE -> templateFits(line, segments);
            case REGEX -> matches(line.match().path().value(), path);
        };
    }

    private static boolean templateFits(Line line, List<String> segments) {
        int count = line.segments().size();
        if (line.hasTail() ? segments.size() < count : segments.size() != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            String want = line.segments().get(i);
            if (!want.startsWith("{") && !want.equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean matches(String expression, String text) {
        return patterns.computeIfAbsent(expression, Pattern::compile).matches(text);
    }

    private boolean conditionsFit(Line line, FakeQuery query) {
        if (!line.entry().listeners().contains(query.listenerId())) {
            return false;
        }
        for (FieldMatch header : line.match().headers()) {
            if (!fieldFits(header, query.values(header.name().toLowerCase(Locale.ROOT)))) {
                return false;
            }
        }
        for (FieldMatch parameter : line.match().query()) {
            if (!fieldFits(parameter, parameters(query.query(), parameter.name()))) {
                return false;
            }
        }
        return line.match().sources().isEmpty()
                || line.match().sources().stream().anyMatch(cidr -> cidr.contains(query.clientAddress()));
    }

    private boolean fieldFits(FieldMatch field, List<String> values) {
        return switch (field.type()) {
            case EXACT -> values.contains(field.value().orElseThrow());
            case REGEX ->
                values.stream().anyMatch(value -> matches(field.value().orElseThrow(), value));
            case PRESENT -> !values.isEmpty();
            case ABSENT -> values.isEmpty();
        };
    }

    private static List<String> parameters(String query, String name) {
        List<String> values = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            if (!pair.isEmpty()
                    && URLDecoder.decode(parts[0], StandardCharsets.UTF_8).equals(name)) {
                values.add(parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return values;
    }
}
