package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.CalendarUnit;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

/** Where the windows of the calendar begin and end, in zones that put their clocks forward and back. */
final class QuotaWindowTest {
    private static String at(CalendarUnit unit, String zone, String now) {
        Instant instant = Instant.parse(now);
        long bounds = new QuotaWindow(unit, ZoneId.of(zone), instant).bounds();
        return shown(bounds, instant);
    }

    private static String shown(long bounds, Instant now) {
        long minute = now.getEpochSecond() / 60;
        return instant(QuotaWindow.startMinute(bounds, minute)) + " " + instant(QuotaWindow.endMinute(bounds, minute));
    }

    private static String instant(long minute) {
        return Instant.ofEpochSecond(minute * 60).toString().substring(0, 16);
    }

    @Test
    void beginAndEndWhereTheUnitDoes() {
        String now = "2026-11-22T14:37:59Z";

        assertThat(at(CalendarUnit.MINUTE, "UTC", now)).isEqualTo("2026-11-22T14:37 2026-11-22T14:38");
        assertThat(at(CalendarUnit.HOUR, "UTC", now)).isEqualTo("2026-11-22T14:00 2026-11-22T15:00");
        assertThat(at(CalendarUnit.DAY, "UTC", now)).isEqualTo("2026-11-22T00:00 2026-11-23T00:00");
        assertThat(at(CalendarUnit.WEEK, "UTC", now)).isEqualTo("2026-11-16T00:00 2026-11-23T00:00");
        assertThat(at(CalendarUnit.MONTH, "UTC", now)).isEqualTo("2026-11-01T00:00 2026-12-01T00:00");
    }

    @Test
    void beginAtTheMidnightOfTheZone() {
        assertThat(at(CalendarUnit.DAY, "Europe/Berlin", "2026-11-22T23:30:00Z"))
                .isEqualTo("2026-11-22T23:00 2026-11-23T23:00");
        assertThat(at(CalendarUnit.MONTH, "America/New_York", "2026-03-01T03:00:00Z"))
                .isEqualTo("2026-02-01T05:00 2026-03-01T05:00");
        assertThat(at(CalendarUnit.HOUR, "Asia/Kolkata", "2026-11-22T14:37:00Z"))
                .isEqualTo("2026-11-22T14:30 2026-11-22T15:30");
    }

    @Test
    void lastAnHourLessOrMoreWhereClocksArePut() {
        assertThat(at(CalendarUnit.DAY, "Europe/Berlin", "2026-03-29T12:00:00Z"))
                .isEqualTo("2026-03-28T23:00 2026-03-29T22:00");
        assertThat(at(CalendarUnit.DAY, "Europe/Berlin", "2026-10-25T12:00:00Z"))
                .isEqualTo("2026-10-24T22:00 2026-10-25T23:00");
        assertThat(at(CalendarUnit.HOUR, "Europe/Berlin", "2026-10-25T00:30:00Z"))
                .isEqualTo("2026-10-25T00:00 2026-10-25T01:00");
        assertThat(at(CalendarUnit.HOUR, "Europe/Berlin", "2026-10-25T01:30:00Z"))
                .isEqualTo("2026-10-25T01:00 2026-10-25T02:00");
        assertThat(at(CalendarUnit.DAY, "Africa/Cairo", "2026-04-24T12:00:00Z"))
                .isEqualTo("2026-04-23T22:00 2026-04-24T21:00");
    }

    @Test
    void aWorkerThatIsAheadOfTheControlThreadIsInTheNext() {
        Instant noon = Instant.parse("2026-11-30T12:00:00Z");
        long bounds = new QuotaWindow(CalendarUnit.MONTH, ZoneId.of("UTC"), noon).bounds();

        assertThat(shown(bounds, noon.plus(Duration.ofDays(1)))).isEqualTo("2026-12-01T00:00 2027-01-01T00:00");
        assertThat(shown(bounds, Instant.parse("2026-11-30T23:59:59Z"))).isEqualTo("2026-11-01T00:00 2026-12-01T00:00");
    }

    @Test
    void neverOverlapAndLeaveNoGapThroughAYear() {
        for (String zone : new String[] {"Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"}) {
            for (CalendarUnit unit : new CalendarUnit[] {CalendarUnit.DAY, CalendarUnit.WEEK, CalendarUnit.MONTH}) {
                Instant now = Instant.parse("2026-01-01T00:00:00Z");
                QuotaWindow window = new QuotaWindow(unit, ZoneId.of(zone), now);
                long end = QuotaWindow.endMinute(window.bounds(), now.getEpochSecond() / 60);
                for (int hour = 0; hour < 366 * 24; hour++) {
                    now = now.plus(Duration.ofHours(1));
                    window.refresh(now);
                    long minute = now.getEpochSecond() / 60;
                    long start = QuotaWindow.startMinute(window.bounds(), minute);
                    long next = QuotaWindow.endMinute(window.bounds(), minute);
                    assertThat(start).isLessThanOrEqualTo(minute);
                    assertThat(next).isGreaterThan(minute);
                    if (next != end) {
                        assertThat(start).as("%s of %s at %s", unit, zone, now).isEqualTo(end);
                        end = next;
                    }
                }
            }
        }
    }
}
