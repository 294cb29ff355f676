package io.penstock.http2;

import io.penstock.http.ByteBuilder;

/** Writes frames, RFC 9113 section 6. */
public final class FrameWriter {
    /** How long a frame's header is. */
    public static final int HEADER_BYTES = 9;

    private FrameWriter() {}

    /** Appends the header of a frame whose payload follows. */
    public static void header(int length, int type, int flags, int streamId, ByteBuilder into) {
        into.append((byte) (length >>> 16)).append((byte) (length >>> 8)).append((byte) length);
        into.append((byte) type).append((byte) flags);
        int32(streamId, into);
    }

    /** Puts the header of a frame where room was left for it. */
    public static void header(int length, int type, int flags, int streamId, byte[] into, int at) {
        into[at] = (byte) (length >>> 16);
        into[at + 1] = (byte) (length >>> 8);
        into[at + 2] = (byte) length;
        into[at + 3] = (byte) type;
        into[at + 4] = (byte) flags;
        into[at + 5] = (byte) (streamId >>> 24);
        into[at + 6] = (byte) (streamId >>> 16);
        into[at + 7] = (byte) (streamId >>> 8);
        into[at + 8] = (byte) streamId;
    }

    public static void settingsAck(ByteBuilder into) {
        header(0, FrameType.SETTINGS, FrameType.ACK, 0, into);
    }

    /** One setting of a SETTINGS frame's payload. */
    public static void setting(int id, int value, ByteBuilder into) {
        into.append((byte) (id >>> 8)).append((byte) id);
        int32(value, into);
    }

    /** A PING whose eight octets are a number. */
    public static void ping(long opaque, boolean isAck, ByteBuilder into) {
        header(8, FrameType.PING, isAck ? FrameType.ACK : 0, 0, into);
        int32((int) (opaque >>> 32), into);
        int32((int) opaque, into);
    }

    public static void resetStream(int streamId, ErrorCode why, ByteBuilder into) {
        header(4, FrameType.RST_STREAM, 0, streamId, into);
        int32(why.code(), into);
    }

    /** A WINDOW_UPDATE; stream 0 is the connection. */
    public static void windowUpdate(int streamId, int bytes, ByteBuilder into) {
        header(4, FrameType.WINDOW_UPDATE, 0, streamId, into);
        int32(bytes, into);
    }

    /** A GOAWAY, which names the last stream that was or will be served. */
    public static void goAway(int lastStreamId, ErrorCode why, ByteBuilder into) {
        header(8, FrameType.GOAWAY, 0, 0, into);
        int32(lastStreamId, into);
        int32(why.code(), into);
    }

    /** Splits a header block that begins {@link #HEADER_BYTES} behind {@code start} into HEADERS and CONTINUATION. */
    public static void headers(int start, int streamId, boolean isLast, int frameBytesMax, ByteBuilder into) {
        int total = into.length() - start - HEADER_BYTES;
        int endStream = isLast ? FrameType.END_STREAM : 0;
        if (total <= frameBytesMax) {
            header(total, FrameType.HEADERS, FrameType.END_HEADERS | endStream, streamId, into.array(), start);
            return;
        }
        // Rare: the block moves apart from behind, so that each continuation gets room for its header.
        int further = (total - 1) / frameBytesMax;
        for (int i = 0; i < further; i++) {
            for (int k = 0; k < HEADER_BYTES; k++) {
                into.append((byte) 0);
            }
        }
        byte[] bytes = into.array();
        int block = start + HEADER_BYTES;
        for (int i = further; i > 0; i--) {
            int length = Math.min(frameBytesMax, total - i * frameBytesMax);
            int from = block + i * frameBytesMax;
            System.arraycopy(bytes, from, bytes, from + i * HEADER_BYTES, length);
            int flags = i == further ? FrameType.END_HEADERS : 0;
            header(length, FrameType.CONTINUATION, flags, streamId, bytes, from + (i - 1) * HEADER_BYTES);
        }
        header(frameBytesMax, FrameType.HEADERS, endStream, streamId, bytes, start);
    }

    private static void int32(int value, ByteBuilder into) {
        into.append((byte) (value >>> 24))
                .append((byte) (value >>> 16))
                .append((byte) (value >>> 8))
                .append((byte) value);
    }
}
