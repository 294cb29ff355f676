package io.penstock.upstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.Http2Fields;
import io.penstock.http.RequestHead;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameSender;
import io.penstock.http2.FrameType;
import io.penstock.http2.FrameWriter;
import io.penstock.http2.PeerBudget;
import io.penstock.http2.PeerSettings;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/** What leaves on one HTTP/2 connection to an endpoint. */
@WorkerConfined
final class Http2UpstreamSender extends FrameSender {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Http2UpstreamWork work;
    private final Channel channel;
    private final WorkerCounters counters;
    private final boolean isSecure;

    Http2UpstreamSender(
            UpstreamWorker worker, Channel channel, PeerSettings peer, PeerBudget budget, boolean isSecure) {
        super(peer, budget);
        this.work = worker.http2();
        this.counters = worker.counters();
        this.channel = channel;
        this.isSecure = isSecure;
    }

    /** What a connection begins with: we take no pushes, and so many bytes of all streams together. */
    void preface(int connectionWindow) {
        ByteBuilder out = output();
        out.append(PREFACE);
        FrameWriter.header(6, FrameType.SETTINGS, 0, 0, out);
        FrameWriter.setting(PeerSettings.ENABLE_PUSH, 0, out);
        FrameWriter.windowUpdate(0, connectionWindow - PeerSettings.WINDOW_BYTES, out);
        send(out);
    }

    void head(int streamId, RequestHead head, boolean isLast) {
        ByteBuilder out = beginHeaders();
        encoder().scheme(isSecure);
        work.requestFields().write(head, encoder());
        endHeaders(streamId, isLast, out);
    }

    /** Ends a stream, with trailers if there are any that may go on. */
    void end(int streamId, Fields trailers) {
        if (Http2Fields.hasTrailers(trailers)) {
            ByteBuilder out = beginHeaders();
            Http2Fields.trailers(trailers, encoder());
            endHeaders(streamId, true, out);
        } else {
            dataHeader(streamId, 0, true);
        }
    }

    void data(int streamId, Received bytes, int offset, int length) {
        for (int sent = 0; sent < length; sent += FRAME_BYTES_MAX) {
            int part = Math.min(length - sent, FRAME_BYTES_MAX);
            dataHeader(streamId, part, false);
            channel.send(bytes, offset + sent, part);
        }
        sent(length);
    }

    void data(int streamId, DirectBuffer bytes, int offset, int length) {
        for (int sent = 0; sent < length; sent += FRAME_BYTES_MAX) {
            int part = Math.min(length - sent, FRAME_BYTES_MAX);
            dataHeader(streamId, part, false);
            channel.send(bytes, offset + sent, part);
        }
        sent(length);
    }

    void data(int streamId, byte[] bytes, int offset, int length) {
        dataHeader(streamId, length, false);
        channel.send(bytes, offset, length);
        sent(length);
    }

    private void sent(int length) {
        bodySent(length);
        counters.add(Counter.UPSTREAM_BYTES_OUT, length);
    }

    /** We begin no streams that the endpoint could have served. */
    void goAway(ErrorCode why) {
        goAway(0, why);
    }

    @Override
    protected ByteBuilder output() {
        return work.output();
    }

    @Override
    public void send(ByteBuilder out) {
        counters.add(Counter.UPSTREAM_BYTES_OUT, out.length());
        channel.send(out.array(), 0, out.length());
    }

    @Override
    protected boolean isSendable() {
        return channel.isSendable();
    }
}
