package io.penstock.downstream;

import io.penstock.http.ChunkedDecoder;
import io.penstock.http.Fields;
import io.penstock.http.ParseState;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** Where the body of the present request ends (RFC 9112 section 6.3), and its bytes without framing. */
@WorkerConfined
final class RequestBody {
    private enum Framing {
        NONE,
        LENGTH,
        CHUNKED,
        UNKNOWN
    }

    // Made with the first chunked body of a connection: most never have one.
    private @Nullable ChunkedDecoder chunks;
    private final Fields noTrailers;
    private Framing framing = Framing.NONE;
    private long remaining;
    private int payloadOffset;
    private int payloadLength;

    /**
     * A body to come.
     *
     * @param noTrailers an empty section, what a body without trailers ends with
     */
    RequestBody(Fields noTrailers) {
        this.noTrailers = noTrailers;
    }

    void begin(RequestHead head) {
        if (head.isChunked()) {
            framing = Framing.CHUNKED;
            if (chunks == null) {
                chunks = ChunkedDecoder.ofRequests();
            }
            chunks.reset();
        } else {
            remaining = Math.max(0, head.contentLength());
            framing = remaining > 0 ? Framing.LENGTH : Framing.NONE;
        }
    }

    /** Where the body ends cannot be known any more. */
    void unknown() {
        framing = Framing.UNKNOWN;
    }

    /** Takes bytes in, up to the end of a run of payload or of the body. @return how many were taken */
    int next(DirectBuffer buffer, int offset, int length) {
        if (framing == Framing.CHUNKED) {
            ChunkedDecoder decoder = decoder();
            int consumed = decoder.next(buffer, offset, length);
            payloadOffset = decoder.payloadOffset();
            payloadLength = decoder.payloadLength();
            return consumed;
        }
        payloadOffset = offset;
        payloadLength = framing == Framing.UNKNOWN ? 0 : (int) Math.min(remaining, length);
        remaining -= payloadLength;
        return framing == Framing.UNKNOWN ? length : payloadLength;
    }

    int payloadOffset() {
        return payloadOffset;
    }

    int payloadLength() {
        return payloadLength;
    }

    boolean isComplete() {
        return switch (framing) {
            case NONE -> true;
            case LENGTH -> remaining == 0;
            case CHUNKED -> decoder().state() == ParseState.COMPLETE;
            case UNKNOWN -> false;
        };
    }

    boolean isRefused() {
        return framing == Framing.CHUNKED && decoder().state() == ParseState.REFUSED;
    }

    Reason refusal() {
        return decoder().reason();
    }

    String refusalDetail() {
        return decoder().detail();
    }

    Fields trailers() {
        return framing == Framing.CHUNKED ? decoder().trailers() : noTrailers;
    }

    private ChunkedDecoder decoder() {
        ChunkedDecoder decoder = chunks;
        if (decoder == null) {
            throw new IllegalStateException("the body is not chunked");
        }
        return decoder;
    }
}
