package io.penstock.http;

import java.util.Arrays;

/**
 * IP addresses between their text and 16 bytes, without objects. IPv4 addresses are kept as {@code ::ffff:a.b.c.d},
 * so that one address has one form.
 */
public final class AddressText {
    /** Length of an address in bytes. */
    public static final int BYTES = 16;

    /** Length of the longest text that {@link #append} writes. */
    public static final int TEXT_MAX = 39;

    private static final int GROUPS = 8;

    private AddressText() {}

    /**
     * Reads an IPv4 address in dotted decimal form, without leading zeros, or an IPv6 address of RFC 4291 section 2.2,
     * without brackets or zone.
     *
     * @param into takes the 16 bytes; its content is undefined if the text is no address
     * @return whether the text is an address
     */
    public static boolean parse(byte[] bytes, int offset, int length, byte[] into) {
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            if (bytes[i] == ':') {
                return parseV6(bytes, offset, end, into);
            }
        }
        Arrays.fill(into, 0, 10, (byte) 0);
        into[10] = into[11] = (byte) 0xff;
        return parseV4(bytes, offset, end, into, 12);
    }

    /** Bytes 0 to 7 of an address, big-endian. */
    public static long high(byte[] address) {
        return Long.reverseBytes(Octets.getLong(address, 0));
    }

    /** Bytes 8 to 15 of an address, big-endian. */
    public static long low(byte[] address) {
        return Long.reverseBytes(Octets.getLong(address, Long.BYTES));
    }

    /** Whether the 16 bytes are an IPv4 address. */
    public static boolean isV4(byte[] address) {
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return address[10] == (byte) 0xff && address[11] == (byte) 0xff;
    }

    /** Puts an address of 4 or 16 bytes, as {@code InetAddress.getAddress()} gives it, into 16 bytes. */
    public static void widen(byte[] address, byte[] into) {
        if (address.length == BYTES) {
            System.arraycopy(address, 0, into, 0, BYTES);
        } else {
            Arrays.fill(into, 0, 10, (byte) 0);
            into[10] = into[11] = (byte) 0xff;
            System.arraycopy(address, 0, into, 12, 4);
        }
    }

    /** Appends the text of an address: dotted decimal, or the form of RFC 5952 without brackets. */
    public static void append(byte[] address, ByteBuilder into) {
        if (isV4(address)) {
            for (int i = 12; i < BYTES; i++) {
                into.appendDecimal(address[i] & 0xff);
                if (i < BYTES - 1) {
                    into.append((byte) '.');
                }
            }
            return;
        }
        // The first of the longest runs of at least two zero groups becomes "::".
        int runStart = -1;
        int runLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int zeros = 0;
            while (i + zeros < GROUPS && group(address, i + zeros) == 0) {
                zeros++;
            }
            if (zeros > runLength) {
                runStart = i;
                runLength = zeros;
            }
        }
        for (int i = 0; i < GROUPS; i++) {
            if (i == runStart) {
                into.append((byte) ':').append((byte) ':');
                i += runLength - 1;
            } else {
                boolean isAfterRun = runStart >= 0 && i == runStart + runLength;
                if (i > 0 && !isAfterRun) {
                    into.append((byte) ':');
                }
                into.appendHex(group(address, i));
            }
        }
    }

    private static int group(byte[] address, int index) {
        return (address[index * 2] & 0xff) << 8 | (address[index * 2 + 1] & 0xff);
    }

    private static boolean parseV4(byte[] bytes, int from, int end, byte[] into, int target) {
        int at = from;
        for (int part = 0; part < 4; part++) {
            int start = at;
            int value = 0;
            while (at < end && at - start < 4 && Octets.isDigit(bytes[at])) {
                value = value * 10 + bytes[at++] - '0';
            }
            int digits = at - start;
            if (digits == 0 || value > 255 || (digits > 1 && bytes[start] == '0')) {
                return false;
            }
            into[target + part] = (byte) value;
            if (part < 3 && (at >= end || bytes[at++] != '.')) {
                return false;
            }
        }
        return at == end;
    }

    private static boolean parseV6(byte[] bytes, int from, int end, byte[] into) {
        Arrays.fill(into, 0, BYTES, (byte) 0);
        int at = from;
        int filled = 0;
        int gap = -1;
        if (end - at >= 2 && bytes[at] == ':' && bytes[at + 1] == ':') {
            gap = 0;
            at += 2;
        }
        while (at < end) {
            int start = at;
            int value = 0;
            int digit;
            while (at < end && at - start < 5 && (digit = Octets.hexValue(bytes[at])) >= 0) {
                value = value << 4 | digit;
                at++;
            }
            if (at < end && bytes[at] == '.' && filled <= BYTES - 4) {
                if (!parseV4(bytes, start, end, into, filled)) {
                    return false;
                }
                filled += 4;
                at = end;
                break;
            }
            if (at == start || at - start > 4 || filled == BYTES) {
                return false;
            }
            into[filled++] = (byte) (value >> 8);
            into[filled++] = (byte) value;
            if (at == end) {
                break;
            }
            if (bytes[at++] != ':') {
                return false;
            }
            if (at < end && bytes[at] == ':') {
                if (gap >= 0) {
                    return false;
                }
                gap = filled;
                at++;
            } else if (at == end) {
                return false;
            }
        }
        if (gap < 0) {
            return filled == BYTES;
        }
        if (filled > BYTES - 2) {
            return false;
        }
        int moved = filled - gap;
        System.arraycopy(into, gap, into, BYTES - moved, moved);
        Arrays.fill(into, gap, BYTES - moved, (byte) 0);
        return true;
    }
}
