package io.penstock.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.penstock.config.Problems.Scope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Expressions an operator may write: RE2, which matches in linear time. What remains to be bounded is the size of the compiled
 * program, since nested repetitions multiply: {@code ((a{100}){100}){100}} would be a million instructions.
 */
final class RegexGrammar {
    static final int PROGRAM_MAX = 20_000;
    private static final int LENGTH_MAX = 4096;
    private static final java.util.regex.Pattern REPETITION =
            java.util.regex.Pattern.compile("\\{([0-9]{1,9})(,([0-9]{0,9}))?}");

    private RegexGrammar() {}

    static void check(String expression, Scope at) {
        if (expression.length() > LENGTH_MAX) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found " + expression.length() + " characters, wanted at most " + LENGTH_MAX);
            return;
        }
        if (programSize(expression) > PROGRAM_MAX) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "the repetitions of \"" + ValueText.shown(expression) + "\" multiply beyond " + PROGRAM_MAX
                            + " steps",
                    "repeat less, or with * and +");
            return;
        }
        try {
            Pattern.compile(expression);
        } catch (PatternSyntaxException broken) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found expression \"" + ValueText.shown(expression) + "\": " + broken.getDescription() + " at \""
                            + ValueText.shown(String.valueOf(broken.getPattern())) + "\"",
                    "the syntax is RE2's, without look-around and back references");
        }
    }

    // Sums atoms, multiplied by the repetitions around them; never too small, and exact enough for a bound.
    static long programSize(String expression) {
        Deque<Long> outer = new ArrayDeque<>();
        Matcher repetition = REPETITION.matcher(expression);
        long sum = 0;
        long atom = 0;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c == '(') {
                outer.push(sum);
                sum = 1;
                atom = 0;
                continue;
            }
            if (c == ')' && !outer.isEmpty()) {
                atom = sum;
                sum = outer.pop();
            } else if (c == '{' && repetition.find(i) && repetition.start() == i) {
                long times = Math.max(number(repetition.group(1)), number(repetition.group(3)));
                sum -= atom;
                atom = Math.min(atom * Math.max(1, times) + 1, Integer.MAX_VALUE);
                i = repetition.end() - 1;
            } else {
                if (c == '[') {
                    i = endOfClass(expression, i);
                } else if (expression.startsWith("\\Q", i)) {
                    int end = expression.indexOf("\\E", i);
                    i = end < 0 ? expression.length() : end + 1;
                } else if (c == '\\') {
                    i = endOfEscape(expression, i);
                }
                atom = 1;
            }
            sum = Math.min(sum + atom, Integer.MAX_VALUE);
        }
        for (long open : outer) {
            sum = Math.min(sum + open, Integer.MAX_VALUE);
        }
        return sum;
    }

    // \x{...} and \p{...} have braces of their own.
    private static int endOfEscape(String expression, int start) {
        int brace = start + 2;
        if (brace < expression.length()
                && expression.charAt(brace) == '{'
                && "xpP".indexOf(expression.charAt(start + 1)) >= 0) {
            int end = expression.indexOf('}', brace);
            return end < 0 ? expression.length() : end;
        }
        return start + 1;
    }

    private static long number(@Nullable String digits) {
        return digits == null || digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    private static int endOfClass(String expression, int start) {
        int i = start + 1;
        if (i < expression.length() && expression.charAt(i) == '^') {
            i++;
        }
        if (i < expression.length() && expression.charAt(i) == ']') {
            i++;
        }
        while (i < expression.length() && expression.charAt(i) != ']') {
            if (expression.startsWith("[:", i) && expression.indexOf(":]", i + 2) > 0) {
                i = expression.indexOf(":]", i + 2) + 1;
            } else if (expression.charAt(i) == '\\') {
                i++;
            }
            i++;
        }
        return i;
    }
}
