package io.penstock.config;

/** How a header or query parameter is compared. */
public enum FieldMatchType implements Choice {
    /** One value is equal. */
    EXACT,
    /** One value matches an RE2 expression as a whole. */
    REGEX,
    /** It is there, with whatever value. */
    PRESENT,
    /** It is not there. */
    ABSENT
}
