package io.penstock.http;

/** How far a parser has come with what it was fed. */
public enum ParseState {
    /** Everything fed was taken and is sound so far; more is needed. */
    NEEDS_MORE,
    /** The end was found; bytes after it were not taken. */
    COMPLETE,
    /** The input is refused, for the parser's {@code reason()} and {@code detail()}; the connection cannot be used further. */
    REFUSED
}
