package io.penstock.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many bits in a second, written {@code 64kbit/s}, {@code 20Mbit/s} or {@code 1Gbit/s}, where k is a thousand. The
 * canonical text uses the largest unit that divides it.
 *
 * @param bitsPerSecond the number
 */
public record Bandwidth(long bitsPerSecond) implements Comparable<Bandwidth> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})(bit/s|kbit/s|Mbit/s|Gbit/s)");
    private static final List<String> UNITS = List.of("bit/s", "kbit/s", "Mbit/s", "Gbit/s");

    public Bandwidth {
        if (bitsPerSecond < 1) {
            throw new IllegalArgumentException(
                    "found " + bitsPerSecond + " bits a second, wanted at least 1, for example \"20Mbit/s\"");
        }
    }

    /**
     * Reads a bandwidth.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static Bandwidth parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw ValueText.unreadable(
                    "bandwidth", text, "a whole number with bit/s, kbit/s, Mbit/s or Gbit/s", "20Mbit/s");
        }
        long number = Long.parseLong(matcher.group(1));
        for (int unit = UNITS.indexOf(matcher.group(2)); unit > 0; unit--) {
            number *= 1000;
        }
        return new Bandwidth(number);
    }

    @Override
    public int compareTo(Bandwidth other) {
        return Long.compare(bitsPerSecond, other.bitsPerSecond);
    }

    @Override
    public String toString() {
        long number = bitsPerSecond;
        int unit = 0;
        while (number % 1000 == 0 && unit < UNITS.size() - 1) {
            number /= 1000;
            unit++;
        }
        return number + UNITS.get(unit);
    }
}
