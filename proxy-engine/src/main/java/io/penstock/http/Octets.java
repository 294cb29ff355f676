package io.penstock.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * Classes of octets, and searches over them eight at a time.
 *
 * <p>The searches load eight bytes into one word and find a wanted byte with arithmetic ("SWAR", see Warren, Hacker's
 * Delight, section 6-1, and Mycroft's zero-byte test). A borrow can raise a false mark only above a true one, and only
 * the lowest mark is used, so the answer is exact. They may read, but never judge, up to seven bytes beyond the end:
 * {@link ByteBuilder#SLACK} makes that safe.
 */
final class Octets {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long SEVENS = 0x7f7f7f7f7f7f7f7fL;
    private static final long CASE_BITS = 0x2020202020202020L;

    private static final byte TOKEN = 1;
    private static final byte PATH = 2;
    private static final byte HOST = 4;
    private static final byte UNRESERVED = 8;
    private static final byte[] CLASSES = classes();

    private Octets() {}

    static long getLong(byte[] bytes, int index) {
        return (long) LONG.get(bytes, index);
    }

    static void putLong(byte[] bytes, int index, long value) {
        LONG.set(bytes, index, value);
    }

    /** Whether it is a {@code tchar} of RFC 9110 section 5.6.2. */
    static boolean isToken(byte octet) {
        return (CLASSES[octet & 0xff] & TOKEN) != 0;
    }

    /** Whether it may stand in a path as it is: {@code pchar} of RFC 3986 section 3.3 without the percent sign, or a slash. */
    static boolean isPath(byte octet) {
        return (CLASSES[octet & 0xff] & PATH) != 0;
    }

    /** Whether it may stand in a host name: letters, digits, hyphen, dot, underscore, tilde. */
    static boolean isHost(byte octet) {
        return (CLASSES[octet & 0xff] & HOST) != 0;
    }

    /** Whether it is {@code unreserved} in RFC 3986 section 2.3. */
    static boolean isUnreserved(byte octet) {
        return (CLASSES[octet & 0xff] & UNRESERVED) != 0;
    }

    static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }

    /** The value of a hexadecimal digit, or -1. */
    static int hexValue(byte octet) {
        if (octet >= '0' && octet <= '9') {
            return octet - '0';
        }
        int lower = octet | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    static byte lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? (byte) (octet | 0x20) : octet;
    }

    /** The first index in {@code [from, end)} of {@code wanted}, or {@code end}. */
    static int indexOf(byte[] bytes, int from, int end, byte wanted) {
        long pattern = (wanted & 0xffL) * ONES;
        for (int at = from; at < end; at += 8) {
            long differs = getLong(bytes, at) ^ pattern;
            long marks = (differs - ONES) & ~differs & HIGHS;
            if (marks != 0) {
                return Math.min(at + (Long.numberOfTrailingZeros(marks) >>> 3), end);
            }
        }
        return end;
    }

    /** The first index in {@code [from, end)} of a control octet (below 0x20, or 0x7f), or {@code end}. */
    static int indexOfControl(byte[] bytes, int from, int end) {
        for (int at = from; at < end; at += 8) {
            long word = getLong(bytes, at);
            // The subtraction marks what is below 0x20, the addition what is 0x7f, the complement clears 0x80 and
            // above.
            long marks = ((word - CASE_BITS) | ((word & SEVENS) + ONES)) & ~word & HIGHS;
            if (marks != 0) {
                return Math.min(at + (Long.numberOfTrailingZeros(marks) >>> 3), end);
            }
        }
        return end;
    }

    /** The first index in {@code [from, end)} of an octet that is not visible ASCII (0x21 to 0x7e), or {@code end}. */
    static int indexOfInvisible(byte[] bytes, int from, int end) {
        for (int at = from; at < end; at += 8) {
            long word = getLong(bytes, at);
            long marks = ((word - 0x21 * ONES) | ((word & SEVENS) + ONES) | word) & HIGHS;
            if (marks != 0) {
                return Math.min(at + (Long.numberOfTrailingZeros(marks) >>> 3), end);
            }
        }
        return end;
    }

    /** The first index in {@code [from, end)} of an octet that is no {@code tchar}, or {@code end}. */
    static int tokenEnd(byte[] bytes, int from, int end) {
        int at = from;
        // Nearly every name is letters and hyphens: eight at a time, and the table only where that run ends.
        while (at < end) {
            long word = getLong(bytes, at);
            long lower = (word | CASE_BITS) & SEVENS;
            long letters = (lower + 0x1f * ONES) & ~(lower + 0x05 * ONES);
            long differs = word ^ ('-' * ONES);
            long hyphens = ~(((differs & SEVENS) + SEVENS) | differs);
            long others = (~(letters | hyphens) | word) & HIGHS;
            if (others != 0) {
                at += Long.numberOfTrailingZeros(others) >>> 3;
                break;
            }
            at += 8;
        }
        while (at < end && isToken(bytes[at])) {
            at++;
        }
        return Math.min(at, end);
    }

    /** Eight octets of a token, letters folded; exact, as only letters differ by that bit from letters, digits, hyphens. */
    static long foldedLong(byte[] bytes, int index) {
        return getLong(bytes, index) | CASE_BITS;
    }

    /** Whether {@code bytes} hold a text at {@code offset}, letters compared without case; {@code lower} is lower case. */
    static boolean equalsIgnoreCase(byte[] bytes, int offset, int length, String lower) {
        if (length != lower.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(bytes[offset + i]) != (byte) lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code bytes} begin with a text at {@code offset}, letters compared without case. */
    static boolean startsWithIgnoreCase(byte[] bytes, int offset, int length, String lower) {
        return length >= lower.length() && equalsIgnoreCase(bytes, offset, lower.length(), lower);
    }

    /**
     * Whether {@code bytes} are a text at {@code offset}, letters compared without case, and an underscore taken for a hyphen:
     * CGI and what came after it give both to programs as the same name (RFC 3875 section 4.1.18).
     */
    static boolean equalsAlike(byte[] bytes, int offset, int length, String lower) {
        if (length != lower.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            byte octet = lower(bytes[offset + i]);
            char wanted = lower.charAt(i);
            if ((octet == '_' ? '-' : octet) != (byte) (wanted == '_' ? '-' : wanted)) {
                return false;
            }
        }
        return true;
    }

    /** Whether each character is visible ASCII, so that one byte can stand for it without becoming another. */
    static boolean isVisible(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= 0x20 || text.charAt(i) >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** Bytes as they may be shown in a message: at most 40, visible ASCII, others as {@code \xNN}. */
    static String quoted(byte[] bytes, int offset, int length) {
        StringBuilder text = new StringBuilder(48).append('"');
        for (int i = 0; i < Math.min(length, 40); i++) {
            byte octet = bytes[offset + i];
            if (octet < 0x20 || octet == 0x7f || octet == '"' || octet == '\\') {
                text.append(String.format(Locale.ROOT, "\\x%02x", octet & 0xff));
            } else {
                text.append((char) octet);
            }
        }
        return text.append(length > 40 ? "\"..." : "\"").toString();
    }

    /** One octet as a message names it. */
    static String named(byte octet) {
        return switch (octet) {
            case 0 -> "NUL";
            case '\t' -> "a tab";
            case '\n' -> "LF";
            case '\r' -> "CR";
            case ' ' -> "a space";
            default ->
                octet > 0x20 && octet < 0x7f
                        ? "'" + (char) octet + "'"
                        : String.format(Locale.ROOT, "the octet 0x%02x", octet & 0xff);
        };
    }

    private static byte[] classes() {
        byte[] classes = new byte[256];
        for (char c = '!'; c < 0x7f; c++) {
            boolean isAlphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            byte marks = 0;
            if (isAlphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0) {
                marks |= TOKEN;
            }
            if (isAlphanumeric || "-._~!$&'()*+,;=:@/".indexOf(c) >= 0) {
                marks |= PATH;
            }
            if (isAlphanumeric || "-._~".indexOf(c) >= 0) {
                marks |= HOST | UNRESERVED;
            }
            classes[c] = marks;
        }
        return classes;
    }
}
