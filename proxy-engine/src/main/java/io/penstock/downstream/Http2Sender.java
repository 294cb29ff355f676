package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.Http2Fields;
import io.penstock.http.ResponseHead;
import io.penstock.http2.FrameSender;
import io.penstock.http2.PeerBudget;
import io.penstock.http2.PeerSettings;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;

/** What leaves on one connection to a client. */
@WorkerConfined
final class Http2Sender extends FrameSender {
    private final DownstreamContext context;
    private final Channel channel;
    private long sentBytes;

    Http2Sender(DownstreamContext context, Channel channel, PeerSettings peer, PeerBudget budget) {
        super(peer, budget);
        this.context = context;
        this.channel = channel;
    }

    void head(int streamId, ResponseHead head, boolean isLast) {
        ByteBuilder out = beginHeaders();
        encoder().status(head.status());
        Http2Fields.response(head, context.date(), encoder());
        endHeaders(streamId, isLast, out);
    }

    void trailers(int streamId, Fields trailers) {
        ByteBuilder out = beginHeaders();
        Http2Fields.trailers(trailers, encoder());
        endHeaders(streamId, true, out);
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

    private void sent(int length) {
        bodySent(length);
        sentBytes += length;
    }

    /** Bytes of bodies sent so far: what tells a slow client from one that takes nothing. */
    long sentBytes() {
        return sentBytes;
    }

    @Override
    protected ByteBuilder output() {
        return context.output();
    }

    @Override
    public void send(ByteBuilder out) {
        channel.send(out.array(), 0, out.length());
    }

    @Override
    protected boolean isSendable() {
        return channel.isSendable();
    }
}
