package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.jspecify.annotations.Nullable;

/** Makes a trailer section that came by HTTP/2 into fields, RFC 9113 section 8.1: as a head's, without pseudo-fields. */
@WorkerConfined
public final class Http2TrailerRules {
    private final Refusal refusal = new Refusal();
    private final Reason badField;
    private final Http2FieldRules rules;
    private @Nullable Fields present;

    /** @param badField whose fault it is */
    public Http2TrailerRules(Reason badField) {
        this.badField = badField;
        this.rules = new Http2FieldRules(refusal, badField);
    }

    /** Empties a section and begins to fill it. */
    public void begin(Fields into) {
        into.reset();
        present = into;
        refusal.clear();
    }

    private Fields fields() {
        Fields filled = present;
        if (filled == null) {
            throw new IllegalStateException("no section was begun");
        }
        return filled;
    }

    /** What the section's octets are decoded into. */
    public ByteBuilder region() {
        return fields().region();
    }

    /** Takes the next field; after one that is refused the others are of no interest. */
    public void field(int nameOffset, int nameLength, int valueOffset, int valueLength) {
        if (refusal.isRefused()) {
            return;
        }
        if (nameLength > 0 && fields().bytes()[nameOffset] == ':') {
            refusal.refuse(badField, "A trailer section holds a pseudo-field.");
        } else if (fields().count() == HeadLimits.TRAILERS.headFields()) {
            refusal.refuse(
                    badField, "The trailer section has more than " + HeadLimits.TRAILERS.headFields() + " fields.");
        } else {
            rules.take(fields(), nameOffset, nameLength, valueOffset, valueLength);
        }
    }

    public boolean isRefused() {
        return refusal.isRefused();
    }

    public Reason reason() {
        return refusal.reason();
    }

    public String detail() {
        return refusal.detail();
    }
}
