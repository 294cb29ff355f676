package io.penstock.engine;

import io.penstock.http.ByteBuilder;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameReader;
import io.penstock.http2.FrameType;
import io.penstock.http2.FrameWriter;
import io.penstock.http2.HpackDecoder;
import io.penstock.http2.PeerSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One request on one connection of HTTP/2, on a thread that may block: what a health check needs of RFC 9113, and no more. Nothing is
 * remembered of header compression, and of an answer so little is taken that no window has to be opened.
 */
final class Http2Probe {
    /** What is taken of an answer's body; a health check's is a few octets. */
    static final int BODY_BYTES_MAX = 4 * 1024;

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final int STREAM = 1;
    private static final int HEAD_BYTES_MAX = 16 * 1024;
    private static final int PING_BYTES = 8;
    /** Room for a good many SETTINGS, PING and WINDOW_UPDATE; an endpoint that sends more of them than answers is not well. */
    private static final int FRAMES_MAX = 100;

    private final OutputStream output;
    private final InputStream input;
    private final HealthProber.Deadline deadline;
    private final Socket socket;
    private final FrameReader frames = new FrameReader();
    private final HpackDecoder decoder = new HpackDecoder();
    private final byte[] received = new byte[16 * 1024];
    private final UnsafeBuffer buffer = new UnsafeBuffer(received);
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final Map<String, String> fields = new LinkedHashMap<>();
    private boolean isHeadSeen;
    private boolean isBlockLast;
    private boolean isEnded;
    private int frameCount;

    private Http2Probe(Socket socket, HealthProber.Deadline deadline) throws IOException {
        this.socket = socket;
        this.output = socket.getOutputStream();
        this.input = socket.getInputStream();
        this.deadline = deadline;
    }

    /**
     * What was answered.
     *
     * @param fields of head and trailers, the status among them as {@code :status}
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    record Answer(Map<String, String> fields, byte[] body) {
        int status() {
            String status = fields.getOrDefault(":status", "");
            return status.matches("[1-5][0-9]{2}") ? Integer.parseInt(status) : 0;
        }
    }

    /**
     * Asks and waits.
     *
     * @param head names and values in turn, pseudo-fields first
     * @param body sent with it; a request without one has none
     * @param isHeadAll whether the answer's body is of no interest
     * @throws IOException if there is no such answer; its message says why
     */
    static Answer ask(Socket socket, HealthProber.Deadline deadline, String[] head, byte[] body, boolean isHeadAll)
            throws IOException {
        Http2Probe probe = new Http2Probe(socket, deadline);
        probe.send(head, body);
        while (!(probe.isEnded || (isHeadAll && probe.isHeadSeen))) {
            probe.receive();
        }
        probe.leave();
        return new Answer(probe.fields, probe.body.toByteArray());
    }

    private void send(String[] head, byte[] content) throws IOException {
        ByteBuilder out = new ByteBuilder(1024);
        out.append(PREFACE);
        FrameWriter.header(6, FrameType.SETTINGS, 0, 0, out);
        FrameWriter.setting(PeerSettings.ENABLE_PUSH, 0, out);
        ByteBuilder fieldLines = new ByteBuilder(512);
        for (int i = 0; i < head.length; i += 2) {
            // RFC 7541 section 6.2.2: written out, and remembered by nobody.
            fieldLines.append((byte) 0);
            string(head[i], fieldLines);
            string(head[i + 1], fieldLines);
        }
        int end = content.length == 0 ? FrameType.END_STREAM : 0;
        FrameWriter.header(fieldLines.length(), FrameType.HEADERS, FrameType.END_HEADERS | end, STREAM, out);
        out.append(fieldLines.array(), 0, fieldLines.length());
        if (content.length > 0) {
            FrameWriter.header(content.length, FrameType.DATA, FrameType.END_STREAM, STREAM, out);
            out.append(content);
        }
        write(out);
    }

    private static void string(String text, ByteBuilder into) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        int length = octets.length;
        if (length < 0x7f) {
            into.append((byte) length);
        } else {
            into.append((byte) 0x7f);
            for (length -= 0x7f; length >= 0x80; length >>>= 7) {
                into.append((byte) (length | 0x80));
            }
            into.append((byte) length);
        }
        into.append(octets);
    }

    private void write(ByteBuilder out) throws IOException {
        output.write(out.array(), 0, out.length());
        output.flush();
    }

    private void receive() throws IOException {
        socket.setSoTimeout(deadline.leftMs());
        int count = input.read(received);
        if (count < 0) {
            throw new IOException(isHeadSeen ? "it closed within its answer" : "it closed without an answer");
        }
        int at = 0;
        while (at < count && !isEnded) {
            at += frames.read(buffer, at, count - at);
            switch (frames.event()) {
                case NEEDS_MORE -> {}
                case HEADER -> header();
                case PAYLOAD -> payload();
                case DATA -> data();
                case REFUSED -> throw new IOException("its answer is no HTTP/2");
            }
        }
    }

    private void header() throws IOException {
        boolean isOfAnotherStream = frames.type() <= FrameType.CONTINUATION
                && frames.type() != FrameType.PRIORITY
                && frames.streamId() > STREAM;
        if ((++frameCount == 1 && frames.type() != FrameType.SETTINGS) || isOfAnotherStream) {
            throw new IOException("its answer is no HTTP/2");
        }
        if (frameCount > FRAMES_MAX) {
            throw new IOException("it sent " + FRAMES_MAX + " frames and no answer");
        }
    }

    private void payload() throws IOException {
        switch (frames.type()) {
            case FrameType.SETTINGS -> {
                if (!frames.has(FrameType.ACK)) {
                    ByteBuilder ack = new ByteBuilder(16);
                    FrameWriter.settingsAck(ack);
                    write(ack);
                }
            }
            case FrameType.PING -> {
                if (!frames.has(FrameType.ACK) && frames.payloadLength() == PING_BYTES) {
                    ByteBuilder pong = new ByteBuilder(32);
                    FrameWriter.ping((long) frames.int32(0) << 32 | (frames.int32(4) & 0xffff_ffffL), true, pong);
                    write(pong);
                }
            }
            case FrameType.HEADERS -> {
                isBlockLast = frames.has(FrameType.END_STREAM);
                block.reset();
                gather(headersFrom(), headersTo());
            }
            case FrameType.CONTINUATION -> gather(0, frames.payloadLength());
            case FrameType.RST_STREAM ->
                throw new IOException("it reset the request: " + ErrorCode.of(frames.int32(0)));
            case FrameType.GOAWAY -> {
                if (frames.int31(0) < STREAM) {
                    throw new IOException("it said goodbye: " + ErrorCode.of(frames.int32(4)));
                }
            }
            default -> {
                // Of no interest to one request.
            }
        }
    }

    // RFC 9113 section 6.2: padding and priority surround the block.
    private int headersFrom() {
        return (frames.has(FrameType.PADDED) ? 1 : 0) + (frames.has(FrameType.PRIORITISED) ? 5 : 0);
    }

    private int headersTo() {
        int padding = frames.has(FrameType.PADDED) ? frames.payload().getByte(frames.payloadOffset()) & 0xff : 0;
        return frames.payloadLength() - padding;
    }

    private void gather(int from, int to) throws IOException {
        if (from > to || block.size() + to - from > HEAD_BYTES_MAX) {
            throw new IOException("the head of its answer is too large, or broken");
        }
        for (int i = from; i < to; i++) {
            block.write(frames.payload().getByte(frames.payloadOffset() + i));
        }
        if (frames.has(FrameType.END_HEADERS)) {
            head();
        }
    }

    private void head() throws IOException {
        ByteBuilder text = new ByteBuilder(512);
        Map<String, String> taken = new LinkedHashMap<>();
        boolean isRead = decoder.decode(
                block.toByteArray(),
                0,
                block.size(),
                text,
                HEAD_BYTES_MAX,
                (name, nameLength, value, valueLength) -> taken.put(
                        new String(text.array(), name, nameLength, StandardCharsets.ISO_8859_1),
                        new String(text.array(), value, valueLength, StandardCharsets.ISO_8859_1)));
        if (!isRead || decoder.isTooLarge()) {
            throw new IOException("the head of its answer is too large, or broken");
        }
        if (!isHeadSeen && taken.getOrDefault(":status", "").startsWith("1")) {
            return;
        }
        isHeadSeen = true;
        taken.forEach(fields::putIfAbsent);
        isEnded = isBlockLast;
    }

    private void data() throws IOException {
        if (body.size() + frames.payloadLength() > BODY_BYTES_MAX) {
            throw new IOException("the body of its answer is too long");
        }
        for (int i = 0; i < frames.payloadLength(); i++) {
            body.write(frames.payload().getByte(frames.payloadOffset() + i));
        }
        isEnded = frames.isFrameEnd() && frames.has(FrameType.END_STREAM);
    }

    // Who closes without a word is counted by some servers as broken.
    private void leave() throws IOException {
        ByteBuilder goodbye = new ByteBuilder(32);
        FrameWriter.goAway(0, ErrorCode.NO_ERROR, goodbye);
        write(goodbye);
    }
}
