package io.penstock.http2;

import io.penstock.mark.WorkerConfined;

/** What the peer has said of itself in SETTINGS, RFC 9113 section 6.5.2; until then the protocol's defaults. */
@WorkerConfined
public final class PeerSettings {
    public static final int HEADER_TABLE_SIZE = 1;
    public static final int ENABLE_PUSH = 2;
    public static final int MAX_CONCURRENT_STREAMS = 3;
    public static final int INITIAL_WINDOW_SIZE = 4;
    public static final int MAX_FRAME_SIZE = 5;
    public static final int MAX_HEADER_LIST_SIZE = 6;

    /** RFC 8441 section 3. */
    public static final int ENABLE_CONNECT_PROTOCOL = 8;

    /** What windows are before anything is agreed, RFC 9113 section 6.9.2. */
    public static final int WINDOW_BYTES = 65_535;

    private static final int ENTRY_BYTES = 6;
    private static final int FRAME_BYTES_LEAST = 16 * 1024;
    private static final int FRAME_BYTES_MOST = (1 << 24) - 1;

    private long headerTableBytes = 4096;
    private long streamsMax = Long.MAX_VALUE;
    private int windowBytes = WINDOW_BYTES;
    private int frameBytesMax = FRAME_BYTES_LEAST;
    private boolean takesExtendedConnect;

    /** How large a table of header compression it keeps for what we send. */
    public long headerTableBytes() {
        return headerTableBytes;
    }

    /** How many streams it lets us have open at a time. */
    public long streamsMax() {
        return streamsMax;
    }

    /** How many bytes a new stream may be sent. */
    public int windowBytes() {
        return windowBytes;
    }

    /** How long the payload of a frame may be that we send. */
    public int frameBytesMax() {
        return frameBytesMax;
    }

    /** Whether it takes a CONNECT that names a protocol. */
    public boolean takesExtendedConnect() {
        return takesExtendedConnect;
    }

    /** Takes a SETTINGS frame over. @return what is wrong with it, {@link ErrorCode#NO_ERROR} if nothing is */
    public ErrorCode take(FrameReader frame) {
        for (int at = 0; at < frame.payloadLength(); at += ENTRY_BYTES) {
            int id = (frame.payload().getByte(frame.payloadOffset() + at) & 0xff) << 8
                    | (frame.payload().getByte(frame.payloadOffset() + at + 1) & 0xff);
            long value = frame.int32(at + 2) & 0xffff_ffffL;
            ErrorCode problem = take(id, value);
            if (problem != ErrorCode.NO_ERROR) {
                return problem;
            }
        }
        return ErrorCode.NO_ERROR;
    }

    private ErrorCode take(int id, long value) {
        switch (id) {
            case HEADER_TABLE_SIZE -> headerTableBytes = value;
            case ENABLE_PUSH -> {
                if (value > 1) {
                    return ErrorCode.PROTOCOL_ERROR;
                }
            }
            case MAX_CONCURRENT_STREAMS -> streamsMax = value;
            case INITIAL_WINDOW_SIZE -> {
                if (value > Integer.MAX_VALUE) {
                    return ErrorCode.FLOW_CONTROL_ERROR;
                }
                windowBytes = (int) value;
            }
            case MAX_FRAME_SIZE -> {
                if (value < FRAME_BYTES_LEAST || value > FRAME_BYTES_MOST) {
                    return ErrorCode.PROTOCOL_ERROR;
                }
                frameBytesMax = (int) value;
            }
            case ENABLE_CONNECT_PROTOCOL -> {
                // RFC 8441 section 3: what was allowed may not be taken back.
                if (value > 1 || (value == 0 && takesExtendedConnect)) {
                    return ErrorCode.PROTOCOL_ERROR;
                }
                takesExtendedConnect = value == 1;
            }
            default -> {
                // RFC 9113 section 6.5.2: one that is not known is ignored.
            }
        }
        return ErrorCode.NO_ERROR;
    }
}
