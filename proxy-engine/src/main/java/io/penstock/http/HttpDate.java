package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;

/**
 * The value of Date, RFC 9110 section 5.6.7, written anew once a second: {@code Sun, 06 Nov 1994 08:49:37 GMT}.
 * The worker tells it the time once per turn of its loop.
 */
@WorkerConfined
public final class HttpDate {
    /** Length of the text. */
    public static final int BYTES = 29;

    private static final long SECONDS_PER_DAY = 86_400;
    private static final byte[] DAYS = ascii("ThuFriSatSunMonTueWed");
    private static final byte[] MONTHS = ascii("JanFebMarAprMayJunJulAugSepOctNovDec");

    private final byte[] text = ascii("Thu, 01 Jan 1970 00:00:00 GMT");
    private long second;

    /** Makes one that shows the beginning of 1970 until it is told the time. */
    public HttpDate() {}

    /** The text as of the last {@link #tick}; changed in place by the next. */
    public byte[] bytes() {
        return text;
    }

    /**
     * Tells it the time.
     *
     * @param epochMs milliseconds since the beginning of 1970, not before it, in UTC
     */
    public void tick(long epochMs) {
        long now = epochMs / 1000;
        if (now != second) {
            second = now;
            write(now);
        }
    }

    // Days to year, month, day: H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    private void write(long epochSecond) {
        long days = epochSecond / SECONDS_PER_DAY;
        int rest = (int) (epochSecond % SECONDS_PER_DAY);
        long shifted = days + 719_468;
        long era = shifted / 146_097;
        long dayOfEra = shifted - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = (int) (dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100));
        int monthFromMarch = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        int month = monthFromMarch < 10 ? monthFromMarch + 2 : monthFromMarch - 10;
        int year = (int) (yearOfEra + era * 400) + (month < 2 ? 1 : 0);

        System.arraycopy(DAYS, (int) (days % 7) * 3, text, 0, 3);
        pair(5, day);
        System.arraycopy(MONTHS, month * 3, text, 8, 3);
        pair(12, year / 100);
        pair(14, year % 100);
        pair(17, rest / 3600);
        pair(20, rest / 60 % 60);
        pair(23, rest % 60);
    }

    private void pair(int at, int value) {
        text[at] = (byte) ('0' + value / 10);
        text[at + 1] = (byte) ('0' + value % 10);
    }

    private static byte[] ascii(String value) {
        return value.getBytes(StandardCharsets.US_ASCII);
    }
}
