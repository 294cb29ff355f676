package io.penstock.upstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.Http2Fields;
import io.penstock.http.RequestHead;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.FrameWriter;
import io.penstock.http2.HpackEncoder;
import io.penstock.http2.PeerBudget;
import io.penstock.http2.PeerSettings;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;

/**
 * What leaves on one HTTP/2 connection to an endpoint: frames, the window that all its streams share, and whose turn it is.
 * Heads and control frames leave at once, bodies as the endpoint takes them, in turns.
 */
@WorkerConfined
final class Http2UpstreamSender {
    private static final int FRAME_BYTES_MAX = 16 * 1024;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Http2UpstreamWork work;
    private final Channel channel;
    private final PeerSettings peer;
    private final PeerBudget budget;
    private final HpackEncoder encoder = new HpackEncoder();
    private final ArrayDeque<Http2UpstreamStream> waiting = new ArrayDeque<>(4);
    private final WorkerCounters counters;
    private final boolean isSecure;
    private long window = PeerSettings.WINDOW_BYTES;
    private boolean isPumping;

    Http2UpstreamSender(
            UpstreamWorker worker, Channel channel, PeerSettings peer, PeerBudget budget, boolean isSecure) {
        this.work = worker.http2();
        this.counters = worker.counters();
        this.channel = channel;
        this.peer = peer;
        this.budget = budget;
        this.isSecure = isSecure;
    }

    // ---- frames ----

    /** What a connection begins with: we take no pushes, and so many bytes of all streams together. */
    void preface(int connectionWindow) {
        ByteBuilder out = work.output();
        out.append(PREFACE);
        FrameWriter.header(6, FrameType.SETTINGS, 0, 0, out);
        FrameWriter.setting(PeerSettings.ENABLE_PUSH, 0, out);
        FrameWriter.windowUpdate(0, connectionWindow - PeerSettings.WINDOW_BYTES, out);
        send(out);
    }

    void head(int streamId, RequestHead head, boolean isLast) {
        ByteBuilder out = work.output();
        FrameWriter.header(0, FrameType.HEADERS, 0, 0, out);
        encoder.begin(out);
        encoder.scheme(isSecure);
        work.requestFields().write(head, encoder);
        FrameWriter.headers(0, streamId, isLast, peer.frameBytesMax(), out);
        send(out);
    }

    /** Ends a stream, with trailers if there are any that may go on. */
    void end(int streamId, Fields trailers) {
        ByteBuilder out = work.output();
        if (Http2Fields.hasTrailers(trailers)) {
            FrameWriter.header(0, FrameType.HEADERS, 0, 0, out);
            encoder.begin(out);
            Http2Fields.trailers(trailers, encoder);
            FrameWriter.headers(0, streamId, true, peer.frameBytesMax(), out);
        } else {
            FrameWriter.header(0, FrameType.DATA, FrameType.END_STREAM, streamId, out);
        }
        send(out);
    }

    void data(int streamId, Received bytes, int offset, int length) {
        for (int sent = 0; sent < length; sent += FRAME_BYTES_MAX) {
            int part = Math.min(length - sent, FRAME_BYTES_MAX);
            dataHeader(streamId, part);
            channel.send(bytes, offset + sent, part);
        }
        sent(length);
    }

    void data(int streamId, DirectBuffer bytes, int offset, int length) {
        for (int sent = 0; sent < length; sent += FRAME_BYTES_MAX) {
            int part = Math.min(length - sent, FRAME_BYTES_MAX);
            dataHeader(streamId, part);
            channel.send(bytes, offset + sent, part);
        }
        sent(length);
    }

    void data(int streamId, byte[] bytes, int offset, int length) {
        dataHeader(streamId, length);
        channel.send(bytes, offset, length);
        sent(length);
    }

    private void sent(int length) {
        window -= length;
        budget.earn(PeerBudget.BODY_FRAME);
        counters.add(Counter.UPSTREAM_BYTES_OUT, length);
    }

    private void dataHeader(int streamId, int length) {
        ByteBuilder out = work.output();
        FrameWriter.header(length, FrameType.DATA, 0, streamId, out);
        send(out);
    }

    void reset(int streamId, ErrorCode why) {
        ByteBuilder out = work.output();
        FrameWriter.resetStream(streamId, why, out);
        send(out);
    }

    void windowUpdate(int streamId, int bytes) {
        ByteBuilder out = work.output();
        FrameWriter.windowUpdate(streamId, bytes, out);
        send(out);
    }

    void pingAck(long opaque) {
        ByteBuilder out = work.output();
        FrameWriter.ping(opaque, true, out);
        send(out);
    }

    void goAway(ErrorCode why) {
        ByteBuilder out = work.output();
        FrameWriter.goAway(0, why, out);
        send(out);
    }

    /** The endpoint has new settings, which are acknowledged. */
    void settingsTaken() {
        encoder.peerTable(peer.headerTableBytes());
        ByteBuilder out = work.output();
        FrameWriter.settingsAck(out);
        send(out);
    }

    private void send(ByteBuilder out) {
        counters.add(Counter.UPSTREAM_BYTES_OUT, out.length());
        channel.send(out.array(), 0, out.length());
    }

    // ---- what may leave ----

    /** How much of so many bytes may leave now, as far as all streams are concerned. */
    int allowed(long bytes) {
        return channel.isSendable() ? (int) Math.max(0, Math.min(bytes, window)) : 0;
    }

    boolean isOpen() {
        return window > 0 && channel.isSendable();
    }

    /** The endpoint opens the connection's window. @return whether it may */
    boolean opened(int bytes) {
        window += bytes;
        return window <= Integer.MAX_VALUE;
    }

    void await(Http2UpstreamStream stream) {
        waiting.addLast(stream);
    }

    void forget(Http2UpstreamStream stream) {
        waiting.remove(stream);
    }

    /** Lets streams send in turn, while anything may leave. */
    void pump() {
        if (isPumping) {
            return;
        }
        isPumping = true;
        try {
            while (isOpen()) {
                Http2UpstreamStream next = waiting.pollFirst();
                if (next == null) {
                    return;
                }
                next.turn();
            }
        } finally {
            isPumping = false;
        }
    }
}
