package io.penstock.config;

/** What happens to a key that finds no room in the table of keys. */
public enum OnFull implements Choice {
    /** It passes, counted. */
    ALLOW,
    /** It is refused with 429. */
    REFUSE
}
