package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.agrona.DirectBuffer;

/**
 * Takes the chunks off a body, RFC 9112 section 7.1, strictly: sizes of at most 16 digits that the line end or a
 * semicolon follows at once, CR LF and nothing else as a line end. Extensions are bounded and dropped; trailers are
 * bounded, checked like fields, and freed of those that do not belong there.
 *
 * <p>Use: call {@link #next} with what has come until it is taken or {@link #state()} changes; each call finds at most
 * one run of payload, in place.
 */
@WorkerConfined
public final class ChunkedDecoder {
    private static final int SIZE_DIGITS_MAX = 16;
    private static final int EXTENSION_BYTES_MAX = 256;
    // Framing octets that a body may have beyond what its payload pays for: many tiny chunks with long extensions are
    // work without content.
    private static final long OVERHEAD_MAX = 64 * 1024;
    private static final int FREE_OVERHEAD_PER_CHUNK = 16;

    private enum Step {
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILERS,
        ENDED
    }

    private final Refusal refusal = new Refusal();
    private final FieldLines lines;
    private final Reason badChunk;
    private final Reason badField;
    private final Reason tooLarge;
    private final Fields trailers = new Fields();
    private ParseState state = ParseState.NEEDS_MORE;
    private Step step = Step.SIZE;
    private long remaining;
    private final boolean refusesFraming;
    private int digits;
    private int extensionBytes;
    private long overhead;
    private long payloadBytes;
    private int payloadOffset;
    private int payloadLength;
    private int lineStart;

    private ChunkedDecoder(Reason badChunk, Reason badField, Reason tooLarge, boolean refusesFraming) {
        this.refusesFraming = refusesFraming;
        this.badChunk = badChunk;
        this.badField = badField;
        this.tooLarge = tooLarge;
        this.lines = new FieldLines(refusal, badField);
    }

    /** A decoder for bodies of clients' requests. */
    public static ChunkedDecoder ofRequests() {
        return new ChunkedDecoder(Reason.BAD_CHUNK, Reason.BAD_FIELD, Reason.HEAD_TOO_LARGE, true);
    }

    /** A decoder for bodies of upstreams' responses. */
    public static ChunkedDecoder ofResponses() {
        return new ChunkedDecoder(
                Reason.UPSTREAM_PROTOCOL, Reason.UPSTREAM_PROTOCOL, Reason.UPSTREAM_HEAD_TOO_LARGE, false);
    }

    /** Prepares for the next body; the trailers of the last one are gone. */
    public void reset() {
        refusal.clear();
        trailers.reset();
        state = ParseState.NEEDS_MORE;
        step = Step.SIZE;
        remaining = overhead = payloadBytes = 0;
        digits = extensionBytes = payloadOffset = payloadLength = lineStart = 0;
    }

    /** How far it has come. */
    public ParseState state() {
        return state;
    }

    /**
     * Why the body is refused.
     *
     * @throws IllegalStateException if it is not
     */
    public Reason reason() {
        return refusal.reason();
    }

    /** What was found and where. */
    public String detail() {
        return refusal.detail();
    }

    /** Where the payload that the last {@link #next} found begins, in the buffer given to it. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** How much payload the last {@link #next} found, 0 if none. */
    public int payloadLength() {
        return payloadLength;
    }

    /** Payload found in this body so far, in bytes. */
    public long payloadBytes() {
        return payloadBytes;
    }

    /** The trailers, once the state is {@link ParseState#COMPLETE}. */
    public Fields trailers() {
        return trailers;
    }

    /**
     * Takes bytes in, up to the end of a run of payload or of the body.
     *
     * @return how many bytes were taken, the run of payload included; more are to be given while the state is
     *     {@link ParseState#NEEDS_MORE}
     */
    public int next(DirectBuffer source, int offset, int length) {
        if (state != ParseState.NEEDS_MORE) {
            throw new IllegalStateException("the body is " + state + "; reset the decoder before the next");
        }
        payloadLength = 0;
        int end = offset + length;
        int at = offset;
        while (at < end && state == ParseState.NEEDS_MORE) {
            if (step == Step.DATA) {
                payloadOffset = at;
                payloadLength = (int) Math.min(remaining, end - at);
                payloadBytes += payloadLength;
                remaining -= payloadLength;
                if (remaining == 0) {
                    step = Step.DATA_CR;
                }
                return at + payloadLength - offset;
            }
            framing(source.getByte(at++));
        }
        return at - offset;
    }

    /**
     * Gives the end of the last run of payload back: those bytes were not used and will be given to {@link #next} again.
     *
     * @param count at most {@link #payloadLength()}
     */
    public void giveBack(int count) {
        if (count < 0 || count > payloadLength) {
            throw new IllegalArgumentException(count + " bytes of a run of " + payloadLength);
        }
        if (count > 0) {
            payloadLength -= count;
            payloadBytes -= count;
            remaining += count;
            step = Step.DATA;
        }
    }

    private void framing(byte octet) {
        switch (step) {
            case SIZE -> size(octet);
            case EXTENSION -> extension(octet);
            case SIZE_LF -> {
                if (octet == '\n') {
                    sizeEnds();
                } else {
                    refuse("A chunk size ends with CR and " + Octets.named(octet) + ".");
                }
            }
            case DATA_CR -> expect(octet, '\r', Step.DATA_LF);
            case DATA_LF -> {
                expect(octet, '\n', Step.SIZE);
                digits = extensionBytes = 0;
            }
            case TRAILERS -> trailer(octet);
            case DATA, ENDED -> throw new IllegalStateException("no framing is expected");
        }
    }

    private void expect(byte octet, char wanted, Step next) {
        if (octet == wanted) {
            step = next;
        } else {
            refuse("The chunk has more bytes than its size says: " + Octets.named(octet)
                    + " where its end is expected.");
        }
    }

    private void size(byte octet) {
        int digit = Octets.hexValue(octet);
        if (digit >= 0) {
            // The 16th digit would reach the sign.
            if (++digits > SIZE_DIGITS_MAX || remaining >>> 59 != 0) {
                refuse("A chunk size has more than " + SIZE_DIGITS_MAX + " digits or 63 bits.");
                return;
            }
            remaining = remaining << 4 | digit;
        } else if (digits == 0) {
            refuse("A chunk begins with " + Octets.named(octet) + " where its size is expected.");
        } else if (octet == '\r') {
            step = Step.SIZE_LF;
        } else if (octet == ';') {
            step = Step.EXTENSION;
        } else {
            refuse("A chunk size is followed by " + Octets.named(octet) + ".");
        }
    }

    private void extension(byte octet) {
        if (octet == '\r') {
            step = Step.SIZE_LF;
        } else if ((octet >= 0 && octet < 0x20 && octet != '\t') || octet == 0x7f) {
            refuse("A chunk extension holds " + Octets.named(octet) + ".");
        } else if (++extensionBytes > EXTENSION_BYTES_MAX) {
            refuse("A chunk extension has more than " + EXTENSION_BYTES_MAX + " bytes.");
        }
    }

    private void sizeEnds() {
        if (remaining == 0) {
            step = Step.TRAILERS;
            return;
        }
        step = Step.DATA;
        long paid = remaining > OVERHEAD_MAX ? OVERHEAD_MAX : remaining + FREE_OVERHEAD_PER_CHUNK;
        overhead = Math.max(0, overhead + digits + extensionBytes + 4 - paid);
        if (overhead > OVERHEAD_MAX) {
            refuse("The chunks have " + OVERHEAD_MAX + " more bytes of framing than of payload.");
        }
    }

    private void trailer(byte octet) {
        ByteBuilder region = trailers.region();
        if (region.length() == HeadLimits.TRAILERS.headBytes()) {
            refuse(tooLarge, "The trailers have more than " + region.length() + " bytes.");
            return;
        }
        region.append(octet);
        if (octet != '\n') {
            return;
        }
        int end = region.length();
        byte[] bytes = region.array();
        if (end - lineStart == 2 && bytes[lineStart] == '\r') {
            step = Step.ENDED;
            state = ParseState.COMPLETE;
        } else if (trailers.count() == HeadLimits.TRAILERS.headFields()) {
            refuse(tooLarge, "There are more than " + HeadLimits.TRAILERS.headFields() + " trailers.");
        } else if (lines.read(trailers, lineStart, end) == FieldLines.REFUSED) {
            state = ParseState.REFUSED;
        } else {
            lineStart = end;
            checkName();
        }
    }

    private void checkName() {
        KnownField known = KnownField.at(lines.known());
        // Of a client it is an attempt at more than a trailer; an endpoint's answer has begun, and does without the
        // field.
        if (known.role() == KnownField.Role.FRAMING && refusesFraming) {
            refuse(badField, "A trailer is named " + known.lowerName() + ", which frames or directs a message.");
        } else if (TrailerRules.isDropped(trailers, trailers.count() - 1)) {
            trailers.remove(trailers.count() - 1);
        }
    }

    private void refuse(String detail) {
        refuse(badChunk, detail);
    }

    private void refuse(Reason reason, String detail) {
        refusal.refuse(reason, detail);
        state = ParseState.REFUSED;
    }
}
