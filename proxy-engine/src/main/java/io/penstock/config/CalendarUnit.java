package io.penstock.config;

/** A window of the calendar, in which a quota counts. */
public enum CalendarUnit implements Choice {
    /** From one full minute to the next. */
    MINUTE,
    /** From one full hour to the next. */
    HOUR,
    /** From midnight to midnight. */
    DAY,
    /** From Monday's midnight to the next Monday's (ISO 8601). */
    WEEK,
    /** From the first's midnight to the next first's. */
    MONTH;

    /** Its place in tables of all of them, from 0; kept in files, so that constants are only added behind the last. */
    @SuppressWarnings("EnumOrdinal") // an array on the request path, and what files hold
    public int index() {
        return ordinal();
    }
}
