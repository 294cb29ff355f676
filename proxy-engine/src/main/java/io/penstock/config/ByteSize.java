package io.penstock.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written {@code 512B}, {@code 64KiB}, {@code 10MiB}, {@code 16GiB} or {@code 1TiB}; a bare number
 * means bytes. The canonical text uses the largest unit that divides it.
 *
 * @param bytes the number, 0 or more
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Pattern TEXT = Pattern.compile("([0-9]+)(B|KiB|MiB|GiB|TiB)?");
    private static final int DIGITS_MAX = 18;
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("found " + bytes + " bytes, wanted 0 or more, for example \"64KiB\"");
        }
    }

    /**
     * Reads a size.
     *
     * @throws IllegalArgumentException if the text is not a size or exceeds 63 bits
     */
    public static ByteSize parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw ValueText.unreadable("size", text, "a whole number with B, KiB, MiB, GiB or TiB", "64KiB");
        }
        int unit = matcher.group(2) == null ? 0 : UNITS.indexOf(matcher.group(2));
        boolean isLong = matcher.group(1).length() > DIGITS_MAX;
        long number = isLong ? Long.MAX_VALUE : Long.parseLong(matcher.group(1));
        if (isLong || number > Long.MAX_VALUE >> (10 * unit)) {
            throw ValueText.unreadable("size", text, "less than 8388608TiB", "64KiB");
        }
        return new ByteSize(number << (10 * unit));
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    @Override
    public String toString() {
        long number = bytes;
        int unit = 0;
        while (number != 0 && (number & 1023) == 0 && unit < UNITS.size() - 1) {
            number >>= 10;
            unit++;
        }
        return number + UNITS.get(unit);
    }
}
