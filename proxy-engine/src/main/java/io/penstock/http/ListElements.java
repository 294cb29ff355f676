package io.penstock.http;

/** Comma-separated lists, RFC 9110 section 5.6.1, of elements without quoted commas. */
final class ListElements {
    private ListElements() {}

    /**
     * Whether the lists in all fields of that name have that element.
     *
     * @param lower in lower case
     */
    static boolean has(Fields fields, KnownField field, String lower) {
        for (int i = fields.find(field); i >= 0; i = fields.find(field, i + 1)) {
            if (has(fields.bytes(), fields.valueOffset(i), fields.valueLength(i), lower)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a list has that element, letters compared without case.
     *
     * @param lower in lower case
     */
    static boolean has(byte[] bytes, int offset, int length, String lower) {
        int end = offset + length;
        int at = offset;
        while (at <= end) {
            int comma = Octets.indexOf(bytes, at, end, (byte) ',');
            int start = at;
            int stop = comma;
            while (start < stop && isBlank(bytes[start])) {
                start++;
            }
            while (stop > start && isBlank(bytes[stop - 1])) {
                stop--;
            }
            if (Octets.equalsIgnoreCase(bytes, start, stop - start, lower)) {
                return true;
            }
            at = comma + 1;
        }
        return false;
    }

    static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }
}
