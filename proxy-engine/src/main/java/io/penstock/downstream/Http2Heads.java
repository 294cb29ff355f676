package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.HeadLimits;
import io.penstock.http.Http2RequestRules;
import io.penstock.http.Http2TrailerRules;
import io.penstock.http.RequestHead;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameReader;
import io.penstock.http2.FrameType;
import io.penstock.http2.HeaderSink;
import io.penstock.http2.HpackDecoder;
import io.penstock.http2.PeerBudget;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import org.jspecify.annotations.Nullable;

/**
 * The header blocks of one connection: gathered from HEADERS and CONTINUATION, decoded in order, each for the stream that it
 * begins or ends. A block is bounded in octets and frames while it is gathered, and its fields while they are decoded.
 */
@WorkerConfined
final class Http2Heads {
    /** CONTINUATION frames that a block may have: its octets fit into a few, and more only cost. */
    private static final int CONTINUATIONS_MAX = 16;

    private static final int PRIORITY_BYTES = 5;
    private static final HeaderSink NOBODY = (nameOffset, nameLength, valueOffset, valueLength) -> {};

    private final Http2Connection connection;
    private final DownstreamContext context;
    private final Http2Streams streams;
    private final HpackDecoder decoder = new HpackDecoder();
    private final HeaderSink requestSink;
    private final HeaderSink trailerSink;

    /** Made with the first block that comes in several frames. */
    private @Nullable ByteBuilder gathered;

    private int streamId;
    private boolean isOpen;
    private boolean endsStream;
    private int continuations;

    Http2Heads(Http2Connection connection, DownstreamContext context, Http2Streams streams) {
        this.connection = connection;
        this.context = context;
        this.streams = streams;
        this.requestSink = context.http2().requestRules()::field;
        this.trailerSink = context.http2().trailerRules()::field;
    }

    /** Whether a block has begun and is not whole. */
    boolean isOpen() {
        return isOpen;
    }

    /** Which stream the open block is for. */
    int streamId() {
        return streamId;
    }

    /** A HEADERS frame is here. */
    void headers(FrameReader frame) {
        int from = frame.has(FrameType.PADDED) ? 1 : 0;
        int padding = from == 0 ? 0 : frame.payload().getByte(frame.payloadOffset()) & 0xff;
        streamId = frame.streamId();
        endsStream = frame.has(FrameType.END_STREAM);
        boolean dependsOnItself = false;
        if (frame.has(FrameType.PRIORITISED)) {
            dependsOnItself = frame.int31(from) == streamId;
            from += PRIORITY_BYTES;
        }
        int length = frame.payloadLength() - from - padding;
        if (length < 0 || (streamId & 1) == 0) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        if (frame.has(FrameType.END_HEADERS)) {
            ByteBuilder block = context.http2().block();
            block.append(frame.payload(), frame.payloadOffset() + from, length);
            whole(block, dependsOnItself);
            return;
        }
        ByteBuilder parts = gathered == null ? new ByteBuilder(1024) : gathered;
        gathered = parts;
        parts.clear();
        parts.append(frame.payload(), frame.payloadOffset() + from, length);
        isOpen = true;
        continuations = 0;
    }

    /** A CONTINUATION frame of the open block is here. */
    void continuation(FrameReader frame) {
        ByteBuilder parts = gathered;
        if (parts == null) {
            throw new IllegalStateException("no block is open");
        }
        int bytesMax = connection.current().headLimits().headBytes();
        boolean isEmpty = frame.payloadLength() == 0;
        if (++continuations > CONTINUATIONS_MAX
                || parts.length() + frame.payloadLength() > bytesMax
                || (isEmpty && !connection.spend(PeerBudget.EMPTY_FRAME))) {
            connection.misbehaved();
            return;
        }
        parts.append(frame.payload(), frame.payloadOffset(), frame.payloadLength());
        if (frame.has(FrameType.END_HEADERS)) {
            isOpen = false;
            whole(parts, false);
            parts.clear();
        }
    }

    private void whole(ByteBuilder block, boolean dependsOnItself) {
        // Whatever becomes of it: nobody waits for the rest of it any more.
        connection.headComplete();
        Http2Stream stream = streams.get(streamId);
        if (stream != null) {
            trailers(stream, block);
            return;
        }
        if (streamId <= streams.lastId()) {
            late(block);
            return;
        }
        streams.used(streamId);
        if (dependsOnItself) {
            // RFC 7540 section 5.3.1; its successor has no dependencies, and whoever sends one is held to the old rule.
            if (skip(block)) {
                connection.streamError(streamId, ErrorCode.PROTOCOL_ERROR);
            }
        } else if (connection.refusesStreams() || streams.count() >= Http2Streams.OPEN_MAX) {
            if (skip(block)) {
                context.counters().add(Counter.HTTP2_STREAMS_REFUSED);
                connection.refused(streamId);
            }
        } else {
            request(block);
        }
    }

    // For a stream that has ended: what we reset may not be known to the client yet, and one that ended so long ago
    // that it is forgotten may be one of those; all else is an error.
    private void late(ByteBuilder block) {
        boolean wasEnded = streams.wasEnded(streamId);
        if (streams.wasResetByUs(streamId) || (!wasEnded && streams.mayBeForgotten())) {
            if (skip(block) && !connection.spend(PeerBudget.LATE_FRAME)) {
                connection.misbehaved();
            }
        } else {
            connection.error(wasEnded ? ErrorCode.STREAM_CLOSED : ErrorCode.PROTOCOL_ERROR);
        }
    }

    // The table must hear of every block. Returns false where the connection had to end.
    private boolean skip(ByteBuilder block) {
        return decode(block, context.http2().unwanted(), NOBODY);
    }

    private boolean decode(ByteBuilder block, ByteBuilder into, HeaderSink sink) {
        int bytesMax = connection.current().headLimits().headBytes();
        if (decoder.decode(block.array(), 0, block.length(), into, bytesMax, sink)) {
            return true;
        }
        if (decoder.isBomb()) {
            connection.misbehaved();
        } else {
            connection.error(ErrorCode.COMPRESSION_ERROR);
        }
        return false;
    }

    private void request(ByteBuilder block) {
        ListenerRuntime listener = connection.current();
        Http2Stream stream = context.http2().takeStream(context);
        stream.begin(connection, streamId, listener);
        streams.add(stream);
        RequestHead head = stream.exchange().request();
        HeadLimits limits = listener.headLimits();
        Http2RequestRules rules = context.http2().requestRules();
        rules.begin(head, limits);
        stream.request().begin(-1, endsStream);
        if (!decode(block, rules.region(), requestSink)) {
            return;
        }
        if (decoder.isTooLarge()) {
            rules.tooLarge("The head has more than " + limits.headBytes() + " bytes.");
        }
        boolean isAcceptable = rules.finish(!endsStream);
        stream.request().begin(isAcceptable ? head.contentLength() : -1, endsStream);
        connection.serve(stream, isAcceptable);
    }

    private void trailers(Http2Stream stream, ByteBuilder block) {
        if (stream.request().isEndHere()) {
            if (skip(block)) {
                connection.streamError(streamId, ErrorCode.STREAM_CLOSED);
            }
            return;
        }
        Http2TrailerRules rules = context.http2().trailerRules();
        rules.begin(stream.request().trailers());
        if (!decode(block, rules.region(), trailerSink)) {
            return;
        }
        if (!endsStream) {
            // RFC 9113 section 8.1: a second head that is not the last of its stream.
            connection.streamError(streamId, ErrorCode.PROTOCOL_ERROR);
        } else if (decoder.isTooLarge() || rules.isRefused()) {
            boolean isTooLarge = !rules.isRefused();
            connection.refuse(
                    stream,
                    isTooLarge ? Reason.HEAD_TOO_LARGE : rules.reason(),
                    isTooLarge ? "The trailer section is too large." : rules.detail(),
                    !isTooLarge);
        } else {
            connection.bodyEnds(stream);
        }
    }
}
