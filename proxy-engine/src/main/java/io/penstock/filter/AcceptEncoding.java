package io.penstock.filter;

import io.penstock.coding.ContentCoding;
import io.penstock.http.Fields;
import io.penstock.http.KnownField;
import org.jspecify.annotations.Nullable;

/**
 * What a client says about codings (RFC 9110 section 12.5.3), read without allocation. Where it likes several equally the
 * server's order decides; where it likes {@code identity} better, or says nothing, there is none.
 */
final class AcceptEncoding {
    private static final int WEIGHT_MAX = 1000;
    private static final int UNSAID = -1;

    private AcceptEncoding() {}

    /** The coding to use among those offered, the preferred first; null for none. */
    static @Nullable ContentCoding choose(Fields fields, ContentCoding[] offered) {
        ContentCoding best = null;
        int bestWeight = 0;
        for (ContentCoding coding : offered) {
            int weight = weight(fields, coding.token());
            if (weight > bestWeight) {
                best = coding;
                bestWeight = weight;
            }
        }
        return weightSaid(fields, "identity") > bestWeight ? null : best;
    }

    private static int weight(Fields fields, String token) {
        int said = weightSaid(fields, token);
        return Math.max(0, said == UNSAID ? weightSaid(fields, "*") : said);
    }

    // In thousandths, -1 if nothing is said.
    private static int weightSaid(Fields fields, String token) {
        for (int at = fields.find(KnownField.ACCEPT_ENCODING);
                at >= 0;
                at = fields.find(KnownField.ACCEPT_ENCODING, at + 1)) {
            int weight = weightSaid(fields.bytes(), fields.valueOffset(at), fields.valueLength(at), token);
            if (weight != UNSAID) {
                return weight;
            }
        }
        return UNSAID;
    }

    private static int weightSaid(byte[] bytes, int offset, int length, String token) {
        int end = offset + length;
        int at = offset;
        while (at < end) {
            int next = indexOf(bytes, at, end, ',');
            int nameEnd = indexOf(bytes, at, next, ';');
            int from = at;
            int to = nameEnd;
            while (from < to && isBlank(bytes[from])) {
                from++;
            }
            while (to > from && isBlank(bytes[to - 1])) {
                to--;
            }
            if (isToken(bytes, from, to, token)) {
                return nameEnd < next ? quality(bytes, nameEnd + 1, next) : WEIGHT_MAX;
            }
            at = next + 1;
        }
        return UNSAID;
    }

    // Anything that is no weight is read as none given, which is 1; digits behind the third do not count.
    private static int quality(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && isBlank(bytes[at])) {
            at++;
        }
        if (end - at < 3 || (bytes[at] | 0x20) != 'q' || bytes[at + 1] != '=') {
            return WEIGHT_MAX;
        }
        if (bytes[at + 2] != '0') {
            return WEIGHT_MAX;
        }
        int weight = 0;
        int unit = 100;
        for (int i = at + 4; i < end && unit > 0 && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            weight += (bytes[i] - '0') * unit;
            unit /= 10;
        }
        return weight;
    }

    private static boolean isToken(byte[] bytes, int from, int to, String token) {
        if (to - from != token.length()) {
            return false;
        }
        for (int i = 0; i < token.length(); i++) {
            if (Character.toLowerCase((char) (bytes[from + i] & 0xff)) != token.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(byte[] bytes, int from, int end, char wanted) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return end;
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }
}
