package io.penstock.http;

import java.nio.charset.StandardCharsets;

/** The methods that Penstock knows by name; every other token is {@link #OTHER} and passes through as it came. */
public enum Method {
    GET(true, true),
    HEAD(true, true),
    POST(false, false),
    PUT(false, true),
    DELETE(false, true),
    CONNECT(false, false),
    OPTIONS(true, true),
    TRACE(true, true),
    PATCH(false, false),
    /** A method without a special meaning here; taken for neither safe nor idempotent. */
    OTHER(false, false);

    /** Longest method token that is accepted, in bytes. */
    public static final int BYTES_MAX = 32;

    private static final Method[] KNOWN = {GET, POST, PUT, HEAD, PATCH, DELETE, OPTIONS, CONNECT, TRACE};

    private final boolean isSafe;
    private final boolean isIdempotent;
    private final long word;

    Method(boolean isSafe, boolean isIdempotent) {
        this.isSafe = isSafe;
        this.isIdempotent = isIdempotent;
        byte[] padded = new byte[Long.BYTES];
        byte[] token = name().getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(token, 0, padded, 0, token.length);
        this.word = Octets.getLong(padded, 0);
    }

    /** Whether it asks for no change at the server (RFC 9110 section 9.2.1). */
    public boolean isSafe() {
        return isSafe;
    }

    /** Whether doing it twice has the effect of doing it once (RFC 9110 section 9.2.2). */
    public boolean isIdempotent() {
        return isIdempotent;
    }

    /** Which method a token names; methods are case-sensitive. The bytes have {@link ByteBuilder#SLACK} after the token. */
    static Method of(byte[] bytes, int offset, int length) {
        if (length > 7) {
            return OTHER;
        }
        long word = Octets.getLong(bytes, offset) & (-1L >>> (64 - 8 * length));
        for (Method method : KNOWN) {
            if (method.word == word) {
                return method;
            }
        }
        return OTHER;
    }
}
