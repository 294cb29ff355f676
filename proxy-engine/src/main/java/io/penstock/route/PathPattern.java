package io.penstock.route;

import io.penstock.config.PathMatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A configured path, taken apart for the table.
 *
 * @param shape all but the text
 * @param text the literal text that a path's key is compared with
 * @param hash where the key lies among the host's paths
 * @param parameterNames what a template takes out of the path, in order
 * @param regex what the path must match beside having the key; only for a regex
 */
// Never compared, so an array will do.
@SuppressWarnings("ArrayRecordComponent")
record PathPattern(
        PathShape shape,
        byte[] text,
        long hash,
        List<String> parameterNames,
        @Nullable RegexProgram regex) {
    /** Longest path, template or expression, in bytes. */
    static final int BYTES_MAX = 8192;

    private static final String TAIL_MARK = "...";

    /**
     * Takes a path apart.
     *
     * @param atoms where programs that are in use already are found
     * @throws IllegalArgumentException if the path cannot stand in a table; the message says why and what is wanted
     */
    static PathPattern of(PathMatch match, Atoms atoms) {
        String value = match.value();
        if (value.length() > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "the path has " + value.length() + " characters, at most " + BYTES_MAX + " are allowed");
        }
        return switch (match.type()) {
            case EXACT -> exact(value);
            case PREFIX -> prefix(value);
            case TEMPLATE -> template(value);
            case REGEX -> regex(value, atoms);
        };
    }

    private static PathPattern exact(String value) {
        if (!value.equals("*")) {
            requireSlash(value, "an exact path");
        }
        return of(new PathShape(PathShape.EXACT, 0, 0), value, value, List.of(), null);
    }

    private static PathPattern prefix(String value) {
        requireSlash(value, "a prefix");
        // A prefix names whole segments, so a slash at its end says nothing more.
        String text = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
        int depth = (int) text.chars().filter(c -> c == '/').count();
        requireFewSegments(value, depth);
        return of(new PathShape(PathShape.PREFIX, depth, 0), text, text, List.of(), null);
    }

    private static PathPattern regex(String value, Atoms atoms) {
        RegexProgram program = program(value, atoms);
        String text = program.literalPath();
        int depth = (int) text.chars().filter(c -> c == '/').count();
        return of(new PathShape(PathShape.REGEX, depth, 0), text, text, List.of(), program);
    }

    /** The program of an expression: the one in use already, since compiling is what costs. */
    static RegexProgram program(String expression, Atoms atoms) {
        RegexProgram known = atoms.program(expression);
        return known == null ? new RegexProgram(expression) : known;
    }

    private static PathPattern template(String value) {
        requireSlash(value, "a template");
        String[] segments = value.substring(1).split("/", -1);
        List<String> names = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        StringBuilder text = new StringBuilder();
        StringBuilder fixedPart = new StringBuilder();
        long literals = 0;
        boolean hasTail = false;
        int fixed = 0;
        for (int i = 0; i < segments.length; i++) {
            String segment = segments[i];
            if (!segment.contains("{") && !segment.contains("}")) {
                requireFewSegments(value, i + 1);
                literals |= Long.MIN_VALUE >>> i;
                text.append('/').append(segment);
            } else {
                String name = parameterName(value, segment);
                if (name.endsWith(TAIL_MARK)) {
                    if (i < segments.length - 1) {
                        throw new IllegalArgumentException(
                                "template \"" + value + "\": {" + name + "} takes the rest and must be last");
                    }
                    hasTail = true;
                    name = name.substring(0, name.length() - TAIL_MARK.length());
                }
                if (!seen.add(name)) {
                    throw new IllegalArgumentException("template \"" + value + "\": {" + name + "} stands in it twice");
                }
                names.add(name);
            }
            if (!hasTail) {
                requireFewSegments(value, i + 1);
                fixed++;
                fixedPart.append('/').append(segment);
            }
        }
        PathShape shape = new PathShape(hasTail ? PathShape.TAIL : PathShape.TEMPLATE, fixed, literals);
        return of(shape, text.toString(), fixedPart.toString(), List.copyOf(names), null);
    }

    private static String parameterName(String template, String segment) {
        String name =
                segment.startsWith("{") && segment.endsWith("}") ? segment.substring(1, segment.length() - 1) : "";
        String bare = name.endsWith(TAIL_MARK) ? name.substring(0, name.length() - TAIL_MARK.length()) : name;
        if (bare.isEmpty() || !bare.chars().allMatch(c -> c == '_' || c == '-' || Character.isLetterOrDigit(c))) {
            throw new IllegalArgumentException("template \"" + template + "\": found segment \"" + segment
                    + "\", wanted a literal, {name}, or {name...} at the end");
        }
        return name;
    }

    private static PathPattern of(
            PathShape shape, String text, String scanned, List<String> names, @Nullable RegexProgram regex) {
        byte[] bytes = scanned.getBytes(StandardCharsets.UTF_8);
        PathScan scan = new PathScan();
        scan.scan(new UnsafeBuffer(bytes), 0, bytes.length);
        long hash = scan.hash(shape.kind(), shape.fixed(), shape.literals());
        return new PathPattern(shape, text.getBytes(StandardCharsets.UTF_8), hash, names, regex);
    }

    private static void requireSlash(String value, String what) {
        if (!value.startsWith("/")) {
            throw new IllegalArgumentException(
                    "found \"" + value + "\", wanted " + what + " that begins with a slash, for example \"/orders\"");
        }
    }

    private static void requireFewSegments(String value, int segments) {
        if (segments > PathScan.SEGMENTS_MAX) {
            throw new IllegalArgumentException("\"" + value + "\" has more than " + PathScan.SEGMENTS_MAX
                    + " segments; only an exact path may have more");
        }
    }
}
