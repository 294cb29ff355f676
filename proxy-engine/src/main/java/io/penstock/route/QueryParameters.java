package io.penstock.route;

import io.penstock.mark.WorkerConfined;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the parameters of a raw query, {@code name=value} between ampersands, and compares them decoded: a plus sign is a
 * space and {@code %41} an A, as forms write them; an escape that is none stands for itself.
 */
@WorkerConfined
final class QueryParameters {
    private byte[] bytes = new byte[0];
    private int at;
    private int limit;
    private int valueOffset;
    private int valueEnd;
    private byte[] decoded = new byte[64];
    private int decodedLength;

    /** Goes before the first parameter. */
    void reset(byte[] source, int offset, int length) {
        bytes = source;
        at = offset;
        limit = offset + length;
    }

    /** Goes to the next parameter of that name; whether there is one. */
    boolean next(byte[] name) {
        while (at < limit) {
            int start = at;
            int end = start;
            int equals = -1;
            while (end < limit && bytes[end] != '&') {
                if (bytes[end] == '=' && equals < 0) {
                    equals = end;
                }
                end++;
            }
            at = end + 1;
            int nameEnd = equals < 0 ? end : equals;
            if (end > start && isName(name, start, nameEnd)) {
                valueOffset = equals < 0 ? end : equals + 1;
                valueEnd = end;
                return true;
            }
        }
        return false;
    }

    /** Whether the value, decoded, is these bytes. */
    boolean valueIs(UnsafeBuffer page, int offset, int length) {
        int from = valueOffset;
        for (int i = 0; i < length; i++) {
            if (from >= valueEnd || (byte) octet(from, valueEnd) != page.getByte(offset + i)) {
                return false;
            }
            from += width(from, valueEnd);
        }
        return from == valueEnd;
    }

    /** Decodes the value into {@link #decoded()}; its length. */
    int decodeValue() {
        if (decoded.length < valueEnd - valueOffset) {
            decoded = new byte[(valueEnd - valueOffset) * 2];
        }
        int length = 0;
        for (int from = valueOffset; from < valueEnd; from += width(from, valueEnd)) {
            decoded[length++] = (byte) octet(from, valueEnd);
        }
        decodedLength = length;
        return length;
    }

    byte[] decoded() {
        return decoded;
    }

    int decodedLength() {
        return decodedLength;
    }

    private boolean isName(byte[] name, int start, int end) {
        int from = start;
        for (byte octet : name) {
            if (from >= end || (byte) octet(from, end) != octet) {
                return false;
            }
            from += width(from, end);
        }
        return from == end;
    }

    private boolean isEscape(int from, int end) {
        return bytes[from] == '%' && end - from > 2 && digit(bytes[from + 1]) >= 0 && digit(bytes[from + 2]) >= 0;
    }

    private int width(int from, int end) {
        return isEscape(from, end) ? 3 : 1;
    }

    private int octet(int from, int end) {
        if (isEscape(from, end)) {
            return digit(bytes[from + 1]) << 4 | digit(bytes[from + 2]);
        }
        return bytes[from] == '+' ? ' ' : bytes[from];
    }

    private static int digit(byte octet) {
        if (octet >= '0' && octet <= '9') {
            return octet - '0';
        }
        int letter = octet | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }
}
