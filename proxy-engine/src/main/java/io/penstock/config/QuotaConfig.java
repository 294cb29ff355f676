package io.penstock.config;

/** How many requests may pass in a window of the calendar. */
public record QuotaConfig(
        @Doc("So many requests in each window.") long requests,

        @Doc("The window: minute, hour, day, week (from Monday) or month.")
        CalendarUnit window,

        @Doc("Whose midnight and whose hours count, as in Europe/Berlin.") @Default("UTC")
        String timeZone) {
    /** The most requests of a window. */
    public static final long REQUESTS_MAX = 4_000_000_000L;

    public QuotaConfig {
        new ValueChecks().between("requests", requests, 1, REQUESTS_MAX).end();
    }

    /** A quota by UTC. */
    public static QuotaConfig of(long requests, CalendarUnit window) {
        return new QuotaConfig(requests, window, "UTC");
    }

    @Override
    public String toString() {
        return requests + " a " + window.text();
    }
}
