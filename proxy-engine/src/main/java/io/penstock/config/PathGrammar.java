package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The canonical spelling of paths in configuration. Requests are brought into the same form before they are compared, so a
 * path spelled otherwise would never be found: escapes only where RFC 3986 section 3.3 needs them, hex digits in upper
 * case, no dot segments, no empty segments.
 */
final class PathGrammar {
    private static final int LENGTH_MAX = 8192;
    private static final int SEGMENTS_MAX = 64;
    private static final String UNRESERVED_MARKS = "-._~";
    private static final String PATH_MARKS = UNRESERVED_MARKS + "!$&'()*+,;=:@/";
    private static final String HEX = "0123456789ABCDEFabcdef";
    private static final Pattern PARAMETER = Pattern.compile("\\{([A-Za-z0-9_-]{1,64})(\\.\\.\\.)?}");

    private PathGrammar() {}

    /** Why a text has no canonical spelling. */
    private static final class Unspellable extends Exception {
        private static final long serialVersionUID = 1L;

        Unspellable(String why) {
            super(why);
        }
    }

    /** Reports a literal path that is not canonical. */
    static void check(String path, Scope at) {
        if (path.length() > LENGTH_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + path.length() + " characters, wanted at most " + LENGTH_MAX);
            return;
        }
        try {
            String canonical = canonical(path);
            if (!canonical.equals(path)) {
                at.add(
                        ConfigProblem.NOT_CANONICAL,
                        "found path \"" + ValueText.shown(path) + "\", wanted its canonical spelling",
                        "write \"" + canonical + "\"");
            }
        } catch (Unspellable unspellable) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found path \"" + ValueText.shown(path) + "\": " + unspellable.getMessage());
        }
    }

    /** Reports a path whose segments are too many for the route table, or that is not canonical. */
    static void checkPrefix(String path, Scope at) {
        if (path.chars().filter(c -> c == '/').count() > SEGMENTS_MAX) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found more than " + SEGMENTS_MAX + " segments; only an exact path may have more");
        } else {
            check(path, at);
        }
    }

    /** Reports a template whose literal segments are not canonical or whose parameters are malformed. */
    static void checkTemplate(String template, Scope at) {
        String[] segments = template.split("/", -1);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < segments.length; i++) {
            if (segments[i].indexOf('{') < 0 && segments[i].indexOf('}') < 0) {
                continue;
            }
            Matcher parameter = PARAMETER.matcher(segments[i]);
            if (!parameter.matches()) {
                at.add(
                        ConfigProblem.BAD_VALUE,
                        "found segment \"" + ValueText.shown(segments[i])
                                + "\", wanted a literal, {name}, or {name...} at the end",
                        "a parameter takes a whole segment; its name has letters, digits, '_' and '-'");
            } else if (!names.add(parameter.group(1))) {
                at.add(ConfigProblem.DUPLICATE, "{" + parameter.group(1) + "} stands in the template twice");
            } else if (parameter.group(2) != null && i < segments.length - 1) {
                at.add(ConfigProblem.BAD_VALUE, segments[i] + " takes the rest of the path and must be last");
            }
            segments[i] = "x";
        }
        String literal = String.join("/", segments);
        if (names.isEmpty() && literal.equals(template)) {
            checkPrefix(template, at);
            return;
        }
        Problems aside = new Problems();
        checkPrefix(literal, aside.at(at.resource()));
        for (ConfigProblem problem : aside.toList()) {
            at.add(
                    problem.code(),
                    "found template \"" + ValueText.shown(template)
                            + "\", wanted its literal segments in canonical spelling",
                    "escapes only where needed, in upper case; no empty segments, no dot segments");
        }
    }

    /** The names of a template's parameters. */
    static Set<String> parameters(String template) {
        Set<String> names = new HashSet<>();
        Matcher parameter = PARAMETER.matcher(template);
        while (parameter.find()) {
            names.add(parameter.group(1));
        }
        return names;
    }

    /** The canonical spelling of a path, if it has one. */
    static Optional<String> canonicalOf(String path) {
        try {
            return Optional.of(canonical(path));
        } catch (Unspellable unspellable) {
            return Optional.empty();
        }
    }

    private static String canonical(String path) throws Unspellable {
        if (path.isEmpty()) {
            throw new Unspellable("it is empty; the shortest path is \"/\"");
        }
        String escaped = escapes(path.startsWith("/") ? path : "/" + path);
        List<String> segments = new ArrayList<>();
        String[] raw = escaped.split("/", -1);
        boolean endsOpen = true;
        for (int i = 1; i < raw.length; i++) {
            String segment = raw[i];
            boolean isLast = i == raw.length - 1;
            endsOpen = segment.isEmpty() || segment.equals(".") || segment.equals("..");
            if (segment.startsWith("..;") || segment.startsWith(".;")) {
                throw new Unspellable("a dot segment hides behind a semicolon");
            }
            if (segment.equals("..")) {
                if (segments.isEmpty()) {
                    throw new Unspellable("it climbs above the root");
                }
                segments.removeLast();
            } else if (!endsOpen) {
                segments.add(segment);
            }
            if (isLast && endsOpen) {
                segments.add("");
            }
        }
        return "/" + String.join("/", segments);
    }

    private static String escapes(String path) throws Unspellable {
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); ) {
            int c = path.codePointAt(i);
            if (c == '%') {
                int octet = octet(path, i);
                if (octet == 0) {
                    throw new Unspellable("it holds %00");
                }
                appendOctet(out, octet, isUnreserved(octet));
                i += 3;
                continue;
            }
            if (c == '?' || c == '#' || c == '\\') {
                throw new Unspellable("it holds a raw '" + (char) c + "'"
                        + (c == '?' ? "; conditions on the query stand under \"query\"" : ""));
            }
            if (c < 0x20 || c == 0x7f || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                throw new Unspellable("it holds a control character");
            }
            if (c < 0x80) {
                appendOctet(out, c, isUnreserved(c) || PATH_MARKS.indexOf(c) >= 0);
            } else {
                for (byte octet : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    appendOctet(out, octet & 0xff, false);
                }
            }
            i += Character.charCount(c);
        }
        return out.toString();
    }

    private static int octet(String path, int at) throws Unspellable {
        int high = at + 2 < path.length() ? HEX.indexOf(path.charAt(at + 1)) : -1;
        int low = at + 2 < path.length() ? HEX.indexOf(path.charAt(at + 2)) : -1;
        if (high < 0 || low < 0) {
            throw new Unspellable("a '%' is not followed by two hex digits");
        }
        return (hex(high) << 4) | hex(low);
    }

    private static int hex(int index) {
        return index < 16 ? index : index - 6;
    }

    private static boolean isUnreserved(int octet) {
        return (octet >= 'a' && octet <= 'z')
                || (octet >= 'A' && octet <= 'Z')
                || (octet >= '0' && octet <= '9')
                || (octet < 0x80 && UNRESERVED_MARKS.indexOf(octet) >= 0);
    }

    private static void appendOctet(StringBuilder out, int octet, boolean isRaw) {
        if (isRaw) {
            out.append((char) octet);
        } else {
            out.append('%')
                    .append(Character.toUpperCase(Character.forDigit(octet >> 4, 16)))
                    .append(Character.toUpperCase(Character.forDigit(octet & 15, 16)));
        }
    }
}
