package io.penstock.http;

import io.penstock.mark.WorkerConfined;

/**
 * Reads {@code host} or {@code host:port}, RFC 3986 section 3.2.2, narrowed to what names a host on the web: letters,
 * digits, {@code - . _ ~} without empty labels (but for a final dot), or an IPv6 address in brackets. No user
 * information, no escapes.
 */
@WorkerConfined
final class Authority {
    private static final int LENGTH_MAX = 255 + 6;

    private final byte[] address = new byte[AddressText.BYTES];
    private int hostLength;
    private int port;
    private boolean hasUpperCase;
    private String problem = "";

    /** The host's length without port and final dot. */
    int hostLength() {
        return hostLength;
    }

    /** The port, or -1 if none was named. */
    int port() {
        return port;
    }

    boolean hasUpperCase() {
        return hasUpperCase;
    }

    String problem() {
        return problem;
    }

    /** Reads one; if it returns false, {@link #problem()} says why. */
    boolean read(byte[] bytes, int offset, int length) {
        hasUpperCase = false;
        port = -1;
        if (length == 0) {
            return refuse("is empty.");
        }
        if (length > LENGTH_MAX) {
            return refuse("has " + length + " octets; at most " + LENGTH_MAX + " are allowed.");
        }
        int end = offset + length;
        int hostEnd = bytes[offset] == '[' ? bracketEnd(bytes, offset, end) : nameEnd(bytes, offset, end);
        if (hostEnd < 0) {
            return false;
        }
        if (hostEnd < end) {
            if (bytes[hostEnd] != ':') {
                return refuse("holds " + Octets.named(bytes[hostEnd]) + " at offset " + (hostEnd - offset) + ".");
            }
            return readPort(bytes, hostEnd + 1, end);
        }
        return true;
    }

    private int nameEnd(byte[] bytes, int offset, int end) {
        int at = offset;
        byte previous = '.';
        while (at < end && Octets.isHost(bytes[at])) {
            byte octet = bytes[at];
            if (octet == '.' && previous == '.') {
                refuse("has an empty label.");
                return -1;
            }
            hasUpperCase |= octet >= 'A' && octet <= 'Z';
            previous = octet;
            at++;
        }
        if (at == offset) {
            refuse("has no host before " + Octets.named(bytes[at]) + ".");
            return -1;
        }
        hostLength = at - offset - (previous == '.' ? 1 : 0);
        return at;
    }

    private int bracketEnd(byte[] bytes, int offset, int end) {
        int close = Octets.indexOf(bytes, offset, end, (byte) ']');
        boolean isAddress = close < end
                && Octets.indexOf(bytes, offset, close, (byte) ':') < close
                && AddressText.parse(bytes, offset + 1, close - offset - 1, address);
        if (!isAddress) {
            refuse("has brackets without an IPv6 address in them.");
            return -1;
        }
        for (int i = offset; i < close; i++) {
            hasUpperCase |= bytes[i] >= 'A' && bytes[i] <= 'F';
        }
        hostLength = close + 1 - offset;
        return close + 1;
    }

    private boolean readPort(byte[] bytes, int from, int end) {
        // "host:" is allowed by RFC 3986 section 3.2.3 and means no port.
        if (from == end) {
            return true;
        }
        int value = 0;
        for (int at = from; at < end; at++) {
            if (!Octets.isDigit(bytes[at]) || at - from >= 5) {
                return refuse("has a port that is not a number of up to five digits.");
            }
            value = value * 10 + bytes[at] - '0';
        }
        if (value > 65535) {
            return refuse("has the port " + value + "; the highest is 65535.");
        }
        port = value;
        return true;
    }

    private boolean refuse(String what) {
        problem = what;
        return false;
    }
}
