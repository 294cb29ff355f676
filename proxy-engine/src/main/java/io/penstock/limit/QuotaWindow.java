package io.penstock.limit;

import io.penstock.config.CalendarUnit;
import io.penstock.mark.SharedByWorkers;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The present window of a unit in a time zone, and the next: worked out by the control thread, read by workers.
 *
 * <p>One word holds both, so that a reader never sees the parts of two: start(32) minutes(16) minutes of the next(16), in
 * minutes since 1970. A worker that finds the present one over is in the next, and the control thread looks each second, so the
 * shortest window lasts long enough for that.
 */
@SharedByWorkers
public final class QuotaWindow {
    private static final int START_SHIFT = 32;
    private static final int LENGTH_SHIFT = 16;
    private static final long LENGTH_MASK = 0xffff;
    private static final int MINUTE_SECONDS = 60;
    private static final int HOUR_SECONDS = 3600;

    private final CalendarUnit unit;
    private final ZoneId zone;
    private final AtomicLong bounds = new AtomicLong();

    /** A window as it is now. */
    public QuotaWindow(CalendarUnit unit, ZoneId zone, Instant now) {
        this.unit = unit;
        this.zone = zone;
        refresh(now);
    }

    /** The unit. */
    public CalendarUnit unit() {
        return unit;
    }

    /** Whose calendar it is. */
    public ZoneId zone() {
        return zone;
    }

    /** Works out the present window and the next, if they have changed. Control thread. */
    public void refresh(Instant now) {
        Instant start = startOf(now);
        Instant end = startAfter(start);
        long minutes = minutes(end) - minutes(start);
        long minutesOfNext = minutes(startAfter(end)) - minutes(end);
        long present = (minutes(start) << START_SHIFT) | (minutes << LENGTH_SHIFT) | minutesOfNext;
        if (bounds.getOpaque() != present) {
            bounds.setOpaque(present);
        }
    }

    /** Both windows as one word, for the methods that follow. Any thread. */
    public long bounds() {
        return bounds.getOpaque();
    }

    /** The first minute of the window that a minute is in. */
    public static long startMinute(long bounds, long nowMinute) {
        long end = (bounds >>> START_SHIFT) + (bounds >>> LENGTH_SHIFT & LENGTH_MASK);
        return nowMinute < end ? bounds >>> START_SHIFT : end;
    }

    /** The first minute after the window that a minute is in. */
    public static long endMinute(long bounds, long nowMinute) {
        long end = (bounds >>> START_SHIFT) + (bounds >>> LENGTH_SHIFT & LENGTH_MASK);
        return nowMinute < end ? end : end + (bounds & LENGTH_MASK);
    }

    private Instant startOf(Instant now) {
        return switch (unit) {
            case MINUTE -> floor(now, MINUTE_SECONDS);
            case HOUR -> floor(now, HOUR_SECONDS);
            case DAY -> midnight(dateOf(now));
            case WEEK -> midnight(dateOf(now).with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)));
            case MONTH -> midnight(dateOf(now).withDayOfMonth(1));
        };
    }

    private Instant startAfter(Instant start) {
        return switch (unit) {
            case MINUTE -> start.plusSeconds(MINUTE_SECONDS);
            case HOUR -> start.plusSeconds(HOUR_SECONDS);
            case DAY -> midnight(dateOf(start).plusDays(1));
            case WEEK -> midnight(dateOf(start).plusWeeks(1));
            case MONTH -> midnight(dateOf(start).plusMonths(1));
        };
    }

    // By the zone's own hours, which begin at the half hour in some; the hour in which clocks are put forward or back
    // is a
    // whole one too.
    private Instant floor(Instant now, int seconds) {
        int offset = zone.getRules().getOffset(now).getTotalSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(now.getEpochSecond() + offset, (long) seconds) * seconds - offset);
    }

    private LocalDate dateOf(Instant instant) {
        return LocalDate.ofInstant(instant, zone);
    }

    private Instant midnight(LocalDate date) {
        return date.atStartOfDay(zone).toInstant();
    }

    private static long minutes(Instant instant) {
        return Math.floorDiv(instant.getEpochSecond(), (long) MINUTE_SECONDS);
    }
}
