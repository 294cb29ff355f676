package io.penstock.http;

import io.penstock.http.ResponseHead.BodyKind;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Makes a response's fields, as HTTP/2 brings them, into the head that HTTP/1 would have made, RFC 9113 section 8.3.2, or
 * refuses them.
 *
 * <p>Use: {@link #begin}, decode into {@link #region()}, {@link #field} for each field, {@link #finish}.
 */
@WorkerConfined
public final class Http2ResponseRules {
    private final Refusal refusal = new Refusal();
    private final Http2FieldRules rules = new Http2FieldRules(refusal, Reason.UPSTREAM_PROTOCOL);
    private final FramingRules framing = new FramingRules(refusal, Reason.UPSTREAM_PROTOCOL, Reason.UPSTREAM_PROTOCOL);
    private HeadLimits limits = HeadLimits.DEFAULT;
    private @Nullable ResponseHead present;

    /** Empties a head and begins to fill it. */
    public void begin(ResponseHead into, HeadLimits bounds) {
        into.clear();
        present = into;
        limits = bounds;
        refusal.clear();
        framing.clear();
    }

    private ResponseHead head() {
        ResponseHead filled = present;
        if (filled == null) {
            throw new IllegalStateException("no head was begun");
        }
        return filled;
    }

    /** What the head's octets are decoded into. */
    public ByteBuilder region() {
        return head().region();
    }

    public Reason reason() {
        return refusal.reason();
    }

    /** Takes the next field; after one that is refused the others are of no interest. */
    public void field(int nameOffset, int nameLength, int valueOffset, int valueLength) {
        if (refusal.isRefused()) {
            return;
        }
        ResponseHead head = head();
        Fields fields = head.fields();
        if (nameLength > 0 && fields.bytes()[nameOffset] == ':') {
            status(head, nameOffset, nameLength, valueOffset, valueLength);
        } else if (fields.count() == limits.headFields()) {
            refusal.refuse(
                    Reason.UPSTREAM_HEAD_TOO_LARGE, "The head has more than " + limits.headFields() + " fields.");
        } else {
            int known = rules.take(fields, nameOffset, nameLength, valueOffset, valueLength);
            if (known == KnownField.CONTENT_LENGTH.id()) {
                framing.takeContentLength(fields.bytes(), valueOffset, valueLength);
            }
        }
    }

    private void status(ResponseHead head, int nameOffset, int nameLength, int valueOffset, int valueLength) {
        byte[] bytes = head.bytes();
        boolean isStatus = Octets.equalsIgnoreCase(bytes, nameOffset, nameLength, ":status")
                && head.fields().count() == 0
                && head.status == 0
                && valueLength == 3;
        int status = 0;
        for (int i = valueOffset; isStatus && i < valueOffset + valueLength; i++) {
            isStatus = Octets.isDigit(bytes[i]);
            status = status * 10 + bytes[i] - '0';
        }
        if (!isStatus || status < 100 || status == 101) {
            refusal.refuse(Reason.UPSTREAM_PROTOCOL, "The answer's pseudo-fields are not one :status of HTTP/2.");
        } else {
            head.status = status;
        }
    }

    /** The head is larger than its bound. */
    public void tooLarge() {
        refusal.refuse(Reason.UPSTREAM_HEAD_TOO_LARGE, "The head has more than " + limits.headBytes() + " bytes.");
    }

    /**
     * Judges the whole head.
     *
     * @param asked the request's method
     * @param hasBody whether the stream goes on behind it
     * @return whether it is acceptable
     */
    public boolean finish(Method asked, boolean hasBody) {
        if (refusal.isRefused()) {
            return false;
        }
        ResponseHead head = head();
        if (head.status == 0) {
            return refusal.refuse(Reason.UPSTREAM_PROTOCOL, "The answer has no :status.");
        }
        head.minorVersion = 1;
        head.contentLength = framing.contentLength();
        boolean hasNone = asked == Method.HEAD || !head.mayHaveBody();
        if (head.isInformational()) {
            head.bodyKind = BodyKind.NONE;
            return hasBody || refusal.refuse(Reason.UPSTREAM_PROTOCOL, "A 1xx ends the stream.");
        }
        if (hasNone) {
            head.bodyKind = BodyKind.NONE;
        } else if (!hasBody) {
            if (head.contentLength > 0) {
                return refusal.refuse(Reason.UPSTREAM_PROTOCOL, "The stream ends before the declared Content-Length.");
            }
            head.framing(0, false);
        } else {
            head.framing(head.contentLength, head.contentLength < 0);
        }
        return true;
    }
}
