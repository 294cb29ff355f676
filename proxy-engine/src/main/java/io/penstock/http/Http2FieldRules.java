package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;

/**
 * The grammar of one field that came by HTTP/2, RFC 9113 section 8.2: as strict as {@link FieldLines} is for HTTP/1, and
 * what would mean something else once it is written as a line of text is refused.
 */
@WorkerConfined
final class Http2FieldRules {
    private static final long CONNECTION_SPECIFIC = KnownField.CONNECTION.bit()
            | KnownField.KEEP_ALIVE.bit()
            | KnownField.PROXY_CONNECTION.bit()
            | KnownField.TRANSFER_ENCODING.bit()
            | KnownField.UPGRADE.bit();

    private final Refusal refusal;
    private final Reason badField;
    private final FieldLines lines;

    Http2FieldRules(Refusal refusal, Reason badField) {
        this.refusal = refusal;
        this.badField = badField;
        this.lines = new FieldLines(refusal, badField);
    }

    /**
     * Judges a field whose octets are in the section's bytes, and notes it.
     *
     * @return the id of the known field that it is, or -1 if it is refused
     */
    int take(Fields fields, int nameOffset, int nameLength, int valueOffset, int valueLength) {
        byte[] bytes = fields.bytes();
        if (!isName(bytes, nameOffset, nameLength)) {
            return refuse("The field name " + Octets.quoted(bytes, nameOffset, nameLength)
                    + " is not of lower-case letters, digits and marks that names may have.");
        }
        if (!isValue(bytes, valueOffset, valueLength)) {
            return refuse("The value of field " + Octets.quoted(bytes, nameOffset, nameLength)
                    + " holds a control octet, or begins or ends with white space.");
        }
        int known = fields.append(nameOffset, nameLength, valueOffset, valueLength, false);
        if ((1L << known & CONNECTION_SPECIFIC) != 0) {
            return refuse("The field " + Octets.quoted(bytes, nameOffset, nameLength)
                    + " is for one connection of HTTP/1, and has no place in HTTP/2.");
        }
        if (known == KnownField.TE.id() && !Octets.equalsIgnoreCase(bytes, valueOffset, valueLength, "trailers")) {
            return refuse("TE is " + Octets.quoted(bytes, valueOffset, valueLength) + "; only \"trailers\" may be.");
        }
        if (known == 0 && lines.imitates(bytes, nameOffset, nameLength)) {
            return refuse("The field name " + Octets.quoted(bytes, nameOffset, nameLength)
                    + " differs from one with a meaning only by underscores.");
        }
        return known;
    }

    private static boolean isName(byte[] bytes, int offset, int length) {
        if (length == 0 || Octets.tokenEnd(bytes, offset, offset + length) != offset + length) {
            return false;
        }
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] >= 'A' && bytes[i] <= 'Z') {
                return false;
            }
        }
        return true;
    }

    /** Whether octets may be a value: no control but tabs, and no white space around it. */
    static boolean isValue(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int at = Octets.indexOfControl(bytes, offset, end);
        while (at < end && bytes[at] == '\t') {
            at = Octets.indexOfControl(bytes, at + 1, end);
        }
        return at == end && (length == 0 || !(isBlank(bytes[offset]) || isBlank(bytes[end - 1])));
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private int refuse(String detail) {
        refusal.refuse(badField, detail);
        return -1;
    }
}
