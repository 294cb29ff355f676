package io.penstock.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A reused, growing line of bytes, and the ways in which hostile bytes are made harmless. One thread. */
final class LineBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MIN_LONG = Long.toString(Long.MIN_VALUE).getBytes(StandardCharsets.US_ASCII);

    /** What is stored in words may reach so far behind the end. */
    private static final int SLACK = LinePiece.BYTES_MAX;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EACH = 0x0101_0101_0101_0101L;
    private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

    private static final long SPACES = EACH * ' ';

    /** 000 to 999, each as the three bytes that stand for it, first one lowest; above them how many are no leading zeros. */
    private static final int[] TRIPLES = new int[1000];

    static {
        for (int i = 0; i < TRIPLES.length; i++) {
            int digits = i < 10 ? 1 : i < 100 ? 2 : 3;
            TRIPLES[i] = ('0' + i / 100) | ('0' + i / 10 % 10) << 8 | ('0' + i % 10) << 16 | digits << 24;
        }
    }

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
        ShortCopy.copy(source, offset, bytes, length, count);
        length += count;
        return this;
    }

    LineBuffer put(LinePiece piece) {
        ensure(piece.length());
        WORDS.set(bytes, length, piece.first());
        WORDS.set(bytes, length + 8, piece.second());
        WORDS.set(bytes, length + 16, piece.third());
        length += piece.length();
        return this;
    }

    LineBuffer number(long value) {
        if (value < 0) {
            return value == Long.MIN_VALUE ? put(MIN_LONG) : put('-').number(-value);
        }
        if (value >= 1000) {
            long thousands = value / 1000;
            return number(thousands).threeDigits((int) (value - thousands * 1000));
        }
        ensure(3);
        int triple = TRIPLES[(int) value];
        int digits = triple >>> 24;
        INTS.set(bytes, length, triple >>> ((3 - digits) * Byte.SIZE));
        length += digits;
        return this;
    }

    private LineBuffer threeDigits(int value) {
        ensure(3);
        INTS.set(bytes, length, TRIPLES[value]);
        length += 3;
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

    /** A number below a million, with zeros before it. */
    LineBuffer sixDigits(int value) {
        return threeDigits(value / 1000).threeDigits(value % 1000);
    }

    /**
     * The inside of a JSON string (RFC 8259): quotes, backslashes and control characters escaped, those of C1 too since
     * terminals obey them, and each byte that is not well-formed UTF-8 replaced by U+FFFD.
     */
    LineBuffer json(byte[] source, int offset, int count) {
        ensure(count * 6);
        int end = offset + count;
        int at = harmless(source, offset, end);
        while (at < end) {
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

    /*
     * Copies words of eight bytes while none of them needs to be escaped, for hardly any text has such a byte, and says where the
     * rest begins. A last part of a word is read as a whole word: what lies behind the text, which may be a slot that a worker
     * fills just now, is taken for spaces, and what it leaves behind the line's end is written over.
     */
    private int harmless(byte[] source, int offset, int end) {
        int at = offset;
        for (; end - at >= Long.BYTES; at += Long.BYTES) {
            long word = (long) WORDS.get(source, at);
            if (mayNeedEscape(word)) {
                return at;
            }
            WORDS.set(bytes, length, word);
            length += Long.BYTES;
        }
        if (at < end && source.length - at >= Long.BYTES) {
            long text = (1L << ((end - at) * Byte.SIZE)) - 1;
            long word = ((long) WORDS.get(source, at) & text) | (SPACES & ~text);
            if (!mayNeedEscape(word)) {
                WORDS.set(bytes, length, word);
                length += end - at;
                return end;
            }
        }
        return at;
    }

    /** Whether one of eight bytes is a control character, a quote, a backslash or not ASCII; perhaps also where none is. */
    private static boolean mayNeedEscape(long word) {
        long found = word
                | (word - EACH * 0x20)
                | zeros(word ^ EACH * '"')
                | zeros(word ^ EACH * '\\')
                | zeros(word ^ EACH * 0x7f);
        return (found & HIGHEST_BITS) != 0;
    }

    /** The highest bit of each byte that is zero, and perhaps of one above it (Warren, Hacker's Delight, section 6-1). */
    private static long zeros(long word) {
        return word - EACH & ~word;
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
        int end = offset + count;
        for (int at = harmless(source, offset, end); at < end; at++) {
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
        if (bytes.length - length < count + SLACK) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count + SLACK));
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
