package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.ChunkFraming;
import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.Persistence;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import java.nio.charset.StandardCharsets;

/** Writes one response in the version its client speaks. */
@WorkerConfined
final class ResponseEncoder {
    static final byte[] HTTP_1_0 = "HTTP/1.0".getBytes(StandardCharsets.US_ASCII);
    static final byte[] HTTP_1_1 = "HTTP/1.1".getBytes(StandardCharsets.US_ASCII);

    private final DownstreamContext context;
    private final Channel channel;
    private boolean isHttp10;
    private boolean isHeadRequest;
    private boolean isChunked;

    ResponseEncoder(DownstreamContext context, Channel channel) {
        this.context = context;
        this.channel = channel;
    }

    void begin(RequestHead head) {
        isHttp10 = head.minorVersion() == 0;
        isHeadRequest = head.method() == Method.HEAD;
        isChunked = false;
    }

    /** The request's head could not be read: the answer is written for a client of which nothing is known. */
    void beginUnparsed() {
        isHttp10 = false;
        isHeadRequest = false;
        isChunked = false;
    }

    byte[] protocol() {
        return isHttp10 ? HTTP_1_0 : HTTP_1_1;
    }

    void informational(ResponseHead head) {
        if (!isHttp10) {
            write(head, Persistence.KEEP);
        }
    }

    /** Writes the head. @return whether the connection ends after this response */
    boolean head(ResponseHead head, boolean isLast, boolean closes) {
        boolean closesNow = closes;
        if (head.status() == 101) {
            write(head, Persistence.UPGRADE);
            return true;
        }
        boolean isUnframed = head.bodyKind() == ResponseHead.BodyKind.CHUNKED
                || head.bodyKind() == ResponseHead.BodyKind.UNTIL_CLOSE;
        if (!isLast && isUnframed) {
            isChunked = !isHttp10;
            closesNow |= isHttp10;
            head.framing(-1, isChunked);
        }
        write(head, closesNow ? Persistence.CLOSE : isHttp10 ? Persistence.KEEP_TOLD : Persistence.KEEP);
        return closesNow;
    }

    private void write(ResponseHead head, Persistence persistence) {
        ByteBuilder out = context.output();
        context.headWriter().response(head, persistence, out);
        channel.send(out.array(), 0, out.length());
    }

    void body(Received bytes, int offset, int length) {
        if (isChunked) {
            beginChunk(length);
            channel.send(bytes, offset, length);
            endChunk();
        } else if (!isHeadRequest) {
            channel.send(bytes, offset, length);
        }
    }

    void body(byte[] bytes, int offset, int length) {
        if (isChunked) {
            beginChunk(length);
            channel.send(bytes, offset, length);
            endChunk();
        } else if (!isHeadRequest) {
            channel.send(bytes, offset, length);
        }
    }

    private void beginChunk(int length) {
        ByteBuilder out = context.output();
        ChunkFraming.begin(length, out);
        channel.send(out.array(), 0, out.length());
    }

    private void endChunk() {
        ByteBuilder out = context.output();
        ChunkFraming.end(out);
        channel.send(out.array(), 0, out.length());
    }

    void end(Fields trailers) {
        if (isChunked) {
            isChunked = false;
            ByteBuilder out = context.output();
            ChunkFraming.last(trailers, out);
            channel.send(out.array(), 0, out.length());
        }
    }

    /** From now on bytes pass as they are. */
    void becomeTunnel() {
        isChunked = false;
        isHeadRequest = false;
    }
}
