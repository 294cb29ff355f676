package io.penstock.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports of a grant, written {@code 443} or {@code 8000-8999}.
 *
 * @param first 1 to 65535
 * @param last not below the first, at most 65535
 */
public record PortRange(int first, int last) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

    public PortRange {
        if (first < 1 || last < first || last > 65535) {
            throw new IllegalArgumentException("found ports " + first + "-" + last
                    + ", wanted a rising range of 1 to 65535, for example \"8000-8999\"");
        }
    }

    /**
     * Reads a port or a range.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static PortRange parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw ValueText.unreadable("ports", text, "a port or a range of 1 to 65535", "8000-8999");
        }
        int first = Integer.parseInt(matcher.group(1));
        return new PortRange(first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
    }

    static boolean isReadable(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    /** Whether the port is one of them. */
    public boolean contains(int port) {
        return port >= first && port <= last;
    }

    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
