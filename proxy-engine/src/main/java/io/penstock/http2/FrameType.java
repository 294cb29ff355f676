package io.penstock.http2;

/** The types of frames and their flags, RFC 9113 section 6. Numbers, since a peer may send others, which are ignored. */
public final class FrameType {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PUSH_PROMISE = 5;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    /** Of DATA and HEADERS. */
    public static final int END_STREAM = 0x1;

    /** Of SETTINGS and PING. */
    public static final int ACK = 0x1;

    /** Of HEADERS and CONTINUATION. */
    public static final int END_HEADERS = 0x4;

    /** Of DATA and HEADERS. */
    public static final int PADDED = 0x8;

    /** Of HEADERS: five octets of priority come first. */
    public static final int PRIORITISED = 0x20;

    private FrameType() {}

    /** Whether it is one of the types above. */
    static boolean isKnown(int type) {
        return type <= CONTINUATION;
    }

    /**
     * What is wrong with a frame as its header stands: its length, or whether it has a stream (RFC 9113 section 6). All of
     * these end the connection.
     *
     * @return {@link ErrorCode#NO_ERROR} if nothing is
     */
    static ErrorCode problem(int type, int flags, int streamId, int length) {
        if (length > FrameReader.PAYLOAD_BYTES_MAX) {
            return ErrorCode.FRAME_SIZE_ERROR;
        }
        boolean isSized = switch (type) {
            case RST_STREAM, WINDOW_UPDATE -> length == 4;
            case SETTINGS -> (flags & ACK) != 0 ? length == 0 : length % 6 == 0;
            case PING -> length == 8;
            case GOAWAY -> length >= 8;
            case PUSH_PROMISE -> length >= 4;
            case HEADERS -> length >= ((flags & PADDED) != 0 ? 1 : 0) + ((flags & PRIORITISED) != 0 ? 5 : 0);
            case DATA -> length >= ((flags & PADDED) != 0 ? 1 : 0);
            default -> true;
        };
        if (!isSized) {
            return ErrorCode.FRAME_SIZE_ERROR;
        }
        boolean isPlaced = switch (type) {
            case DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, CONTINUATION -> streamId != 0;
            case SETTINGS, PING, GOAWAY -> streamId == 0;
            default -> true;
        };
        return isPlaced ? ErrorCode.NO_ERROR : ErrorCode.PROTOCOL_ERROR;
    }
}
