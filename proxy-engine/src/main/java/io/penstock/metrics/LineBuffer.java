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

    /** What one byte of a text takes at most where it is escaped. */
    static final int ESCAPED_BYTES_MAX = 6;

    /** Digits of the largest number. */
    private static final int DIGITS_MAX = 19;

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
        length = piece(bytes, length, piece);
        return this;
    }

    LineBuffer number(long value) {
        if (value < 0) {
            return value == Long.MIN_VALUE ? put(MIN_LONG) : put('-').number(-value);
        }
        ensure(DIGITS_MAX);
        length = number(bytes, length, value);
        return this;
    }

    private LineBuffer threeDigits(int value) {
        ensure(3);
        length = threeDigits(bytes, length, value);
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
        ensure(count * ESCAPED_BYTES_MAX);
        length = json(bytes, length, source, offset, count);
        return this;
    }

    // ---- where one method writes much of a line ----

    /*
     * The same on an array and the end of what it holds, which they return: while a line is written its end then stays in a
     * register, where each call on the buffer would store and load it. Measured: see PERFORMANCE.md.
     */

    /** Memory with room for so many bytes behind the end; told the new end by {@link #endAt}. */
    byte[] room(int count) {
        ensure(count);
        return bytes;
    }

    void endAt(int end) {
        length = end;
    }

    static int piece(byte[] into, int at, LinePiece piece) {
        WORDS.set(into, at, piece.first());
        WORDS.set(into, at + 8, piece.second());
        WORDS.set(into, at + 16, piece.third());
        return at + piece.length();
    }

    /** A number that is not negative. */
    static int number(byte[] into, int at, long value) {
        if (value < 1000) {
            return firstDigits(into, at, (int) value);
        }
        if (value < 1_000_000) {
            int thousands = (int) value / 1000;
            return threeDigits(into, firstDigits(into, at, thousands), (int) value - thousands * 1000);
        }
        long thousands = value / 1000;
        return threeDigits(into, number(into, at, thousands), (int) (value - thousands * 1000));
    }

    private static int firstDigits(byte[] into, int at, int value) {
        int triple = TRIPLES[value];
        int digits = triple >>> 24;
        INTS.set(into, at, triple >>> ((3 - digits) * Byte.SIZE));
        return at + digits;
    }

    private static int threeDigits(byte[] into, int at, int value) {
        INTS.set(into, at, TRIPLES[value]);
        return at + 3;
    }

    /** As {@link #json(byte[], int, int)}. */
    static int json(byte[] into, int at, byte[] source, int offset, int count) {
        int end = offset + count;
        int from = harmless(into, at, source, offset, end);
        return from == end ? at + count : escaped(into, at + from - offset, source, from, end);
    }

    private static int escaped(byte[] into, int begin, byte[] source, int offset, int end) {
        int at = begin;
        int from = offset;
        while (from < end) {
            byte octet = source[from];
            if (octet >= 0x20 && octet != '"' && octet != '\\' && octet != 0x7f) {
                into[at++] = octet;
                from++;
            } else if (octet < 0) {
                int size = Utf8.sequence(source, from, end);
                at = multibyte(into, at, source, from, size);
                from += Math.max(size, 1);
            } else {
                from++;
                if (octet == '"' || octet == '\\') {
                    into[at++] = '\\';
                    into[at++] = octet;
                } else {
                    at = unicode(into, at, octet);
                }
            }
        }
        return at;
    }

    /*
     * Copies words of eight bytes while none of them needs to be escaped, for hardly any text has such a byte, and says where the
     * rest begins. A last part of a word is read as a whole word: what lies behind the text, which may be a slot that a worker
     * fills just now, is taken for spaces, and what it leaves behind the line's end is written over.
     */
    private static int harmless(byte[] into, int begin, byte[] source, int offset, int end) {
        int at = begin;
        int from = offset;
        for (; end - from >= Long.BYTES; from += Long.BYTES) {
            long word = (long) WORDS.get(source, from);
            if (mayNeedEscape(word)) {
                return from;
            }
            WORDS.set(into, at, word);
            at += Long.BYTES;
        }
        if (from < end && source.length - from >= Long.BYTES) {
            long text = (1L << ((end - from) * Byte.SIZE)) - 1;
            long word = ((long) WORDS.get(source, from) & text) | (SPACES & ~text);
            if (!mayNeedEscape(word)) {
                WORDS.set(into, at, word);
                return end;
            }
        }
        return from;
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

    private static int multibyte(byte[] into, int at, byte[] source, int from, int size) {
        if (size == 0) {
            return unicode(into, at, 0xfffd);
        }
        if (size == 2 && source[from] == (byte) 0xc2 && (source[from + 1] & 0xff) < 0xa0) {
            return unicode(into, at, source[from + 1] & 0xff);
        }
        System.arraycopy(source, from, into, at, size);
        return at + size;
    }

    private static int unicode(byte[] into, int at, int point) {
        into[at] = '\\';
        into[at + 1] = 'u';
        for (int i = 0; i < 4; i++) {
            into[at + 2 + i] = HEX[point >> (12 - 4 * i) & 15];
        }
        return at + 6;
    }

    /** Text for a line of fields: quotes, backslashes and everything but visible ASCII and the space as {@code \xHH}. */
    LineBuffer plain(byte[] source, int offset, int count) {
        ensure(count * 4);
        int end = offset + count;
        int from = harmless(bytes, length, source, offset, end);
        length += from - offset;
        for (; from < end; from++) {
            byte octet = source[from];
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
