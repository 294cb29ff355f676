package io.penstock.http2;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Takes frames out of the bytes of a connection, RFC 9113 section 4. The content of DATA is shown where it lies, piece by
 * piece as it comes; the payload of any other frame is shown whole, and gathered only where it came in pieces.
 *
 * <p>Use: {@link #read} until {@link #event()} is {@link Event#NEEDS_MORE}. Allocates only to gather.
 */
@WorkerConfined
public final class FrameReader {
    /** The longest payload that is taken: the least that a peer must take, and what it sends where nothing else was agreed. */
    public static final int PAYLOAD_BYTES_MAX = 16 * 1024;

    private static final int HEADER_BYTES = 9;

    /** What a call of {@link #read} has come to. */
    public enum Event {
        /** All bytes were taken. */
        NEEDS_MORE,
        /** A frame begins: type, flags, stream and length are known. */
        HEADER,
        /** The payload of a frame other than DATA is here. */
        PAYLOAD,
        /** A piece of a DATA frame's content is here, perhaps an empty one; see {@link #isFrameEnd()}. */
        DATA,
        /** The frame cannot be; {@link #problem()} says why, and the connection ends. */
        REFUSED
    }

    private enum State {
        HEADER,
        PAYLOAD,
        SKIPPED,
        PAD_LENGTH,
        CONTENT,
        PADDING
    }

    private final byte[] header = new byte[HEADER_BYTES];
    private State state = State.HEADER;
    private Event event = Event.NEEDS_MORE;
    private ErrorCode problem = ErrorCode.NO_ERROR;
    private int headerFilled;
    private int type;
    private int flags;
    private int streamId;
    private int length;
    // Bytes of the present frame's payload that are still to come, and those at its end that are padding.
    private int left;
    private int padding;
    private int gatheredBytes;
    // Made with the first payload that comes in pieces.
    private ExpandableArrayBuffer gathered = NONE;
    private DirectBuffer payload = NONE;
    private int payloadOffset;
    private int payloadLength;

    private static final ExpandableArrayBuffer NONE = new ExpandableArrayBuffer(0);

    /** What the last call of {@link #read} has come to. */
    public Event event() {
        return event;
    }

    /** Why the frame is refused. */
    public ErrorCode problem() {
        return problem;
    }

    /** The frame's type, {@link FrameType} or another. */
    public int type() {
        return type;
    }

    /** The frame's flags. */
    public int flags() {
        return flags;
    }

    /** Whether the frame has a flag. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The frame's stream; 0 for the connection. */
    public int streamId() {
        return streamId;
    }

    /** How long the frame's payload is as announced, padding included. */
    public int length() {
        return length;
    }

    /** Where the payload lies, or the piece of content; good for the call that handed the bytes over. */
    public DirectBuffer payload() {
        return payload;
    }

    public int payloadOffset() {
        return payloadOffset;
    }

    public int payloadLength() {
        return payloadLength;
    }

    /** Whether the piece of content is the last of its frame. */
    public boolean isFrameEnd() {
        return state == State.HEADER;
    }

    /** Whether nothing of a frame has come, so that the connection may rest here. */
    public boolean isBetweenFrames() {
        return state == State.HEADER && headerFilled == 0;
    }

    /** Whether the header of a frame was read and its payload is to be read next. */
    public boolean isBeforePayload() {
        return state != State.HEADER && left == length && gatheredBytes == 0;
    }

    /** Takes bytes in, up to the next event. @return how many were taken */
    public int read(DirectBuffer source, int offset, int available) {
        return switch (state) {
            case HEADER -> header(source, offset, available);
            case PAYLOAD -> payload(source, offset, available);
            case SKIPPED -> skip(available);
            case PAD_LENGTH, CONTENT, PADDING -> data(source, offset, available);
        };
    }

    private int header(DirectBuffer source, int offset, int available) {
        int taken = Math.min(HEADER_BYTES - headerFilled, available);
        source.getBytes(offset, header, headerFilled, taken);
        headerFilled += taken;
        if (headerFilled < HEADER_BYTES) {
            event = Event.NEEDS_MORE;
            return taken;
        }
        headerFilled = 0;
        length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
        type = header[3] & 0xff;
        flags = header[4] & 0xff;
        // The highest bit is reserved and ignored.
        streamId = (header[5] & 0x7f) << 24 | (header[6] & 0xff) << 16 | (header[7] & 0xff) << 8 | (header[8] & 0xff);
        left = length;
        padding = 0;
        gatheredBytes = 0;
        problem = FrameType.problem(type, flags, streamId, length);
        event = problem == ErrorCode.NO_ERROR ? Event.HEADER : Event.REFUSED;
        if (type == FrameType.DATA) {
            state = has(FrameType.PADDED) ? State.PAD_LENGTH : State.CONTENT;
        } else {
            state = FrameType.isKnown(type) ? State.PAYLOAD : State.SKIPPED;
        }
        return taken;
    }

    private int payload(DirectBuffer source, int offset, int available) {
        int taken = Math.min(left, available);
        if (gatheredBytes == 0 && taken == length) {
            show(source, offset, length);
            left = 0;
            return taken;
        }
        if (gathered.capacity() == 0) {
            gathered = new ExpandableArrayBuffer(length);
        }
        gathered.putBytes(gatheredBytes, source, offset, taken);
        gatheredBytes += taken;
        left -= taken;
        if (left > 0) {
            event = Event.NEEDS_MORE;
        } else {
            show(gathered, 0, length);
        }
        return taken;
    }

    private void show(DirectBuffer where, int offset, int count) {
        payload = where;
        payloadOffset = offset;
        payloadLength = count;
        event = Event.PAYLOAD;
        state = State.HEADER;
    }

    private int skip(int available) {
        int taken = Math.min(left, available);
        left -= taken;
        event = left > 0 ? Event.NEEDS_MORE : Event.PAYLOAD;
        payloadLength = 0;
        if (left == 0) {
            state = State.HEADER;
        }
        return taken;
    }

    private int data(DirectBuffer source, int offset, int available) {
        int taken = 0;
        if (state == State.PAD_LENGTH) {
            if (available == 0) {
                event = Event.NEEDS_MORE;
                return 0;
            }
            padding = source.getByte(offset) & 0xff;
            left--;
            taken = 1;
            if (padding > left) {
                // RFC 9113 section 6.1: padding may not be longer than what is left of the frame.
                problem = ErrorCode.PROTOCOL_ERROR;
                event = Event.REFUSED;
                return taken;
            }
            state = State.CONTENT;
        }
        payload = source;
        payloadOffset = offset + taken;
        payloadLength = 0;
        if (state == State.CONTENT) {
            payloadLength = Math.min(left - padding, available - taken);
            taken += payloadLength;
            left -= payloadLength;
            if (left > padding) {
                event = payloadLength > 0 ? Event.DATA : Event.NEEDS_MORE;
                return taken;
            }
            state = State.PADDING;
        }
        int skipped = Math.min(left, available - taken);
        left -= skipped;
        taken += skipped;
        if (left == 0) {
            state = State.HEADER;
            event = Event.DATA;
        } else {
            event = payloadLength > 0 ? Event.DATA : Event.NEEDS_MORE;
        }
        return taken;
    }

    /** A number of 31 bits at a place of the payload; the highest bit is reserved and ignored. */
    public int int31(int at) {
        return payload.getInt(payloadOffset + at, ByteOrder.BIG_ENDIAN) & 0x7fff_ffff;
    }

    /** A number of 32 bits at a place of the payload. */
    public int int32(int at) {
        return payload.getInt(payloadOffset + at, ByteOrder.BIG_ENDIAN);
    }
}
