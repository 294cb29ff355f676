package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/**
 * Reads field lines by the grammar of RFC 9110 section 5 and RFC 9112 section 5, and nothing looser: a line ends with
 * CR LF, is never folded, and its name is a token that the colon follows at once.
 *
 * <p>A line is judged when its LF is there and not before, so that the outcome does not depend on how the bytes
 * were cut into pieces on their way.
 */
@WorkerConfined
final class FieldLines {
    /** The line's LF is not there yet. */
    static final int INCOMPLETE = -1;

    /** The line is refused. */
    static final int REFUSED = -2;

    /** Names of fields that must not be imitated with underscores, which many servers take for hyphens. */
    private static final long NOT_TO_IMITATE = KnownField.HOST.bit()
            | KnownField.CONTENT_LENGTH.bit()
            | KnownField.TRANSFER_ENCODING.bit()
            | KnownField.CONNECTION.bit()
            | KnownField.X_FORWARDED_FOR.bit()
            | KnownField.X_FORWARDED_HOST.bit()
            | KnownField.X_FORWARDED_PROTO.bit()
            | KnownField.X_REQUEST_ID.bit()
            | KnownField.AUTHORIZATION.bit();

    private final Refusal refusal;
    private final Reason badField;
    private final ByteBuilder imitated = new ByteBuilder(64);
    private int known;

    FieldLines(Refusal refusal, Reason badField) {
        this.refusal = refusal;
        this.badField = badField;
    }

    /** The id of the known field that the last line held. */
    int known() {
        return known;
    }

    /**
     * Reads the line at {@code start} into {@code fields}.
     *
     * @return the index behind its LF, {@link #INCOMPLETE} or {@link #REFUSED}
     */
    int read(Fields fields, int start, int end) {
        byte[] bytes = fields.bytes();
        int colon = Octets.tokenEnd(bytes, start, end);
        if (colon == end) {
            return INCOMPLETE;
        }
        if (bytes[colon] != ':' || colon == start) {
            return judge(bytes, start, colon, colon, end);
        }
        int valueStart = colon + 1;
        while (valueStart < end && isBlank(bytes[valueStart])) {
            valueStart++;
        }
        int at = Octets.indexOfControl(bytes, valueStart, end);
        while (at < end && bytes[at] == '\t') {
            at = Octets.indexOfControl(bytes, at + 1, end);
        }
        if (at + 1 >= end && (at == end || bytes[at] == '\r')) {
            return INCOMPLETE;
        }
        if (bytes[at] != '\r' || bytes[at + 1] != '\n') {
            return judge(bytes, start, colon, at, end);
        }
        int valueEnd = at;
        while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) {
            valueEnd--;
        }
        known = fields.append(start, colon - start, valueStart, valueEnd - valueStart, false);
        if (known == 0 && imitates(bytes, start, colon - start)) {
            refusal.refuse(
                    badField,
                    "The field name " + Octets.quoted(bytes, start, colon - start)
                            + " differs from one with a meaning only by underscores.");
            return REFUSED;
        }
        return at + 2;
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private int judge(byte[] bytes, int start, int colon, int at, int end) {
        if (Octets.indexOf(bytes, at, end, (byte) '\n') == end) {
            return INCOMPLETE;
        }
        refusal.refuse(badField, describe(bytes, start, colon, at));
        return REFUSED;
    }

    private static String describe(byte[] bytes, int start, int colon, int at) {
        if (at > colon) {
            String where = " in the value of field " + Octets.quoted(bytes, start, colon - start) + ", octet "
                    + (at - colon) + " behind the colon.";
            return switch (bytes[at]) {
                case '\n' -> "A bare LF" + where;
                case '\r' -> "A bare CR" + where;
                default -> "Found " + Octets.named(bytes[at]) + where;
            };
        }
        if (colon == start) {
            return switch (bytes[at]) {
                case ' ', '\t' -> "A field line begins with white space (obsolete line folding).";
                case ':' -> "A field line has an empty name.";
                case '\n' -> "A bare LF ends the head.";
                case '\r' -> "A bare CR begins a field line.";
                default -> "A field name begins with " + Octets.named(bytes[at]) + ".";
            };
        }
        String name = Octets.quoted(bytes, start, colon - start);
        return switch (bytes[at]) {
            case ' ', '\t' -> "White space stands between the field name " + name + " and the colon.";
            case '\r', '\n' -> "The field line that begins with " + name + " has no colon.";
            default -> "The field name that begins with " + name + " holds " + Octets.named(bytes[at]) + ".";
        };
    }

    /** Whether a name differs from one with a meaning only by underscores. */
    boolean imitates(byte[] bytes, int offset, int length) {
        int underscore = Octets.indexOf(bytes, offset, offset + length, (byte) '_');
        if (underscore == offset + length || length > 32) {
            return false;
        }
        imitated.clear();
        imitated.append(bytes, offset, length);
        byte[] name = imitated.array();
        for (int i = 0; i < length; i++) {
            if (name[i] == '_') {
                name[i] = '-';
            }
        }
        return (1L << FieldNames.idOf(name, 0, length) & NOT_TO_IMITATE) != 0;
    }
}
