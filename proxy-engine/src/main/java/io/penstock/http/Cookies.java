package io.penstock.http;

import io.penstock.mark.WorkerConfined;

/**
 * Finds cookies in a request's {@code Cookie} fields (RFC 6265 section 4.2), as bytes and without allocation. Lenient about what
 * is not a pair, strict about names: they are compared in their case. The first cookie of a name counts, as it does for most
 * applications.
 */
@WorkerConfined
public final class Cookies {
    private int offset;
    private int length;

    /** Where the value found last begins, in the fields' bytes; without quotes around it. */
    public int offset() {
        return offset;
    }

    /** How long the value found last is. */
    public int length() {
        return length;
    }

    /** Looks for a cookie. @return whether there is one */
    public boolean find(Fields fields, byte[] name) {
        for (int field = fields.find(KnownField.COOKIE);
                field >= 0;
                field = fields.find(KnownField.COOKIE, field + 1)) {
            if (find(fields.bytes(), fields.valueOffset(field), fields.valueLength(field), name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the value found last is this text. */
    public boolean valueIs(byte[] bytes, byte[] text) {
        return isAt(bytes, offset, length, text);
    }

    private boolean find(byte[] bytes, int from, int count, byte[] name) {
        int end = from + count;
        int at = from;
        while (at < end) {
            while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == ';')) {
                at++;
            }
            int begin = at;
            int equals = -1;
            while (at < end && bytes[at] != ';') {
                if (equals < 0 && bytes[at] == '=') {
                    equals = at;
                }
                at++;
            }
            if (equals >= 0 && isAt(bytes, begin, equals - begin, name)) {
                take(bytes, equals + 1, at);
                return true;
            }
        }
        return false;
    }

    private void take(byte[] bytes, int from, int to) {
        int begin = from;
        int end = to;
        while (end > begin && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t')) {
            end--;
        }
        if (end - begin >= 2 && bytes[begin] == '"' && bytes[end - 1] == '"') {
            begin++;
            end--;
        }
        offset = begin;
        length = end - begin;
    }

    private static boolean isAt(byte[] bytes, int at, int count, byte[] text) {
        if (count != text.length) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (bytes[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }
}
