package io.penstock.route;

/**
 * What the route table asks about one request: one byte array and offsets into it, so that asking allocates nothing.
 *
 * <p>The array need not have anything behind the last byte in use. All offsets are absolute in {@link #bytes()}.
 * The exchange implements this over the parsed head; it must not change during one lookup.
 */
public interface RouteQuery {
    /** The array that holds host, path, query, method and field values. */
    byte[] bytes();

    /** The id of the listener the request came in by, not negative. */
    int listenerId();

    /** Where the host begins: lower case, without port and without a trailing dot; empty if the request named none. */
    int hostOffset();

    int hostLength();

    /** Where the canonical path begins (see {@code http.CanonicalPath}); it starts with a slash, or is {@code *}. */
    int pathOffset();

    int pathLength();

    /** Where the raw query begins, behind the question mark; the length is 0 if there is none. */
    int queryOffset();

    int queryLength();

    /** Where the method token begins, as sent: methods are case-sensitive. */
    int methodOffset();

    int methodLength();

    /**
     * The next field with a name.
     *
     * @param lowerCaseName the field's name in lower case
     * @param after index of the field to look behind, -1 to begin
     * @return the index of the first such field behind {@code after}, or -1
     */
    int header(String lowerCaseName, int after);

    /** Where the value of the field at {@code index} begins, without white space around it. */
    int headerOffset(int index);

    int headerLength(int index);

    /** Bytes 0 to 7 of the client's address as IPv6, big-endian; 0 for an IPv4 address. */
    long clientAddressHigh();

    /** Bytes 8 to 15 of the client's address; for IPv4 {@code 0xffff} and the four bytes ({@code ::ffff:a.b.c.d}). */
    long clientAddressLow();
}
