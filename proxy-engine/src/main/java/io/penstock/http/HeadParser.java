package io.penstock.http;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.agrona.DirectBuffer;

/**
 * What the parsers of request and response heads share: taking bytes in, finding line ends, keeping the limits.
 *
 * <p>Bytes are copied once, in windows small enough that little of a body behind the head is copied in vain. A line is
 * read in one pass when all of it is there. When it is not, only the search for its LF goes on with what comes next,
 * so that a head that trickles in byte by byte costs no more than its length.
 *
 * <p>The outcome depends on the bytes alone, never on how they were cut: a start line's first token is judged as it
 * comes, everything else when its line is complete or the head's limit is reached.
 */
@WorkerConfined
abstract sealed class HeadParser permits RequestHeadParser, ResponseHeadParser {
    static final int INCOMPLETE = FieldLines.INCOMPLETE;
    static final int REFUSED = FieldLines.REFUSED;

    private static final int WINDOW_BYTES = 1024;

    final Refusal refusal = new Refusal();
    final HeadLimits limits;
    private final FieldLines lines;
    private final Reason tooLarge;
    private final Reason startLineTooLong;
    private ParseState state = ParseState.NEEDS_MORE;
    private boolean hasBegun;
    private boolean isInFields;
    // Where the line being read begins, and how far an incomplete one was searched for its LF.
    private int position;
    private int searched;
    private boolean isResuming;

    HeadParser(HeadLimits limits, Reason badField, Reason tooLarge, Reason startLineTooLong) {
        this.limits = limits;
        this.lines = new FieldLines(refusal, badField);
        this.tooLarge = tooLarge;
        this.startLineTooLong = startLineTooLong;
    }

    /** How far it has come. */
    public final ParseState state() {
        return state;
    }

    /**
     * Why the head is refused.
     *
     * @throws IllegalStateException if it is not
     */
    public final Reason reason() {
        return refusal.reason();
    }

    /** What was found and where, for the log and the refusal's body; no values of fields, but of those that frame. */
    public final String detail() {
        return refusal.detail();
    }

    /** Whether any byte of the present head has come. */
    public final boolean hasBegun() {
        return hasBegun;
    }

    void begin() {
        state = ParseState.NEEDS_MORE;
        if (refusal.isRefused()) {
            refusal.clear();
        }
        hasBegun = false;
        isInFields = false;
        position = searched = 0;
        isResuming = false;
    }

    /** Empties the head before its first byte. */
    abstract void clearHead();

    /** Reads the start line: the index behind its LF, {@link #INCOMPLETE} or {@link #REFUSED}. */
    abstract int startLine(byte[] bytes, int start, int end);

    /** Judges what can be judged of a start line whose LF has not come. */
    abstract boolean startLineBegins(byte[] bytes, int start, int end);

    /** Looks at a field just read, the last in the table; {@code known} is its {@link KnownField#id()}. */
    abstract boolean field(Fields fields, int known);

    /** Judges the whole head. */
    abstract boolean finish();

    /** Says that the start line was read and fields follow. */
    final void beginFields() {
        isInFields = true;
    }

    final int feed(DirectBuffer source, int offset, int length, ByteBuilder region, Fields fields) {
        if (state != ParseState.NEEDS_MORE) {
            throw new IllegalStateException("the parser is " + state + "; reset it before the next head");
        }
        if (!hasBegun && length > 0) {
            hasBegun = true;
            clearHead();
        }
        int taken = 0;
        while (taken < length && state == ParseState.NEEDS_MORE) {
            int room = limits.headBytes() - region.length();
            int count = Math.min(Math.min(length - taken, WINDOW_BYTES), room);
            region.append(source, offset + taken, count);
            taken += count;
            int filled = region.length();
            advance(region, fields, filled);
            if (state == ParseState.COMPLETE) {
                return taken - (filled - position);
            }
            if (state == ParseState.NEEDS_MORE && filled == limits.headBytes()) {
                refuse(
                        isInFields ? tooLarge : startLineTooLong,
                        (isInFields ? "The head has more than " : "The start line has more than ") + filled
                                + " bytes.");
            }
        }
        return taken;
    }

    private void advance(ByteBuilder region, Fields fields, int end) {
        byte[] bytes = region.array();
        if (isResuming) {
            if (Octets.indexOf(bytes, searched, end, (byte) '\n') == end) {
                searched = end;
                if (!isInFields && !startLineBegins(bytes, position, end)) {
                    state = ParseState.REFUSED;
                }
                return;
            }
            isResuming = false;
        }
        while (position < end) {
            int next;
            if (!isInFields) {
                next = startLine(bytes, position, end);
            } else {
                if (bytes[position] == '\r') {
                    if (position + 1 == end) {
                        break;
                    }
                    if (bytes[position + 1] == '\n') {
                        position += 2;
                        complete(region);
                        return;
                    }
                }
                if (fields.count() == limits.headFields()) {
                    refuse(tooLarge, "The head has more than " + limits.headFields() + " fields.");
                    return;
                }
                next = lines.read(fields, position, end);
                if (next >= 0 && !field(fields, lines.known())) {
                    next = REFUSED;
                }
            }
            if (next == REFUSED) {
                state = ParseState.REFUSED;
                return;
            }
            if (next == INCOMPLETE) {
                break;
            }
            position = next;
        }
        searched = end;
        // One octet tells nothing yet that the next could not change: read it again with what comes.
        isResuming = end - position > 1;
    }

    private void complete(ByteBuilder region) {
        // What was copied from behind the head is cut off; canonical forms may be appended there.
        region.length(position);
        state = finish() ? ParseState.COMPLETE : ParseState.REFUSED;
    }

    private void refuse(Reason reason, String detail) {
        refusal.refuse(reason, detail);
        state = ParseState.REFUSED;
    }
}
