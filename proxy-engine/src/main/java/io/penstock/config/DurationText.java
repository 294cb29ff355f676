package io.penstock.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a {@link Duration}: a whole number and one unit of {@code ms}, {@code s}, {@code m}, {@code h}, {@code d}.
 * The canonical text uses the largest unit that divides it, so that equal durations look equal.
 */
public final class DurationText {
    /** The longest that can be written: a century, far from any overflow of a nanosecond clock in 63 bits. */
    static final Duration MAX = Duration.ofDays(36500);

    private static final Pattern TEXT = Pattern.compile("([0-9]+)(ms|s|m|h|d)");
    private static final int DIGITS_MAX = 18;
    private static final String[] UNITS = {"d", "h", "m", "s", "ms"};
    private static final long[] UNIT_MS = {86_400_000, 3_600_000, 60_000, 1_000, 1};

    private DurationText() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException if the text is not one, or is longer than a century
     */
    public static Duration parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw ValueText.unreadable("duration", text, "a whole number with ms, s, m, h or d", "5s");
        }
        long number = matcher.group(1).length() > DIGITS_MAX ? Long.MAX_VALUE : Long.parseLong(matcher.group(1));
        for (int i = 0; i < UNITS.length; i++) {
            if (UNITS[i].equals(matcher.group(2)) && number <= MAX.toMillis() / UNIT_MS[i]) {
                return Duration.ofMillis(number * UNIT_MS[i]);
            }
        }
        throw ValueText.unreadable("duration", text, "at most " + format(MAX), "5s");
    }

    /** The canonical text; what is finer than a millisecond cannot be written and is cut. */
    public static String format(Duration duration) {
        long ms = duration.toMillis();
        if (ms == 0) {
            return "0s";
        }
        for (int i = 0; i < UNITS.length - 1; i++) {
            if (ms % UNIT_MS[i] == 0) {
                return ms / UNIT_MS[i] + UNITS[i];
            }
        }
        return ms + "ms";
    }
}
