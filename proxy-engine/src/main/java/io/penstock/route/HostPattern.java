package io.penstock.route;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A configured host: a name, {@code *.} and a suffix for one label or more in front of it, or every host.
 *
 * @param form one of the constants
 * @param text the name, or the suffix with its leading dot, or nothing
 */
record HostPattern(int form, String text) {
    static final int EXACT = 0;
    static final int WILDCARD = 1;
    static final int ANY = 2;

    static final HostPattern EVERY = new HostPattern(ANY, "");

    private static final int BYTES_MAX = 255;

    /**
     * Reads a host.
     *
     * @throws IllegalArgumentException if it is none
     */
    static HostPattern of(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.endsWith(".") && name.length() > 1) {
            name = name.substring(0, name.length() - 1);
        }
        if (name.equals("*")) {
            return EVERY;
        }
        boolean isWildcard = name.startsWith("*.");
        String text = isWildcard ? name.substring(1) : name;
        boolean isWellFormed = text.length() > (isWildcard ? 1 : 0)
                && text.length() <= BYTES_MAX
                && text.chars().allMatch(c -> c > ' ' && c < 127 && c != '*' && c != '/');
        if (!isWellFormed) {
            throw new IllegalArgumentException("found host \"" + host
                    + "\", wanted a name, \"*.\" and a suffix, or \"*\", at most " + BYTES_MAX
                    + " ASCII characters, for example \"shop.example\" or \"*.shop.example\"");
        }
        return new HostPattern(isWildcard ? WILDCARD : EXACT, text);
    }

    long hash() {
        byte[] bytes = bytes();
        return RouteHash.ofHost(new UnsafeBuffer(bytes), 0, bytes.length, form);
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Labels of a wildcard's suffix. */
    int labels() {
        return (int) text.chars().filter(c -> c == '.').count();
    }

    /** Whether a host in lower case is meant. */
    boolean covers(String host) {
        return switch (form) {
            case EXACT -> host.equals(text);
            case WILDCARD -> host.endsWith(text) && host.length() > text.length();
            default -> true;
        };
    }

    @Override
    public String toString() {
        return form == WILDCARD ? "*" + text : form == ANY ? "*" : text;
    }
}
