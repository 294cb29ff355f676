package io.penstock.filter;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import java.util.ArrayList;
import java.util.List;

/** Pairs of the Cookie fields of a request, as RFC 6265 section 4.2.1 joins them. */
final class RequestCookies {
    private static final String COOKIE = "cookie";
    private static final int NAMES_MAX = 64;

    private RequestCookies() {}

    /** Appends the value of the first cookie of a name. @return how many cookies have it */
    static int find(Fields fields, String name, ByteBuilder into) {
        int found = 0;
        for (int field = fields.find(COOKIE); field >= 0; field = fields.find(COOKIE, field + 1)) {
            byte[] bytes = fields.bytes();
            int end = fields.valueOffset(field) + fields.valueLength(field);
            for (int at = begin(bytes, fields.valueOffset(field), end); at < end; ) {
                int pairEnd = pairEnd(bytes, at, end);
                if (isNamed(bytes, at, pairEnd, name)) {
                    int value = at + name.length() + 1;
                    if (++found == 1) {
                        into.append(bytes, value, trimmed(bytes, value, pairEnd) - value);
                    }
                }
                at = begin(bytes, pairEnd + 1, end);
            }
        }
        return found;
    }

    /** The names that begin so, of at most 64 cookies. */
    static List<String> names(Fields fields, String prefix) {
        List<String> names = new ArrayList<>();
        for (int field = fields.find(COOKIE); field >= 0; field = fields.find(COOKIE, field + 1)) {
            for (String pair : fields.value(field).split(";", -1)) {
                String name = pair.strip();
                int end = name.indexOf('=');
                if (end > 0 && name.startsWith(prefix) && names.size() < NAMES_MAX) {
                    names.add(name.substring(0, end));
                }
            }
        }
        return names;
    }

    /** Takes all cookies of a name out. Allocates: only for routes that look for a cookie, and find it. */
    static void remove(Fields fields, String name) {
        ByteBuilder left = new ByteBuilder(256);
        int field = fields.find(COOKIE);
        while (field >= 0) {
            byte[] bytes = fields.bytes();
            int end = fields.valueOffset(field) + fields.valueLength(field);
            for (int at = begin(bytes, fields.valueOffset(field), end); at < end; ) {
                int pairEnd = pairEnd(bytes, at, end);
                if (!isNamed(bytes, at, pairEnd, name)) {
                    if (left.length() > 0) {
                        left.append((byte) ';').append((byte) ' ');
                    }
                    left.append(bytes, at, trimmed(bytes, at, pairEnd) - at);
                }
                at = begin(bytes, pairEnd + 1, end);
            }
            fields.remove(field);
            field = fields.find(COOKIE);
        }
        if (left.length() > 0) {
            fields.add("Cookie", left.array(), 0, left.length());
        }
    }

    private static int begin(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == ';')) {
            at++;
        }
        return at;
    }

    private static int pairEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] != ';') {
            at++;
        }
        return at;
    }

    private static int trimmed(byte[] bytes, int from, int end) {
        int at = end;
        while (at > from && (bytes[at - 1] == ' ' || bytes[at - 1] == '\t')) {
            at--;
        }
        return at;
    }

    private static boolean isNamed(byte[] bytes, int from, int end, String name) {
        if (end - from <= name.length() || bytes[from + name.length()] != '=') {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if ((bytes[from + i] & 0xff) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
