package io.penstock.config;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * A part of a whole, written {@code 20%} or {@code 0.5%}.
 *
 * @param basisPoints hundredths of a percent, 0 to 10 000
 */
public record Share(int basisPoints) {
    private static final Pattern TEXT = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,2})?%");

    public Share {
        if (basisPoints < 0 || basisPoints > 10_000) {
            throw new IllegalArgumentException("found a share of " + text(basisPoints) + ", wanted 0% to 100%");
        }
    }

    /**
     * Reads a share.
     *
     * @throws IllegalArgumentException if the text is not a share or is above 100%
     */
    public static Share parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw ValueText.unreadable("share", text, "a percentage with at most two decimals", "20%");
        }
        return new Share(new BigDecimal(text.substring(0, text.length() - 1))
                .movePointRight(2)
                .intValueExact());
    }

    /** The share as a fraction of 1. */
    public double fraction() {
        return basisPoints / 10_000.0;
    }

    private static String text(int basisPoints) {
        return BigDecimal.valueOf(basisPoints, 2).stripTrailingZeros().toPlainString() + "%";
    }

    @Override
    public String toString() {
        return text(basisPoints);
    }
}
