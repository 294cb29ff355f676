package io.penstock.config;

/** What becomes of a body that a filter cannot work on. */
public enum BodyMisfit implements Choice {
    /** The exchange is refused. */
    REFUSE,
    /** The body goes on as it came. */
    PASS
}
