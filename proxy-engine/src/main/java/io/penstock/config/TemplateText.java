package io.penstock.config;

import java.util.ArrayList;
import java.util.List;

/**
 * A text in which {@code {header.x}} and the like stand for values of the request. Only a brace, a name of letters, digits and
 * {@code . _ - /}, and a brace make a placeholder; all other braces stand for themselves, so that JSON may be written as it is.
 * {@code {{name}}} is the text {@code {name}}.
 *
 * @param parts literals and placeholders in turn
 */
public record TemplateText(List<Part> parts) {
    private static final int NAME_LENGTH_MAX = 128;

    /** Where a value comes from. */
    public enum Source {
        /** The text itself. */
        LITERAL(""),
        /** The method. */
        METHOD("method"),
        /** The host the request is for. */
        HOST("host"),
        /** The path as it is now. */
        PATH("path"),
        /** The query as it is now. */
        QUERY("query"),
        /** {@code http} or {@code https}. */
        SCHEME("scheme"),
        /** The route's name. */
        ROUTE("route"),
        /** The request id. */
        REQUEST_ID("requestId"),
        /** The client's address. */
        CLIENT_ADDRESS("clientAddress"),
        /** The listener's name. */
        LISTENER("listener"),
        /** Who sent it: the consumer's name, else the subject. */
        CONSUMER("consumer"),
        /** What the route's template took. */
        PARAMETER("path."),
        /** The first query parameter of a name, decoded. */
        QUERY_PARAMETER("query."),
        /** The first header field of a name. */
        HEADER("header."),
        /** The first cookie of a name. */
        COOKIE("cookie."),
        /** Nothing that is known. */
        UNKNOWN("");

        private final String text;

        Source(String text) {
            this.text = text;
        }

        /** How it is written; one that ends with a dot takes a name behind it. */
        public String text() {
            return text;
        }
    }

    /**
     * A literal or a placeholder.
     *
     * @param source where its value comes from
     * @param text the literal, or the name behind the source's dot, or an unknown placeholder's whole name
     */
    public record Part(Source source, String text) {}

    public TemplateText {
        parts = List.copyOf(parts);
    }

    /** Reads a text; whatever it holds, it is one. */
    public static TemplateText parse(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int end = text.charAt(at) == '{' ? endOfName(text, at + 1) : -1;
            if (end < 0) {
                boolean isEscaped = text.startsWith("{{", at);
                int inner = isEscaped ? endOfName(text, at + 2) : -1;
                if (inner >= 0 && text.startsWith("}}", inner)) {
                    literal.append(text, at + 1, inner + 1);
                    at = inner + 2;
                } else {
                    literal.append(text.charAt(at++));
                }
            } else {
                if (!literal.isEmpty()) {
                    parts.add(new Part(Source.LITERAL, literal.toString()));
                    literal.setLength(0);
                }
                parts.add(placeholder(text.substring(at + 1, end)));
                at = end + 1;
            }
        }
        if (!literal.isEmpty() || parts.isEmpty()) {
            parts.add(new Part(Source.LITERAL, literal.toString()));
        }
        return new TemplateText(parts);
    }

    // Where the brace behind a name stands; -1 if there is none.
    private static int endOfName(String text, int from) {
        int at = from;
        while (at < text.length() && at - from <= NAME_LENGTH_MAX && isOfName(text.charAt(at), at == from)) {
            at++;
        }
        return at > from && at < text.length() && text.charAt(at) == '}' ? at : -1;
    }

    private static boolean isOfName(char c, boolean isFirst) {
        boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return isLetter || (!isFirst && ((c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/'));
    }

    private static Part placeholder(String name) {
        for (Source source : Source.values()) {
            String word = source.text();
            if (!word.isEmpty() && (word.endsWith(".") ? isNamed(name, word) : name.equals(word))) {
                return new Part(source, word.endsWith(".") ? name.substring(word.length()) : "");
            }
        }
        return new Part(Source.UNKNOWN, name);
    }

    private static boolean isNamed(String name, String word) {
        return name.length() > word.length() && name.startsWith(word);
    }

    /** Whether it is the same for every request. */
    public boolean isFixed() {
        return parts.stream().allMatch(part -> part.source() == Source.LITERAL);
    }

    /** The text where it is the same for every request. */
    public String fixed() {
        return parts.getFirst().text();
    }
}
