package io.penstock.config;

/** What happens to a request whose plugin hook fails. */
public enum OnFailure implements Choice {
    /** It goes on as if the plugin were not there. */
    OPEN,
    /** It is refused. */
    CLOSED
}
