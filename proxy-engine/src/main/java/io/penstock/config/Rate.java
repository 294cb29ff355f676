package io.penstock.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many permits in so much time, written {@code 100/s}, {@code 6000/m}, {@code 10/h} or {@code 1000/d}.
 *
 * @param permits the number, at least 1
 * @param per one second, minute, hour or day
 */
public record Rate(long permits, Duration per) {
    private static final Pattern TEXT = Pattern.compile("([0-9]+)/([smhd])");
    private static final long PERMITS_MAX = 1_000_000_000L;
    private static final int DIGITS_MAX = 18;

    public Rate {
        if (permits < 1 || permits > PERMITS_MAX) {
            throw new IllegalArgumentException(
                    "found a rate of " + permits + ", wanted 1 to " + PERMITS_MAX + " permits, for example \"100/s\"");
        }
        if (unit(per).isEmpty()) {
            throw new IllegalArgumentException("found a rate per " + DurationText.format(per)
                    + ", wanted one second, minute, hour or day, for example \"100/s\"");
        }
    }

    /**
     * Reads a rate.
     *
     * @throws IllegalArgumentException if the text is not a rate, or has no or too many permits
     */
    public static Rate parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw ValueText.unreadable("rate", text, "a whole number, a slash and s, m, h or d", "100/s");
        }
        if (matcher.group(1).length() > DIGITS_MAX) {
            throw ValueText.unreadable("rate", text, "1 to " + PERMITS_MAX + " permits", "100/s");
        }
        Duration per = DurationText.parse("1" + matcher.group(2));
        return new Rate(Long.parseLong(matcher.group(1)), per);
    }

    /** Permits of one second, at least 1: the size of a bucket that names no burst. */
    public long permitsPerSecondAtLeastOne() {
        return Math.max(1, permits / per.toSeconds());
    }

    private static String unit(Duration per) {
        String text = DurationText.format(per);
        return switch (text) {
            case "1s", "1m", "1h", "1d" -> text.substring(1);
            default -> "";
        };
    }

    @Override
    public String toString() {
        return permits + "/" + unit(per);
    }
}
