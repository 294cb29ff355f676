package io.penstock.upstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.HeadLimits;
import io.penstock.http.Http2ResponseRules;
import io.penstock.http.Http2TrailerRules;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameReader;
import io.penstock.http2.FrameType;
import io.penstock.http2.HeaderSink;
import io.penstock.http2.HpackDecoder;
import io.penstock.http2.PeerBudget;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Received;
import org.jspecify.annotations.Nullable;

/**
 * The frames that an endpoint sends, and what they mean for the connection and its streams. Held to the same bounds as those
 * of clients: an endpoint is believed no more.
 */
@WorkerConfined
final class Http2UpstreamFrames {
    private static final int CONTINUATIONS_MAX = 16;
    private static final int PRIORITY_BYTES = 5;
    private static final HeaderSink NOBODY = (nameOffset, nameLength, valueOffset, valueLength) -> {};

    private final Http2UpstreamConnection connection;
    private final Http2UpstreamAllowance allowance;
    private final Http2UpstreamWork work;
    private final FrameReader frame;
    private final HpackDecoder decoder = new HpackDecoder();
    private final HeaderSink responseSink;
    private final HeaderSink trailerSink;

    /** Made with the first block that comes in several frames. */
    private @Nullable ByteBuilder gathered;

    private int streamId;
    private int continuations;
    private int contentBytes;
    private boolean hasSettings;
    private boolean isHeadOpen;
    private boolean endsStream;

    Http2UpstreamFrames(Http2UpstreamConnection connection, Http2UpstreamWork work, FrameReader frame) {
        this.connection = connection;
        this.allowance = connection.allowance();
        this.work = work;
        this.frame = frame;
        this.responseSink = work.responseRules()::field;
        this.trailerSink = work.trailerRules()::field;
    }

    /** Takes all bytes. @return how many they are */
    int take(Received bytes) {
        int taken = 0;
        while (connection.isReading()) {
            taken += frame.read(bytes.buffer(), bytes.offset() + taken, bytes.length() - taken);
            switch (frame.event()) {
                case NEEDS_MORE -> {
                    return taken;
                }
                case REFUSED -> connection.error(frame.problem());
                case HEADER -> begins();
                case DATA -> data(bytes);
                case PAYLOAD -> payload();
            }
        }
        return bytes.length();
    }

    private void begins() {
        int type = frame.type();
        boolean isExpected = !hasSettings
                ? type == FrameType.SETTINGS && !frame.has(FrameType.ACK)
                : isHeadOpen
                        ? type == FrameType.CONTINUATION && frame.streamId() == streamId
                        : type != FrameType.CONTINUATION;
        if (!isExpected) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
        } else if (type == FrameType.DATA) {
            dataBegins();
        }
    }

    // ---- DATA ----

    private void dataBegins() {
        contentBytes = 0;
        int id = frame.streamId();
        if (connection.streams().isUnused(id)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
        } else if (!allowance.announce(frame.length())) {
            connection.error(ErrorCode.FLOW_CONTROL_ERROR);
        } else {
            Http2UpstreamStream stream = connection.streams().get(id);
            if (stream != null && !stream.answer().announce(frame.length())) {
                connection.error(ErrorCode.FLOW_CONTROL_ERROR);
            }
        }
    }

    private void data(Received bytes) {
        int length = frame.payloadLength();
        contentBytes += length;
        Http2UpstreamStream stream = connection.streams().get(frame.streamId());
        if (length > 0) {
            if (stream == null) {
                // What we have reset may still be on its way.
                allowance.taken(length);
            } else {
                stream.answer().data(bytes, frame.payloadOffset(), length);
            }
        }
        if (!frame.isFrameEnd() || !connection.isReading()) {
            return;
        }
        if (contentBytes == 0 && !frame.has(FrameType.END_STREAM) && !allowance.spend(PeerBudget.EMPTY_FRAME)) {
            return;
        }
        int padding = frame.length() - contentBytes;
        stream = connection.streams().get(frame.streamId());
        if (stream == null) {
            allowance.taken(padding);
            return;
        }
        if (padding > 0) {
            allowance.taken(padding);
            stream.answer().credit(padding);
        }
        if (frame.has(FrameType.END_STREAM)) {
            stream.answer().ended();
        }
    }

    // ---- the others ----

    private void payload() {
        switch (frame.type()) {
            case FrameType.HEADERS -> headers();
            case FrameType.CONTINUATION -> continuation();
            case FrameType.SETTINGS -> settings();
            case FrameType.RST_STREAM -> reset();
            case FrameType.PUSH_PROMISE -> connection.error(ErrorCode.PROTOCOL_ERROR);
            case FrameType.PING -> ping();
            case FrameType.GOAWAY -> connection.goAway(frame.int31(0));
            case FrameType.WINDOW_UPDATE -> windowUpdate();
            case FrameType.PRIORITY -> allowance.spend(PeerBudget.PRIORITY);
            default -> allowance.spend(PeerBudget.UNKNOWN_FRAME);
        }
    }

    private void settings() {
        hasSettings = true;
        if (frame.has(FrameType.ACK) || !allowance.spend(PeerBudget.SETTINGS)) {
            return;
        }
        int before = connection.peerWindowBytes();
        ErrorCode problem = connection.peer().take(frame);
        int change = connection.peerWindowBytes() - before;
        boolean isWithin = true;
        if (change != 0) {
            for (Http2UpstreamStream stream : connection.streams().numbered()) {
                isWithin &= stream.request().windowChanged(change);
            }
        }
        if (problem != ErrorCode.NO_ERROR || !isWithin) {
            connection.error(isWithin ? problem : ErrorCode.FLOW_CONTROL_ERROR);
        } else {
            connection.settingsTaken();
        }
    }

    private void reset() {
        int id = frame.streamId();
        if (connection.streams().isUnused(id)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        Http2UpstreamStream stream = connection.streams().get(id);
        if (stream != null) {
            stream.wasReset(ErrorCode.of(frame.int32(0)));
        } else {
            allowance.wasResetLate();
        }
    }

    private void ping() {
        if (!frame.has(FrameType.ACK) && allowance.spend(PeerBudget.PING)) {
            long opaque = (long) frame.int32(0) << 32 | (frame.int32(4) & 0xffff_ffffL);
            connection.sender().ping(opaque, true);
        }
    }

    private void windowUpdate() {
        int id = frame.streamId();
        int bytes = frame.int31(0);
        Http2UpstreamStream stream = id == 0 ? null : connection.streams().get(id);
        boolean isWithin = bytes > 0
                && (id == 0
                        ? connection.sender().opened(bytes)
                        : stream == null
                                ? !connection.streams().isUnused(id)
                                : stream.request().windowChanged(bytes));
        if (!isWithin) {
            connection.error(bytes > 0 ? ErrorCode.FLOW_CONTROL_ERROR : ErrorCode.PROTOCOL_ERROR);
        } else if (allowance.spendUpdate()) {
            connection.sender().pump();
        }
    }

    // ---- heads ----

    private void headers() {
        int from = frame.has(FrameType.PADDED) ? 1 : 0;
        int padding = from == 0 ? 0 : frame.payload().getByte(frame.payloadOffset()) & 0xff;
        from += frame.has(FrameType.PRIORITISED) ? PRIORITY_BYTES : 0;
        int length = frame.payloadLength() - from - padding;
        streamId = frame.streamId();
        endsStream = frame.has(FrameType.END_STREAM);
        if (length < 0 || connection.streams().isUnused(streamId)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
        } else if (frame.has(FrameType.END_HEADERS)) {
            ByteBuilder block = work.block();
            block.append(frame.payload(), frame.payloadOffset() + from, length);
            whole(block);
        } else {
            ByteBuilder parts = gathered == null ? new ByteBuilder(1024) : gathered;
            gathered = parts;
            parts.clear();
            parts.append(frame.payload(), frame.payloadOffset() + from, length);
            isHeadOpen = true;
            continuations = 0;
        }
    }

    private void continuation() {
        ByteBuilder parts = gathered;
        if (parts == null) {
            throw new IllegalStateException("no block is open");
        }
        if (++continuations > CONTINUATIONS_MAX
                || parts.length() + frame.payloadLength() > HeadLimits.DEFAULT.headBytes()) {
            connection.error(ErrorCode.ENHANCE_YOUR_CALM);
            return;
        }
        parts.append(frame.payload(), frame.payloadOffset(), frame.payloadLength());
        if (frame.has(FrameType.END_HEADERS)) {
            isHeadOpen = false;
            whole(parts);
            parts.clear();
        }
    }

    private void whole(ByteBuilder block) {
        Http2UpstreamStream stream = connection.streams().get(streamId);
        if (stream == null) {
            decode(block, work.unwanted(), NOBODY);
        } else if (stream.answer().hasHead()) {
            trailers(stream, block);
        } else {
            response(stream, block);
        }
    }

    private boolean decode(ByteBuilder block, ByteBuilder into, HeaderSink sink) {
        int bytesMax = HeadLimits.DEFAULT.headBytes();
        if (decoder.decode(block.array(), 0, block.length(), into, bytesMax, sink)) {
            return true;
        }
        connection.error(decoder.isBomb() ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.COMPRESSION_ERROR);
        return false;
    }

    private void response(Http2UpstreamStream stream, ByteBuilder block) {
        Http2ResponseRules rules = work.responseRules();
        rules.begin(stream.answer().head(), HeadLimits.DEFAULT);
        if (!decode(block, rules.region(), responseSink)) {
            return;
        }
        if (decoder.isTooLarge()) {
            rules.tooLarge();
        }
        if (rules.finish(stream.method(), !endsStream)) {
            stream.answer().headArrived(endsStream);
        } else {
            stream.broken(rules.reason());
        }
    }

    private void trailers(Http2UpstreamStream stream, ByteBuilder block) {
        Http2TrailerRules rules = work.trailerRules();
        rules.begin(stream.answer().trailers());
        if (!decode(block, rules.region(), trailerSink)) {
            return;
        }
        if (!endsStream || rules.isRefused() || decoder.isTooLarge()) {
            stream.broken(Reason.UPSTREAM_PROTOCOL);
        } else {
            stream.answer().ended();
        }
    }
}
