package io.penstock.http;

import io.penstock.http.ResponseHead.BodyKind;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import java.nio.charset.StandardCharsets;

/**
 * Writes heads afresh from what was parsed: start line, end-to-end fields, then the fields that this hop makes anew.
 * Nothing hop-by-hop is copied, and framing comes from the head's own figures. Allocates nothing.
 */
@WorkerConfined
public final class HeadWriter {
    /** A whole {@code 100 Continue}. */
    public static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

    private static final long DROPPED = bits(KnownField.Role.FRAMING) | bits(KnownField.Role.HOP_BY_HOP);
    private static final long END_TO_END = bits(KnownField.Role.END_TO_END) & ~KnownField.OTHER.bit();

    private static final byte[] HTTP_1_1 = ascii("HTTP/1.1 ");
    private static final byte[] VERSION_AND_HOST = ascii(" HTTP/1.1\r\nHost: ");
    private static final byte[] END = ascii("\r\n");
    private static final byte[] NOTHING = {};
    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] DATE = ascii("Date: ");
    private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] UPGRADE = ascii("Connection: upgrade\r\nUpgrade: ");
    private static final byte[] TE_TRAILERS = ascii("Connection: TE\r\nTE: trailers\r\n");
    private static final byte[] EXPECT = ascii("Expect: 100-continue\r\n");
    private static final byte[] VIA = ascii("Via: 1.1 penstock\r\n");
    private static final byte[] REFUSAL_FIELDS =
            ascii("Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nX-Penstock-Reason: ");
    private static final byte[] REQUEST_ID = ascii("\r\nX-Request-Id: ");

    private final HttpDate date;
    private final ForwardingFields forwardingFields = new ForwardingFields();

    /**
     * Makes a writer for one worker.
     *
     * @param date told the time by that worker
     */
    public HeadWriter(HttpDate date) {
        this.date = date;
    }

    /**
     * Appends a request head for the upstream: canonical path, the query as received, Host, and what
     * {@link RequestHead#forwarding()} says.
     */
    public void request(RequestHead head, ByteBuilder into) {
        byte[] bytes = head.bytes();
        into.appendShort(bytes, head.methodOffset, head.methodLength).append((byte) ' ');
        if (head.form == RequestHead.TargetForm.AUTHORITY) {
            into.append(bytes, head.authorityOffset, head.authorityLength);
        } else {
            into.appendShort(bytes, head.pathOffset, head.pathLength);
            if (head.hasQuery) {
                into.append((byte) '?').appendShort(bytes, head.queryOffset, head.queryLength);
            }
        }
        into.append(VERSION_AND_HOST)
                .appendShort(bytes, head.authorityOffset, head.authorityLength)
                .append(END);
        Forwarding forwarding = head.forwarding();
        long kept = requestFields(head.fields(), forwarding.isPeerTrusted, into);
        forwardingFields.write(head, kept, into);
        if (head.isChunked) {
            into.append(CHUNKED);
        } else if (head.contentLength >= 0) {
            into.append(CONTENT_LENGTH).appendDecimal(head.contentLength).append(END);
        }
        if (forwarding.hasVia) {
            into.append(VIA);
        }
        if (forwarding.expectsContinue) {
            into.append(EXPECT);
        }
        if (forwarding.isUpgrade) {
            upgrade(head.fields(), into);
        } else if (head.takesTrailers) {
            into.append(TE_TRAILERS);
        }
        into.append(END);
    }

    // Returns the fields made anew elsewhere that were written here already, because a filter set them or the peer is
    // trusted with them.
    private static long requestFields(Fields fields, boolean isTrusted, ByteBuilder into) {
        long kept = 0;
        for (int i = 0; i < fields.count(); i++) {
            long bit = 1L << fields.knownId(i);
            if ((bit & END_TO_END) != 0) {
                copy(fields, i, into);
            } else if (bit == KnownField.OTHER.bit()) {
                boolean isDropped = InternalNames.isInternal(fields, i)
                        || InternalNames.isOfConsumer(fields, i)
                        || (!isTrusted && InternalNames.isForwarded(fields, i));
                if (!isDropped || fields.isEdited(i)) {
                    copy(fields, i, into);
                }
            } else if ((bit & DROPPED) == 0 && isKept(fields, i, bit, isTrusted)) {
                copy(fields, i, into);
                kept |= bit;
            }
        }
        return kept;
    }

    private static boolean isKept(Fields fields, int index, long bit, boolean isTrusted) {
        return fields.isEdited(index) || (isTrusted && (bit & ForwardingFields.KEPT_IF_TRUSTED) != 0);
    }

    /**
     * Appends a response head for the client, framed as the head's {@link ResponseHead#framing} says. A Date is added
     * where there is none. For 1xx, only the fields.
     */
    public void response(ResponseHead head, Persistence persistence, ByteBuilder into) {
        statusLine(head, into);
        Fields fields = head.fields();
        for (int i = 0; i < fields.count(); i++) {
            long bit = 1L << fields.knownId(i);
            boolean isCopied = (bit & DROPPED) == 0
                    && (bit != KnownField.OTHER.bit() || fields.isEdited(i) || !InternalNames.isInternal(fields, i));
            if (isCopied) {
                copy(fields, i, into);
            }
        }
        if (head.status >= 200) {
            if (!fields.mayHave(KnownField.DATE) || fields.find(KnownField.DATE) < 0) {
                into.append(DATE).append(date.bytes()).append(END);
            }
            framing(head, into);
        }
        if (head.hasVia) {
            into.append(VIA);
        }
        connection(fields, persistence, into);
        into.append(END);
    }

    /**
     * Appends a whole response with a body in memory; Content-Length is the body's, whatever the head says.
     *
     * @param isHeadRequest whether HEAD was asked: then the body is left out
     */
    public void complete(
            ResponseHead head,
            Persistence persistence,
            boolean isHeadRequest,
            byte[] body,
            int offset,
            int length,
            ByteBuilder into) {
        head.framing(length, false);
        response(head, persistence, into);
        if (!isHeadRequest && head.mayHaveBody()) {
            into.append(body, offset, length);
        }
    }

    /**
     * Appends a whole refusal: the reason's status and code, the request's id, and a text that ends with a line end.
     *
     * @param requestId visible ASCII; may be of length 0
     * @param text characters below 256
     */
    public void refusal(
            Reason reason,
            String text,
            byte[] requestId,
            int idOffset,
            int idLength,
            Persistence persistence,
            boolean isHeadRequest,
            ByteBuilder into) {
        startStatusLine(reason.status(), into);
        into.append(StatusReasons.bytes(reason.status())).append(END);
        into.append(DATE).append(date.bytes()).append(END);
        into.append(REFUSAL_FIELDS).append(reason.code());
        if (idLength > 0) {
            into.append(REQUEST_ID).append(requestId, idOffset, idLength);
        }
        into.append(END).append(CONTENT_LENGTH).appendDecimal(text.length()).append(END);
        into.append(
                persistence == Persistence.CLOSE ? CLOSE : persistence == Persistence.KEEP_TOLD ? KEEP_ALIVE : NOTHING);
        into.append(END);
        if (!isHeadRequest) {
            into.append(text);
        }
    }

    private static void statusLine(ResponseHead head, ByteBuilder into) {
        startStatusLine(head.status, into);
        if (head.reasonLength > 0) {
            into.appendShort(head.bytes(), head.reasonOffset, head.reasonLength);
        } else {
            into.append(StatusReasons.bytes(head.status));
        }
        into.append(END);
    }

    private static void startStatusLine(int status, ByteBuilder into) {
        into.append(HTTP_1_1).appendDecimal(status).append((byte) ' ');
    }

    private static void framing(ResponseHead head, ByteBuilder into) {
        // RFC 9110 section 8.6: a 204 has neither. For HEAD and 304 the length is that of the body left out.
        if (head.status == 204) {
            return;
        }
        if (head.bodyKind == BodyKind.CHUNKED) {
            into.append(CHUNKED);
        } else if (head.contentLength >= 0) {
            into.append(CONTENT_LENGTH).appendDecimal(head.contentLength).append(END);
        }
    }

    private static void connection(Fields fields, Persistence persistence, ByteBuilder into) {
        switch (persistence) {
            case KEEP -> {}
            case KEEP_TOLD -> into.append(KEEP_ALIVE);
            case CLOSE -> into.append(CLOSE);
            case UPGRADE -> upgrade(fields, into);
        }
    }

    private static void upgrade(Fields fields, ByteBuilder into) {
        int first = fields.find(KnownField.UPGRADE);
        if (first < 0) {
            return;
        }
        into.append(UPGRADE);
        for (int i = first; i >= 0; i = fields.find(KnownField.UPGRADE, i + 1)) {
            if (i > first) {
                into.append((byte) ',').append((byte) ' ');
            }
            into.append(fields.bytes(), fields.valueOffset(i), fields.valueLength(i));
        }
        into.append(END);
    }

    /** Appends one field line. */
    static void copy(Fields fields, int index, ByteBuilder into) {
        byte[] bytes = fields.bytes();
        int nameOffset = fields.nameOffset(index);
        int nameLength = fields.nameLength(index);
        int valueOffset = fields.valueOffset(index);
        int valueLength = fields.valueLength(index);
        // As most lines come: colon and one space are in place already, and the line is one run.
        if (valueOffset - nameOffset - nameLength == 2 && bytes[valueOffset - 1] == ' ') {
            into.appendLine(bytes, nameOffset, nameLength + 2 + valueLength);
        } else {
            into.appendShort(bytes, nameOffset, nameLength)
                    .append((byte) ':')
                    .append((byte) ' ')
                    .appendLine(bytes, valueOffset, valueLength);
        }
    }

    private static long bits(KnownField.Role role) {
        long bits = 0;
        for (KnownField field : KnownField.values()) {
            bits |= field.role() == role ? field.bit() : 0;
        }
        return bits;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
