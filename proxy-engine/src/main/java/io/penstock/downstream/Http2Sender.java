package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.Http2Fields;
import io.penstock.http.ResponseHead;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.FrameWriter;
import io.penstock.http2.HpackEncoder;
import io.penstock.http2.PeerBudget;
import io.penstock.http2.PeerSettings;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import java.util.ArrayDeque;

/**
 * What leaves on one connection: frames, the window that all its streams share, and whose turn it is. Heads and control
 * frames leave at once. Bodies leave while the client takes bytes and both windows are open; a stream whose body has to
 * wait joins a queue, and each in it sends a frame when its turn comes, so that one long body does not hold up the others.
 */
@WorkerConfined
final class Http2Sender {
    private final DownstreamContext context;
    private final Channel channel;
    private final PeerSettings peer;
    private final PeerBudget budget;
    private final HpackEncoder encoder = new HpackEncoder();
    private final ArrayDeque<Http2ResponseBody> waiting = new ArrayDeque<>(4);
    private long window = PeerSettings.WINDOW_BYTES;
    private long sentBytes;
    private boolean isPumping;

    Http2Sender(DownstreamContext context, Channel channel, PeerSettings peer, PeerBudget budget) {
        this.context = context;
        this.channel = channel;
        this.peer = peer;
        this.budget = budget;
    }

    // ---- frames ----

    void head(int streamId, ResponseHead head, boolean isLast) {
        ByteBuilder out = beginHeaders();
        encoder.status(head.status());
        Http2Fields.response(head, context.date(), encoder);
        endHeaders(streamId, isLast, out);
    }

    void trailers(int streamId, Fields trailers) {
        ByteBuilder out = beginHeaders();
        Http2Fields.trailers(trailers, encoder);
        endHeaders(streamId, true, out);
    }

    private ByteBuilder beginHeaders() {
        ByteBuilder out = context.output();
        FrameWriter.header(0, FrameType.HEADERS, 0, 0, out);
        encoder.begin(out);
        return out;
    }

    private void endHeaders(int streamId, boolean isLast, ByteBuilder out) {
        FrameWriter.headers(0, streamId, isLast, peer.frameBytesMax(), out);
        send(out);
    }

    /** Sends body, as much as {@link #allowed} has said. */
    void data(int streamId, Received bytes, int offset, int length, boolean isLast) {
        for (int sent = 0; sent < length; ) {
            int part = Math.min(length - sent, FRAME_BYTES_MAX);
            dataHeader(streamId, part, isLast && sent + part == length);
            channel.send(bytes, offset + sent, part);
            sent += part;
        }
        sent(length);
    }

    /** As {@link #data(int, Received, int, int, boolean)}; 0 bytes end the stream. */
    void data(int streamId, byte[] bytes, int offset, int length, boolean isLast) {
        int sent = 0;
        do {
            int part = Math.min(length - sent, FRAME_BYTES_MAX);
            dataHeader(streamId, part, isLast && sent + part == length);
            channel.send(bytes, offset + sent, part);
            sent += part;
        } while (sent < length);
        sent(length);
    }

    private void dataHeader(int streamId, int length, boolean isLast) {
        ByteBuilder out = context.output();
        FrameWriter.header(length, FrameType.DATA, isLast ? FrameType.END_STREAM : 0, streamId, out);
        channel.send(out.array(), 0, out.length());
    }

    private void sent(int length) {
        window -= length;
        sentBytes += length;
        budget.earn(PeerBudget.BODY_FRAME);
    }

    void reset(int streamId, ErrorCode why) {
        ByteBuilder out = context.output();
        FrameWriter.resetStream(streamId, why, out);
        send(out);
    }

    void windowUpdate(int streamId, int bytes) {
        ByteBuilder out = context.output();
        FrameWriter.windowUpdate(streamId, bytes, out);
        send(out);
    }

    void ping(long opaque, boolean isAck) {
        ByteBuilder out = context.output();
        FrameWriter.ping(opaque, isAck, out);
        send(out);
    }

    void goAway(int lastStreamId, ErrorCode why) {
        ByteBuilder out = context.output();
        FrameWriter.goAway(lastStreamId, why, out);
        send(out);
    }

    /** Composed in {@link DownstreamContext#output()}. */
    void send(ByteBuilder out) {
        channel.send(out.array(), 0, out.length());
    }

    /** The peer has new settings, which are acknowledged. */
    void settingsTaken() {
        encoder.peerTable(peer.headerTableBytes());
        ByteBuilder out = context.output();
        FrameWriter.settingsAck(out);
        send(out);
    }

    // ---- what may leave ----

    /** How much of so many bytes may leave now, as far as all streams are concerned. */
    int allowed(long bytes) {
        return channel.isSendable() ? (int) Math.max(0, Math.min(bytes, window)) : 0;
    }

    /** Whether the connection as a whole takes body. */
    boolean isOpen() {
        return window > 0 && channel.isSendable();
    }

    /** Bytes of bodies sent so far: what tells a slow client from one that takes nothing. */
    long sentBytes() {
        return sentBytes;
    }

    /** The client opens the connection's window. @return whether it may */
    boolean opened(int bytes) {
        window += bytes;
        return window <= Integer.MAX_VALUE;
    }

    /** A stream waits for its turn. */
    void await(Http2ResponseBody body) {
        waiting.addLast(body);
    }

    /** A stream waits no more. */
    void forget(Http2ResponseBody body) {
        waiting.remove(body);
    }

    /** Lets streams send in turn, while anything may leave. */
    void pump() {
        if (isPumping) {
            return;
        }
        isPumping = true;
        try {
            while (isOpen()) {
                Http2ResponseBody next = waiting.pollFirst();
                if (next == null) {
                    return;
                }
                next.turn();
            }
        } finally {
            isPumping = false;
        }
    }

    /** What a frame of body holds at most: what every peer takes, and little enough to take turns. */
    private static final int FRAME_BYTES_MAX = 16 * 1024;
}
