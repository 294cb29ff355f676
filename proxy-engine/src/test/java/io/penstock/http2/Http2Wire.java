package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What a client of HTTP/2 sends, octet by octet: every frame as the test wants it, right or wrong. */
public final class Http2Wire {
    public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** What a client begins with. */
    public static Http2Wire client() {
        return new Http2Wire().text(PREFACE).settings();
    }

    public Http2Wire text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        out.write(bytes, 0, bytes.length);
        return this;
    }

    public Http2Wire frame(int type, int flags, int streamId, byte... payload) {
        return frameOfLength(payload.length, type, flags, streamId, payload);
    }

    /** A frame whose header announces a length that need not be its payload's. */
    public Http2Wire frameOfLength(int length, int type, int flags, int streamId, byte... payload) {
        ByteBuilder header = new ByteBuilder(16);
        FrameWriter.header(length, type, flags, streamId, header);
        out.write(header.array(), 0, header.length());
        out.write(payload, 0, payload.length);
        return this;
    }

    /** Settings as pairs of id and value. */
    public Http2Wire settings(int... pairs) {
        ByteBuilder payload = new ByteBuilder(16);
        for (int i = 0; i < pairs.length; i += 2) {
            FrameWriter.setting(pairs[i], pairs[i + 1], payload);
        }
        return frame(FrameType.SETTINGS, 0, 0, bytes(payload));
    }

    public Http2Wire settingsAck() {
        return frame(FrameType.SETTINGS, FrameType.ACK, 0);
    }

    /** A request without a body. */
    public Http2Wire get(int streamId, String path, String... fields) {
        return headers(streamId, true, block(request("GET", path, fields)));
    }

    /** The head of a request whose body follows. */
    public Http2Wire post(int streamId, String path, String... fields) {
        return headers(streamId, false, block(request("POST", path, fields)));
    }

    public static String[] request(String method, String path, String... fields) {
        String[] all = new String[8 + fields.length];
        System.arraycopy(
                new String[] {":method", method, ":scheme", "http", ":authority", "a", ":path", path}, 0, all, 0, 8);
        System.arraycopy(fields, 0, all, 8, fields.length);
        return all;
    }

    public Http2Wire headers(int streamId, boolean isLast, byte... block) {
        return frame(FrameType.HEADERS, FrameType.END_HEADERS | (isLast ? FrameType.END_STREAM : 0), streamId, block);
    }

    public Http2Wire data(int streamId, String text, boolean isLast) {
        return frame(
                FrameType.DATA,
                isLast ? FrameType.END_STREAM : 0,
                streamId,
                text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public Http2Wire reset(int streamId, ErrorCode why) {
        return frame(FrameType.RST_STREAM, 0, streamId, int32(why.code()));
    }

    public Http2Wire window(int streamId, int bytes) {
        return frame(FrameType.WINDOW_UPDATE, 0, streamId, int32(bytes));
    }

    public Http2Wire ping(long opaque) {
        ByteBuilder ping = new ByteBuilder(32);
        FrameWriter.ping(opaque, false, ping);
        out.write(ping.array(), 0, ping.length());
        return this;
    }

    /** A block of pairs of name and value, each written out and remembered by nobody. */
    public static byte[] block(String... pairs) {
        ByteBuilder block = new ByteBuilder(64);
        for (int i = 0; i < pairs.length; i += 2) {
            block.append((byte) 0);
            string(pairs[i], block);
            string(pairs[i + 1], block);
        }
        return bytes(block);
    }

    private static void string(String text, ByteBuilder into) {
        int length = text.length();
        if (length < 127) {
            into.append((byte) length);
        } else {
            into.append((byte) 127);
            int rest = length - 127;
            while (rest >= 128) {
                into.append((byte) (rest | 128));
                rest >>>= 7;
            }
            into.append((byte) rest);
        }
        into.append(text);
    }

    public static byte[] int32(int value) {
        return new byte[] {(byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value};
    }

    private static byte[] bytes(ByteBuilder builder) {
        return java.util.Arrays.copyOf(builder.array(), builder.length());
    }

    /** All since the last call of this. */
    public byte[] take() {
        byte[] bytes = out.toByteArray();
        out.reset();
        return bytes;
    }
}
