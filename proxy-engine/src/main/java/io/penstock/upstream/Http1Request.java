package io.penstock.upstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.ChunkFraming;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import org.agrona.DirectBuffer;

/** The request of one exchange on its way out: writes the head afresh, frames the body, knows how much went. */
@WorkerConfined
final class Http1Request {
    private static final byte[] CRLF = {'\r', '\n'};

    private enum Framing {
        /** No body follows the head. */
        NONE,
        /** As many bytes as Content-Length said. */
        LENGTH,
        /** RFC 9112 section 7.1. */
        CHUNKED,
        /** Another protocol's bytes, as they come. */
        TUNNEL
    }

    private final Http1Writing writing;
    private Framing framing = Framing.NONE;
    private long lengthLeft;
    private long sentBytes;
    private boolean hasBegun;
    private boolean isComplete;
    private boolean awaitsContinue;

    Http1Request(Http1Writing writing) {
        this.writing = writing;
    }

    void begin() {
        framing = Framing.NONE;
        lengthLeft = 0;
        sentBytes = 0;
        hasBegun = false;
        isComplete = false;
        awaitsContinue = false;
    }

    /** Whether any of it was given to the channel. */
    boolean hasBegun() {
        return hasBegun;
    }

    /** Whether all of it was given to the channel. */
    boolean isComplete() {
        return isComplete;
    }

    /** Whether the body may be held back until the endpoint says 100 or answers. */
    boolean awaitsContinue() {
        return awaitsContinue;
    }

    /** How many bytes were given to the channel, framing included. */
    long sentBytes() {
        return sentBytes;
    }

    void sendHead(Channel channel, RequestHead head, boolean isLast) {
        if (hasBegun) {
            throw new IllegalStateException("the head was sent already");
        }
        hasBegun = true;
        if (head.isChunked()) {
            framing = Framing.CHUNKED;
        } else if (head.contentLength() > 0) {
            framing = Framing.LENGTH;
            lengthLeft = head.contentLength();
        }
        ByteBuilder output = writing.output();
        writing.heads().request(head, output);
        awaitsContinue = !isLast && head.forwarding().isContinueExpected();
        if (isLast) {
            if (framing == Framing.CHUNKED) {
                ChunkFraming.last(writing.noTrailers(), output);
            }
            complete();
        }
        send(channel, output);
    }

    void sendBody(Channel channel, Received bytes, int offset, int length) {
        if (length > 0) {
            beforeBody(channel, length);
            channel.send(bytes, offset, length);
            afterBody(channel);
        }
    }

    void sendBody(Channel channel, DirectBuffer bytes, int offset, int length) {
        if (length > 0) {
            beforeBody(channel, length);
            channel.send(bytes, offset, length);
            afterBody(channel);
        }
    }

    void sendEnd(Channel channel, Fields trailers) {
        if (!hasBegun || isComplete) {
            throw new IllegalStateException(
                    hasBegun ? "the request was complete already" : "the head was not sent yet");
        }
        if (framing == Framing.CHUNKED) {
            ByteBuilder output = writing.output();
            ChunkFraming.last(trailers, output);
            send(channel, output);
        }
        complete();
        if (framing == Framing.TUNNEL) {
            channel.finish();
        }
    }

    boolean isTunnel() {
        return framing == Framing.TUNNEL;
    }

    void beginTunnel() {
        hasBegun = true;
        framing = Framing.TUNNEL;
    }

    void becomeTunnel() {
        framing = Framing.TUNNEL;
        isComplete = false;
    }

    private void complete() {
        if (lengthLeft > 0 && framing == Framing.LENGTH) {
            throw new IllegalStateException("the body ended " + lengthLeft + " bytes before its Content-Length");
        }
        isComplete = true;
    }

    private void beforeBody(Channel channel, int length) {
        awaitsContinue = false;
        switch (framing) {
            case NONE -> throw new IllegalStateException("a body for a request whose head announced none");
            case LENGTH -> {
                if (length > lengthLeft) {
                    throw new IllegalStateException(
                            "the body is " + (length - lengthLeft) + " bytes longer than its Content-Length");
                }
                lengthLeft -= length;
            }
            case CHUNKED -> {
                ByteBuilder output = writing.output();
                ChunkFraming.begin(length, output);
                send(channel, output);
            }
            case TUNNEL -> {}
        }
        sentBytes += length;
    }

    private void afterBody(Channel channel) {
        if (framing == Framing.CHUNKED) {
            channel.send(CRLF, 0, CRLF.length);
            sentBytes += CRLF.length;
        }
    }

    private void send(Channel channel, ByteBuilder output) {
        channel.send(output.array(), 0, output.length());
        sentBytes += output.length();
    }
}
