package io.penstock.route;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A compiled regular expression and the literal text that every match begins with, which is compared first.
 *
 * <p>Matched in time linear in the input (RE2), against the whole text, whose bytes count as characters 0 to 255: a canonical
 * path is ASCII anyhow. Equal when the expression is.
 */
final class RegexProgram {
    private static final String SPECIAL = ".[]{}()*+?|^$\\";

    private final String expression;
    private final Pattern pattern;
    private final byte[] literal;
    private final boolean takesAnyRest;

    /**
     * Compiles an expression.
     *
     * @throws IllegalArgumentException if RE2 does not know the syntax
     */
    RegexProgram(String expression) {
        this.expression = expression;
        try {
            this.pattern = Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "regex \"" + expression + "\": " + e.getDescription() + " at \"" + e.getPattern()
                            + "\"; the syntax is RE2's, without look-around and back references",
                    e);
        }
        String text = expression.startsWith("^") ? expression.substring(1) : expression;
        StringBuilder prefix = new StringBuilder();
        boolean isCertain = !hasAlternative(text);
        int end = isCertain ? readLiteral(text, prefix) : 0;
        this.literal = prefix.toString().getBytes(StandardCharsets.ISO_8859_1);
        String rest = text.substring(end);
        this.takesAnyRest = isCertain && (rest.equals(".*") || rest.equals(".*$"));
    }

    String expression() {
        return expression;
    }

    Pattern pattern() {
        return pattern;
    }

    byte[] literal() {
        return literal;
    }

    /** Whether every text that begins with {@link #literal()} matches. */
    boolean takesAnyRest() {
        return takesAnyRest;
    }

    /** Whole segments that the literal text gives, at most {@link PathScan#SEGMENTS_MAX}. */
    int literalSegments() {
        int segments = -1;
        for (byte octet : literal) {
            if (octet == '/') {
                segments++;
            }
        }
        return Math.clamp(segments, 0, PathScan.SEGMENTS_MAX);
    }

    /** The literal text's whole segments: {@code /a/b} of {@code /a/b/c[0-9]}. */
    String literalPath() {
        int end = 0;
        int slashes = 0;
        for (int i = 0; i < literal.length && slashes <= PathScan.SEGMENTS_MAX; i++) {
            if (literal[i] == '/') {
                end = i;
                slashes++;
            }
        }
        return new String(literal, 0, end, StandardCharsets.ISO_8859_1);
    }

    // Appends the plain characters at the start; a character that a quantifier follows is not certain and stays out.
    private static int readLiteral(String text, StringBuilder prefix) {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int next = at + 1;
            if (c == '\\' && next < text.length() && isPunctuation(text.charAt(next))) {
                c = text.charAt(next);
                next++;
            } else if (SPECIAL.indexOf(c) >= 0 || c > 126 || c < 33) {
                return at;
            }
            if (next < text.length() && "*+?{".indexOf(text.charAt(next)) >= 0) {
                return at;
            }
            prefix.append(c);
            at = next;
        }
        return at;
    }

    private static boolean isPunctuation(char c) {
        return c > 32 && c < 127 && !Character.isLetterOrDigit(c);
    }

    // An alternative outside of every group makes two texts, so that no literal is certain.
    private static boolean hasAlternative(String text) {
        if (text.contains("\\Q")) {
            return text.indexOf('|') >= 0;
        }
        int depth = 0;
        int at = 0;
        while (at < text.length()) {
            switch (text.charAt(at)) {
                case '\\' -> at++;
                case '(' -> depth++;
                case ')' -> depth--;
                case '[' -> at = endOfClass(text, at);
                case '|' -> {
                    if (depth <= 0) {
                        return true;
                    }
                }
                default -> {}
            }
            at++;
        }
        return false;
    }

    // Where the bracket closes; the first character inside may be a bracket itself, and [:alpha:] nests.
    private static int endOfClass(String text, int open) {
        int at = open + 1;
        if (text.startsWith("^", at)) {
            at++;
        }
        int first = at;
        while (at < text.length() && (text.charAt(at) != ']' || at == first)) {
            if (text.charAt(at) == '\\') {
                at++;
            } else if (text.startsWith("[:", at)) {
                int end = text.indexOf(":]", at);
                at = end < 0 ? at : end + 1;
            }
            at++;
        }
        return at;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RegexProgram that && expression.equals(that.expression);
    }

    @Override
    public int hashCode() {
        return expression.hashCode();
    }

    @Override
    public String toString() {
        return expression;
    }
}
