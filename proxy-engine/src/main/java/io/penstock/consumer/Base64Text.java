package io.penstock.consumer;

/**
 * Reads base64 as RFC 4648 section 4 writes it: one spelling for each sequence of bytes, so padding is demanded and unused
 * bits are zero. Allocates nothing.
 */
public final class Base64Text {
    /** It is no base64, or does not fit. */
    public static final int MALFORMED = -1;

    private static final int PAD = '=';

    private Base64Text() {}

    /**
     * Decodes.
     *
     * @return how many bytes there are in {@code into} now, or {@link #MALFORMED}
     */
    public static int decode(byte[] text, int offset, int length, byte[] into) {
        if (length % 4 != 0 || length / 4 * 3 > into.length) {
            return MALFORMED;
        }
        int count = 0;
        for (int at = offset; at < offset + length; at += 4) {
            boolean isLast = at + 4 == offset + length;
            int pads = !isLast || text[at + 3] != PAD ? 0 : text[at + 2] == PAD ? 2 : 1;
            int bits = 0;
            for (int i = 0; i < 4 - pads; i++) {
                int value = value(text[at + i]);
                if (value < 0) {
                    return MALFORMED;
                }
                bits |= value << (18 - 6 * i);
            }
            if ((pads == 2 && (bits & 0xffff) != 0) || (pads == 1 && (bits & 0xff) != 0)) {
                return MALFORMED;
            }
            for (int i = 0; i < 3 - pads; i++) {
                into[count++] = (byte) (bits >> (16 - 8 * i));
            }
        }
        return count;
    }

    private static int value(byte c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '+' ? 62 : c == '/' ? 63 : MALFORMED;
    }
}
