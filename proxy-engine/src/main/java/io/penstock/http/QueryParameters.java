package io.penstock.http;

import io.penstock.mark.WorkerConfined;

/**
 * Finds parameters in a query by name, without taking the query apart: {@code name=value} pairs joined by {@code &},
 * escapes decoded and {@code +} read as a space while comparing. The first of several with one name counts.
 */
@WorkerConfined
public final class QueryParameters {
    private int valueOffset;
    private int valueLength;

    /** Makes a finder, to be used again and again. */
    public QueryParameters() {}

    /**
     * Looks for a parameter.
     *
     * @param bytes eight more can be read behind the query, as in a {@link ByteBuilder}
     * @param name its decoded name, compared exactly; characters below 256
     * @return whether it is there, perhaps without a value
     */
    public boolean find(byte[] bytes, int offset, int length, String name) {
        int end = offset + length;
        int at = offset;
        while (at < end) {
            int pairEnd = Octets.indexOf(bytes, at, end, (byte) '&');
            int nameEnd = Octets.indexOf(bytes, at, pairEnd, (byte) '=');
            if (nameEnd > at && equals(bytes, at, nameEnd, name)) {
                valueOffset = Math.min(nameEnd + 1, pairEnd);
                valueLength = pairEnd - valueOffset;
                return true;
            }
            at = pairEnd + 1;
        }
        valueOffset = valueLength = 0;
        return false;
    }

    /** Looks for a parameter in a request's query. */
    public boolean find(RequestHead head, String name) {
        return find(head.bytes(), head.queryOffset(), head.queryLength(), name);
    }

    /** Where the value found last begins, still encoded. */
    public int valueOffset() {
        return valueOffset;
    }

    /** How long the value found last is, still encoded. */
    public int valueLength() {
        return valueLength;
    }

    /** Whether the value found last, decoded, is that text. */
    public boolean valueEquals(byte[] bytes, String text) {
        return equals(bytes, valueOffset, valueOffset + valueLength, text);
    }

    /** Appends the value found last, decoded. */
    public void decodeValue(byte[] bytes, ByteBuilder into) {
        PercentCodec.decode(bytes, valueOffset, valueLength, true, into);
    }

    private static boolean equals(byte[] bytes, int from, int end, String text) {
        int at = from;
        for (int i = 0; i < text.length(); i++) {
            if (at >= end) {
                return false;
            }
            int octet = PercentCodec.octetAt(bytes, at, end, true);
            if ((octet & 0xff) != text.charAt(i)) {
                return false;
            }
            at += octet >= 256 ? 3 : 1;
        }
        return at == end;
    }
}
