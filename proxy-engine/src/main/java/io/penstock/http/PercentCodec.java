package io.penstock.http;

/** Percent-encoding, RFC 3986 section 2.1. */
public final class PercentCodec {
    private static final byte[] UPPER_HEX = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
    };

    private PercentCodec() {}

    /**
     * The octet that a run of encoded text yields at {@code at}. What is no escape stands for itself, bad ones too:
     * a query is data, and its owner judges it.
     *
     * @param isForm whether a plus sign means a space, as in a form's query
     * @return the octet, 0 to 255, with {@code 256} added if it took three bytes
     */
    static int octetAt(byte[] bytes, int at, int end, boolean isForm) {
        byte octet = bytes[at];
        if (octet == '%' && at + 2 < end) {
            int high = Octets.hexValue(bytes[at + 1]);
            int low = Octets.hexValue(bytes[at + 2]);
            if (high >= 0 && low >= 0) {
                return 256 | high << 4 | low;
            }
        }
        return octet == '+' && isForm ? ' ' : octet & 0xff;
    }

    /**
     * Appends the decoded form.
     *
     * @param isForm whether a plus sign means a space
     */
    public static void decode(byte[] bytes, int offset, int length, boolean isForm, ByteBuilder into) {
        int end = offset + length;
        int at = offset;
        while (at < end) {
            int octet = octetAt(bytes, at, end, isForm);
            into.append((byte) octet);
            at += octet >= 256 ? 3 : 1;
        }
    }

    /** Appends the form in which every octet but the unreserved ones is escaped: safe in any part of a URI. */
    public static void encode(byte[] bytes, int offset, int length, ByteBuilder into) {
        for (int i = offset; i < offset + length; i++) {
            byte octet = bytes[i];
            if (Octets.isUnreserved(octet)) {
                into.append(octet);
            } else {
                escape(octet, into);
            }
        }
    }

    /** Appends a percent sign and two upper-case digits. */
    static void escape(int octet, ByteBuilder into) {
        into.append((byte) '%').append(UPPER_HEX[octet >> 4 & 15]).append(UPPER_HEX[octet & 15]);
    }
}
