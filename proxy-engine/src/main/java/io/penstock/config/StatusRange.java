package io.penstock.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Statuses of answers, written {@code 204}, {@code 2xx} or {@code 200-399}.
 *
 * @param first the lowest, at least 100
 * @param last the highest, at most 599
 */
public record StatusRange(int first, int last) {
    private static final Pattern TEXT = Pattern.compile("([1-5])xx|([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?");

    public StatusRange {
        if (first < 100 || last > 599 || first > last) {
            throw unreadable(first + "-" + last);
        }
    }

    /**
     * Reads statuses.
     *
     * @throws IllegalArgumentException if the text names none
     */
    public static StatusRange parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw unreadable(text);
        }
        if (matcher.group(1) != null) {
            int hundred = Integer.parseInt(matcher.group(1)) * 100;
            return new StatusRange(hundred, hundred + 99);
        }
        int first = Integer.parseInt(matcher.group(2));
        return new StatusRange(first, matcher.group(3) == null ? first : Integer.parseInt(matcher.group(3)));
    }

    /** Whether a status is one of these. */
    public boolean contains(int status) {
        return status >= first && status <= last;
    }

    private static IllegalArgumentException unreadable(String found) {
        return ValueText.unreadable("statuses", found, "a status, a class or a range from 100 to 599", "2xx");
    }

    @Override
    public String toString() {
        if (first % 100 == 0 && last == first + 99) {
            return first / 100 + "xx";
        }
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
