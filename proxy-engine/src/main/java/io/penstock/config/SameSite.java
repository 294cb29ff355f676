package io.penstock.config;

/** To whose requests a browser adds a cookie. */
public enum SameSite implements Choice {
    /** Only to those that come from the same site. */
    STRICT,
    /** To those, and when somebody follows a link. */
    LAX,
    /** To all; only with {@code secure}. */
    NONE
}
