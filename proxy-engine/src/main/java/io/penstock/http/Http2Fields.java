package io.penstock.http;

import java.nio.charset.StandardCharsets;

/**
 * Which fields of a head leave by HTTP/2: those that {@link HeadWriter} writes as text, without what frames and binds a
 * connection there (RFC 9113 section 8.2.2). The status is not among them.
 */
public final class Http2Fields {
    private static final long DROPPED = bits(KnownField.Role.FRAMING) | bits(KnownField.Role.HOP_BY_HOP);
    private static final byte[] VIA = "1.1 penstock".getBytes(StandardCharsets.US_ASCII);

    private Http2Fields() {}

    /** The fields of a response; for 1xx without Date and length. */
    public static void response(ResponseHead head, HttpDate date, FieldSink sink) {
        Fields fields = head.fields();
        for (int i = 0; i < fields.count(); i++) {
            long bit = 1L << fields.knownId(i);
            boolean isCopied = (bit & DROPPED) == 0
                    && (bit != KnownField.OTHER.bit() || fields.isEdited(i) || !InternalNames.isInternal(fields, i));
            if (isCopied) {
                copy(fields, i, sink);
            }
        }
        if (head.status >= 200) {
            if (!fields.mayHave(KnownField.DATE) || fields.find(KnownField.DATE) < 0) {
                sink.text(KnownField.DATE, date.bytes(), 0, date.bytes().length);
            }
            // RFC 9110 section 8.6: a 204 has none.
            if (head.status != 204 && !head.isChunked && head.contentLength >= 0) {
                sink.number(KnownField.CONTENT_LENGTH, head.contentLength);
            }
        }
        if (head.hasVia) {
            sink.text(KnownField.VIA, VIA, 0, VIA.length);
        }
    }

    /** The fields of a trailer section. @return how many there are */
    public static int trailers(Fields trailers, FieldSink sink) {
        int count = 0;
        for (int i = 0; i < trailers.count(); i++) {
            if (!TrailerRules.isDropped(trailers, i)) {
                copy(trailers, i, sink);
                count++;
            }
        }
        return count;
    }

    /** Whether any field of a trailer section leaves. */
    public static boolean hasTrailers(Fields trailers) {
        for (int i = 0; i < trailers.count(); i++) {
            if (!TrailerRules.isDropped(trailers, i)) {
                return true;
            }
        }
        return false;
    }

    private static void copy(Fields fields, int index, FieldSink sink) {
        KnownField known = fields.known(index);
        if (known == KnownField.OTHER) {
            sink.field(
                    fields.bytes(),
                    fields.nameOffset(index),
                    fields.nameLength(index),
                    fields.valueOffset(index),
                    fields.valueLength(index));
        } else {
            sink.text(known, fields.bytes(), fields.valueOffset(index), fields.valueLength(index));
        }
    }

    private static long bits(KnownField.Role role) {
        long bits = 0;
        for (KnownField field : KnownField.values()) {
            bits |= field.role() == role ? field.bit() : 0;
        }
        return bits;
    }
}
