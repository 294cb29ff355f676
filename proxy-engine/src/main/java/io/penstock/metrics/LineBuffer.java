package io.penstock.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A reused, growing line of bytes, and the ways in which hostile bytes are made harmless. One thread. */
final class LineBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MIN_LONG = Long.toString(Long.MIN_VALUE).getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[1024];
    private int length;

    void clear() {
        length = 0;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    LineBuffer put(char ascii) {
        ensure(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    LineBuffer put(byte[] source) {
        return put(source, 0, source.length);
    }

    LineBuffer put(byte[] source, int offset, int count) {
        ensure(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
        return this;
    }

    LineBuffer number(long value) {
        if (value == Long.MIN_VALUE) {
            return put(MIN_LONG);
        }
        long rest = value;
        if (rest < 0) {
            put('-');
            rest = -rest;
        }
        int digits = 1;
        for (long power = 10; digits < 19 && rest >= power; power *= 10) {
            digits++;
        }
        ensure(digits);
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    /** A number in hexadecimal, without leading zeros. */
    LineBuffer hex(int value) {
        int digits = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 3) / 4);
        ensure(digits);
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[value >> shift & 15];
        }
        return this;
    }

    /** A number with zeros before it, to at least {@code digits}. */
    LineBuffer padded(int value, int digits) {
        for (int power = digits - 1, bound = pow10(digits - 1); power > 0 && value < bound; power--, bound /= 10) {
            put('0');
        }
        return number(value);
    }

    private static int pow10(int exponent) {
        int power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }

    /**
     * The inside of a JSON string (RFC 8259): quotes, backslashes and control characters escaped, those of C1 too since
     * terminals obey them, and each byte that is not well-formed UTF-8 replaced by U+FFFD.
     */
    LineBuffer json(byte[] source, int offset, int count) {
        ensure(count * 6);
        int end = offset + count;
        for (int at = offset; at < end; ) {
            byte octet = source[at];
            if (octet >= 0x20 && octet != '"' && octet != '\\' && octet != 0x7f) {
                bytes[length++] = octet;
                at++;
            } else if (octet >= 0) {
                at++;
                if (octet == '"' || octet == '\\') {
                    bytes[length++] = '\\';
                    bytes[length++] = octet;
                } else {
                    unicode(octet);
                }
            } else {
                at += multibyte(source, at, end);
            }
        }
        return this;
    }

    private int multibyte(byte[] source, int at, int end) {
        int size = Utf8.sequence(source, at, end);
        if (size == 0) {
            unicode(0xfffd);
            return 1;
        }
        if (size == 2 && source[at] == (byte) 0xc2 && (source[at + 1] & 0xff) < 0xa0) {
            unicode(source[at + 1] & 0xff);
        } else {
            System.arraycopy(source, at, bytes, length, size);
            length += size;
        }
        return size;
    }

    private void unicode(int point) {
        bytes[length++] = '\\';
        bytes[length++] = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[point >> shift & 15];
        }
    }

    /** Text for a line of fields: quotes, backslashes and everything but visible ASCII and the space as {@code \xHH}. */
    LineBuffer plain(byte[] source, int offset, int count) {
        ensure(count * 4);
        for (int at = offset; at < offset + count; at++) {
            byte octet = source[at];
            if (octet >= 0x20 && octet != '"' && octet != '\\' && octet != 0x7f) {
                bytes[length++] = octet;
            } else {
                bytes[length++] = '\\';
                bytes[length++] = 'x';
                bytes[length++] = HEX[octet >> 4 & 15];
                bytes[length++] = HEX[octet & 15];
            }
        }
        return this;
    }

    private void ensure(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }

    /** Well-formed byte sequences of UTF-8 (Unicode 15, table 3-7). */
    private static final class Utf8 {
        /** How many bytes the well-formed sequence at {@code at} has, 0 if there is none. The first byte is above 0x7f. */
        static int sequence(byte[] source, int at, int end) {
            int first = source[at] & 0xff;
            int size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
            if (first < 0xc2 || first > 0xf4 || end - at < size) {
                return 0;
            }
            int second = source[at + 1] & 0xff;
            int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
            int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
            if (second < lowest || second > highest) {
                return 0;
            }
            for (int i = 2; i < size; i++) {
                if ((source[at + i] & 0xc0) != 0x80) {
                    return 0;
                }
            }
            return size;
        }
    }
}
