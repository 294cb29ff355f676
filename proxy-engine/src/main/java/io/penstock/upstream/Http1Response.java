package io.penstock.upstream;

import io.penstock.http.ChunkedDecoder;
import io.penstock.http.Fields;
import io.penstock.http.HeadLimits;
import io.penstock.http.Method;
import io.penstock.http.ResponseHead;
import io.penstock.http.ResponseHeadParser;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.agrona.DirectBuffer;

/**
 * The answer to one request on its way in: says, step by step, what the bytes mean.
 *
 * <p>It is asked for the next event and calls nobody, so that whoever acts on an event may end the exchange, or begin
 * another one with this very object, before it asks again.
 */
@WorkerConfined
final class Http1Response {
    /** What comes next in the bytes given. */
    enum Event {
        /** Nothing yet: all bytes were taken. */
        NEEDS_MORE,
        /** A 1xx other than 101. */
        INFORMATIONAL,
        /** The final head, or a 101. */
        HEAD,
        /** A run of body; {@link #bodyTaken} says how much of it was used. */
        BODY,
        /** The answer is complete; does not come where its head was all of it. */
        END,
        /** The answer breaks HTTP, for {@link #brokenReason()}. */
        BROKEN
    }

    /** Heads before the final one; more of them is no answer but a stream of its own. */
    static final int INFORMATIONAL_MAX = 64;

    private enum Part {
        HEAD,
        BODY_LENGTH,
        BODY_CHUNKED,
        BODY_UNTIL_CLOSE,
        /** After a 101, until the exchange takes the bytes as a tunnel. */
        SWITCHED,
        TUNNEL,
        ENDED
    }

    private final ResponseHead head = new ResponseHead();
    private final ResponseHeadParser parser = new ResponseHeadParser(HeadLimits.DEFAULT);
    private final ChunkedDecoder chunks = ChunkedDecoder.ofResponses();
    private final Fields noTrailers = new Fields();

    private Part part = Part.ENDED;
    private Method method = Method.GET;
    private boolean isUpgradeSent;
    private boolean hasBegun;
    private int informationalHeads;
    private long lengthLeft;
    private long peerIdleTimeoutNs = KeepAliveHint.NO_HINT_NS;
    private int consumed;
    private int runOffset;
    private int runLength;
    private Reason brokenReason = Reason.UPSTREAM_PROTOCOL;

    /** Prepares for the answer to a request. */
    void begin(Method requestMethod, boolean sentUpgrade) {
        method = requestMethod;
        isUpgradeSent = sentUpgrade;
        part = Part.HEAD;
        hasBegun = false;
        informationalHeads = 0;
        lengthLeft = 0;
        parser.reset(requestMethod, sentUpgrade);
    }

    /** Whether any byte of it has come. */
    boolean hasBegun() {
        return hasBegun;
    }

    /** Whether a head has begun and is not complete. */
    boolean isInHead() {
        return part == Part.HEAD && parser.hasBegun();
    }

    /** Whether the final head has not begun. */
    boolean awaitsHead() {
        return part == Part.HEAD && !parser.hasBegun();
    }

    boolean isTunnel() {
        return part == Part.TUNNEL;
    }

    /** Whether the next bytes would be given on, so that they must wait while nobody wants them. */
    boolean isInBody() {
        return (part == Part.BODY_LENGTH && lengthLeft > 0)
                || part == Part.BODY_CHUNKED
                || part == Part.BODY_UNTIL_CLOSE
                || part == Part.TUNNEL
                || part == Part.SWITCHED;
    }

    /** How much of the body is to come, {@link Long#MAX_VALUE} where that is not said. */
    long bytesLeft() {
        return part == Part.BODY_LENGTH ? lengthLeft : part == Part.ENDED ? 0 : Long.MAX_VALUE;
    }

    ResponseHead head() {
        return head;
    }

    /** The trailers of a complete answer. */
    Fields trailers() {
        return head.bodyKind() == ResponseHead.BodyKind.CHUNKED ? chunks.trailers() : noTrailers;
    }

    /** Whether it is complete: after a head, that no body follows. */
    boolean isEnded() {
        return part == Part.ENDED;
    }

    /** How long the endpoint, by what it said last, keeps the connection without use; see {@link KeepAliveHint}. */
    long peerIdleTimeoutNs() {
        return peerIdleTimeoutNs;
    }

    /** Whether another exchange may follow on the connection once this one is complete. */
    boolean mayReuse() {
        return part == Part.ENDED && head.isKeepAlive() && head.status() != 101;
    }

    Reason brokenReason() {
        return brokenReason;
    }

    /** How many bytes the last event took; those of a body's run are not among them. */
    int consumed() {
        return consumed;
    }

    int runOffset() {
        return runOffset;
    }

    int runLength() {
        return runLength;
    }

    /** Goes on behind so many bytes of the run. */
    void bodyTaken(int length) {
        if (part == Part.BODY_LENGTH) {
            lengthLeft -= length;
        } else if (part == Part.BODY_CHUNKED) {
            chunks.giveBack(runLength - length);
        }
    }

    void beginTunnel() {
        part = Part.TUNNEL;
    }

    void becomeTunnel() {
        if (part != Part.SWITCHED) {
            throw new IllegalStateException("only a 101 makes a tunnel");
        }
        part = Part.TUNNEL;
    }

    /** Whether the end of input here is the answer's end in order. */
    boolean endsWithInput() {
        return part == Part.BODY_UNTIL_CLOSE || part == Part.TUNNEL;
    }

    /** Ends it where {@link #endsWithInput()}. */
    void inputEnded() {
        part = Part.ENDED;
    }

    /** What comes next. May be asked with no bytes, for an end that needs none. */
    Event next(DirectBuffer source, int offset, int length) {
        consumed = 0;
        return switch (part) {
            case HEAD -> nextOfHead(source, offset, length);
            case BODY_LENGTH -> lengthLeft == 0 ? end() : run(offset, (int) Math.min(length, lengthLeft));
            case BODY_CHUNKED -> nextOfChunks(source, offset, length);
            case BODY_UNTIL_CLOSE, TUNNEL -> run(offset, length);
            case SWITCHED -> Event.NEEDS_MORE;
            case ENDED -> Event.END;
        };
    }

    private Event nextOfHead(DirectBuffer source, int offset, int length) {
        if (length == 0) {
            return Event.NEEDS_MORE;
        }
        hasBegun = true;
        consumed = parser.feed(source, offset, length, head);
        return switch (parser.state()) {
            case NEEDS_MORE -> Event.NEEDS_MORE;
            case REFUSED -> broken(parser.reason());
            case COMPLETE -> headComplete();
        };
    }

    private Event headComplete() {
        if (head.isInformational()) {
            if (++informationalHeads > INFORMATIONAL_MAX) {
                return broken(Reason.UPSTREAM_PROTOCOL);
            }
            // The head stays as it is until the next one's first byte.
            parser.reset(method, isUpgradeSent);
            return Event.INFORMATIONAL;
        }
        part = head.isUpgrade()
                ? Part.SWITCHED
                : switch (head.bodyKind()) {
                    case NONE -> Part.ENDED;
                    case LENGTH -> head.contentLength() == 0 ? Part.ENDED : Part.BODY_LENGTH;
                    case CHUNKED -> Part.BODY_CHUNKED;
                    case UNTIL_CLOSE -> Part.BODY_UNTIL_CLOSE;
                };
        lengthLeft = head.contentLength();
        chunks.reset();
        peerIdleTimeoutNs = KeepAliveHint.idleTimeoutNs(head.fields());
        return Event.HEAD;
    }

    private Event nextOfChunks(DirectBuffer source, int offset, int length) {
        int taken = length == 0 ? 0 : chunks.next(source, offset, length);
        int payload = chunks.payloadLength();
        if (length > 0 && payload > 0) {
            consumed = taken - payload;
            return run(chunks.payloadOffset(), payload);
        }
        consumed = taken;
        return switch (chunks.state()) {
            case NEEDS_MORE -> Event.NEEDS_MORE;
            case COMPLETE -> end();
            case REFUSED -> broken(chunks.reason());
        };
    }

    private Event run(int offset, int length) {
        if (length == 0) {
            return Event.NEEDS_MORE;
        }
        runOffset = offset;
        runLength = length;
        return Event.BODY;
    }

    private Event end() {
        part = Part.ENDED;
        return Event.END;
    }

    private Event broken(Reason reason) {
        brokenReason = reason;
        return Event.BROKEN;
    }
}
