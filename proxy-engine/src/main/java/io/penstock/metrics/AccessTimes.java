package io.penstock.metrics;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes times of day in UTC; makes text once for each second and appends the fraction. One thread. */
final class AccessTimes {
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter COMMON =
            DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private long second = Long.MIN_VALUE;
    private LinePiece iso = LinePiece.of("");
    private byte[] common = {};

    /** As in {@code 2026-10-10T13:55:36.123456Z}. */
    void iso(long epochUs, LineBuffer into) {
        turnTo(epochUs);
        into.put(iso).sixDigits((int) Math.floorMod(epochUs, 1_000_000L)).put('Z');
    }

    /** As in {@code 10/Oct/2026:13:55:36 +0000}. */
    void common(long epochUs, LineBuffer into) {
        turnTo(epochUs);
        into.put(common);
    }

    private void turnTo(long epochUs) {
        long wanted = Math.floorDiv(epochUs, 1_000_000L);
        if (wanted != second) {
            Instant instant = Instant.ofEpochSecond(wanted);
            iso = LinePiece.of(ISO.format(instant) + ".");
            common = (COMMON.format(instant) + " +0000").getBytes(StandardCharsets.US_ASCII);
            second = wanted;
        }
    }
}
