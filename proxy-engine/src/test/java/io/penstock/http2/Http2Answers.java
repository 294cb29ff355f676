package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** What a client of HTTP/2 was sent, frame by frame, with its header blocks decoded in order. */
public final class Http2Answers {
    /**
     * One frame.
     *
     * @param text of a head, its fields as {@code name: value} in lines; of others the payload, one character for each octet
     */
    public record Frame(int type, int flags, int streamId, String text) {
        public boolean isLast() {
            return (type == FrameType.DATA || type == FrameType.HEADERS) && (flags & FrameType.END_STREAM) != 0;
        }

        /** A number at a place of the payload. */
        public int int32(int at) {
            return text.charAt(at) << 24 | text.charAt(at + 1) << 16 | text.charAt(at + 2) << 8 | text.charAt(at + 3);
        }
    }

    private final HpackDecoder decoder = new HpackDecoder();
    private final List<Frame> frames = new ArrayList<>();
    private byte[] rest = {};

    /** Takes in what was sent. */
    public Http2Answers sent(String latin1) {
        byte[] more = latin1.getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = Arrays.copyOf(rest, rest.length + more.length);
        System.arraycopy(more, 0, all, rest.length, more.length);
        int at = 0;
        while (all.length - at >= 9) {
            UnsafeBuffer bytes = new UnsafeBuffer(all);
            int length = (all[at] & 0xff) << 16 | (all[at + 1] & 0xff) << 8 | (all[at + 2] & 0xff);
            if (all.length - at - 9 < length) {
                break;
            }
            int type = all[at + 3];
            String text = type == FrameType.HEADERS
                    ? head(all, at + 9, length)
                    : new String(all, at + 9, length, StandardCharsets.ISO_8859_1);
            frames.add(new Frame(type, all[at + 4] & 0xff, bytes.getInt(at + 5, java.nio.ByteOrder.BIG_ENDIAN), text));
            at += 9 + length;
        }
        rest = Arrays.copyOfRange(all, at, all.length);
        return this;
    }

    private String head(byte[] bytes, int offset, int length) {
        ByteBuilder region = new ByteBuilder(256);
        StringBuilder lines = new StringBuilder();
        boolean isRead =
                decoder.decode(bytes, offset, length, region, 1 << 20, (name, nameLength, value, valueLength) -> {
                    lines.append(new String(region.array(), name, nameLength, StandardCharsets.ISO_8859_1));
                    lines.append(": ")
                            .append(new String(region.array(), value, valueLength, StandardCharsets.ISO_8859_1))
                            .append('\n');
                });
        if (!isRead) {
            throw new AssertionError("a block that cannot be decoded");
        }
        return lines.toString();
    }

    public List<Frame> frames() {
        return frames;
    }

    /** The frames of one type for one stream. */
    public List<Frame> frames(int type, int streamId) {
        return frames.stream()
                .filter(frame -> frame.type() == type && frame.streamId() == streamId)
                .toList();
    }

    /** The lines of the stream's first head; empty if there is none. */
    public String head(int streamId) {
        return frames(FrameType.HEADERS, streamId).stream()
                .map(Frame::text)
                .findFirst()
                .orElse("");
    }

    /** All data of a stream. */
    public String body(int streamId) {
        StringBuilder body = new StringBuilder();
        frames(FrameType.DATA, streamId).forEach(frame -> body.append(frame.text()));
        return body.toString();
    }

    /** Whether the stream's response is complete. */
    public boolean isEnded(int streamId) {
        return frames.stream().anyMatch(frame -> frame.streamId() == streamId && frame.isLast());
    }

    /** Why a stream was reset; empty if it was not. */
    public List<ErrorCode> resets(int streamId) {
        return frames(FrameType.RST_STREAM, streamId).stream()
                .map(frame -> ErrorCode.of(frame.int32(0)))
                .toList();
    }

    /** The codes of the goodbyes. */
    public List<ErrorCode> goAways() {
        return frames(FrameType.GOAWAY, 0).stream()
                .map(frame -> ErrorCode.of(frame.int32(4)))
                .toList();
    }
}
