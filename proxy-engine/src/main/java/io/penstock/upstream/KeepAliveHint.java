package io.penstock.upstream;

import io.penstock.http.Fields;

/** What an endpoint says in {@code Keep-Alive} (RFC 2068 section 19.7.1.1): when it will close an idle connection. */
final class KeepAliveHint {
    /** It says nothing. */
    static final long NO_HINT_NS = Long.MAX_VALUE;

    private static final long SECOND_NS = 1_000_000_000L;
    private static final int SECONDS_MAX = 1_000_000;

    private KeepAliveHint() {}

    /**
     * How long a connection may stay idle so that the endpoint does not close it under a request: its timeout less a margin
     * of a quarter, at most one second, for the way there. 0 where it shall not be used again; {@link #NO_HINT_NS} without
     * a hint. Allocates nothing.
     */
    static long idleTimeoutNs(Fields fields) {
        int index = fields.find("keep-alive");
        if (index < 0) {
            return NO_HINT_NS;
        }
        byte[] bytes = fields.bytes();
        int end = fields.valueOffset(index) + fields.valueLength(index);
        long timeoutNs = NO_HINT_NS;
        for (int at = fields.valueOffset(index); at < end; at++) {
            int partEnd = endOfPart(bytes, at, end);
            while (at < partEnd && (bytes[at] == ' ' || bytes[at] == '\t')) {
                at++;
            }
            int seconds = number(bytes, at, partEnd, "timeout=");
            if (seconds >= 0) {
                timeoutNs = seconds * SECOND_NS - Math.min(SECOND_NS, seconds * SECOND_NS / 4);
            }
            if (number(bytes, at, partEnd, "max=") == 0) {
                return 0;
            }
            at = partEnd;
        }
        return timeoutNs;
    }

    private static int endOfPart(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] != ',') {
            at++;
        }
        return at;
    }

    // The number behind a lower-case name and its equals sign; -1 if something else stands there.
    private static int number(byte[] bytes, int offset, int end, String name) {
        int digits = offset + name.length();
        if (digits >= end) {
            return -1;
        }
        for (int i = 0; i < name.length(); i++) {
            byte found = bytes[offset + i];
            byte lower = found >= 'A' && found <= 'Z' ? (byte) (found + 32) : found;
            if (lower != name.charAt(i)) {
                return -1;
            }
        }
        int value = 0;
        int at = digits;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            value = Math.min(SECONDS_MAX, value * 10 + bytes[at] - '0');
            at++;
        }
        return at == digits ? -1 : value;
    }
}
