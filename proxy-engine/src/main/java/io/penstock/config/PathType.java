package io.penstock.config;

/** How a route's path is compared. */
public enum PathType implements Choice {
    /** The whole path is equal. */
    EXACT,
    /** The path begins with these whole segments. */
    PREFIX,
    /** Segments are equal or taken by {name}; {name...} at the end takes the rest. */
    TEMPLATE,
    /** The whole path matches an RE2 expression. */
    REGEX
}
