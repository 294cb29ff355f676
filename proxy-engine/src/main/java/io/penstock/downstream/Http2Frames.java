package io.penstock.downstream;

import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameReader;
import io.penstock.http2.FrameType;
import io.penstock.http2.PeerBudget;
import io.penstock.http2.PeerSettings;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.Received;
import java.util.ArrayList;
import java.util.List;

/** What the frames of a client mean that carry no head, RFC 9113 section 6. What only costs is paid for of the budget. */
@WorkerConfined
final class Http2Frames {
    /** What tells the ping that goes with a goodbye from others. */
    static final long GOODBYE_PING = 0x676f6f6462796521L;

    private final Http2Connection connection;
    private final DownstreamContext context;
    private final Http2Streams streams;
    private final FrameReader frame;
    private int contentBytes;

    Http2Frames(Http2Connection connection, DownstreamContext context, Http2Streams streams, FrameReader frame) {
        this.connection = connection;
        this.context = context;
        this.streams = streams;
        this.frame = frame;
    }

    // ---- DATA ----

    /** The header of a DATA frame is here; the connection's window has room for it. */
    void dataBegins() {
        contentBytes = 0;
        int id = frame.streamId();
        if (streams.isIdle(id)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            if (streams.wasResetByUs(id)) {
                spend(PeerBudget.LATE_FRAME);
            } else {
                connection.streamError(id, ErrorCode.STREAM_CLOSED);
            }
        } else if (stream.request().isEndHere()) {
            connection.streamError(id, ErrorCode.STREAM_CLOSED);
        } else if (!stream.request().announce(frame.length())) {
            connection.streamError(id, ErrorCode.FLOW_CONTROL_ERROR);
        }
    }

    /** A piece of a DATA frame is here. */
    void data(Received bytes) {
        int length = frame.payloadLength();
        contentBytes += length;
        Http2Stream stream = streams.get(frame.streamId());
        if (length > 0) {
            if (stream == null || !stream.wantsInput()) {
                connection.taken(length);
            } else if (!stream.request().fits(length)) {
                connection.taken(length);
                connection.refuse(
                        stream, Reason.BAD_FRAMING, "The stream has more data than the declared Content-Length.", true);
            } else {
                connection.isInExchange(true);
                stream.request().take(bytes, frame.payloadOffset(), length);
                connection.isInExchange(false);
            }
        }
        if (frame.isFrameEnd()) {
            dataEnds();
        }
    }

    private void dataEnds() {
        if (contentBytes == 0 && !frame.has(FrameType.END_STREAM) && !spend(PeerBudget.EMPTY_FRAME)) {
            return;
        }
        Http2Stream stream = streams.get(frame.streamId());
        int padding = frame.length() - contentBytes;
        connection.taken(padding);
        if (stream == null) {
            return;
        }
        if (padding > 0) {
            stream.request().padding(padding);
        }
        if (frame.has(FrameType.END_STREAM)) {
            connection.bodyEnds(stream);
        }
    }

    // ---- the others ----

    /** A SETTINGS frame is here. */
    void settings(PeerSettings peer) {
        if (frame.has(FrameType.ACK)) {
            return;
        }
        if (!connection.spend(PeerBudget.SETTINGS)) {
            connection.misbehaved();
            return;
        }
        int before = peer.windowBytes();
        ErrorCode problem = peer.take(frame);
        int change = peer.windowBytes() - before;
        boolean isWithin = true;
        if (change != 0) {
            for (Http2Stream stream : streams.all()) {
                isWithin &= stream.response().windowChanged(change);
            }
        }
        if (problem != ErrorCode.NO_ERROR || !isWithin) {
            connection.error(isWithin ? problem : ErrorCode.FLOW_CONTROL_ERROR);
            return;
        }
        connection.sender().settingsTaken();
        connection.sender().pump();
    }

    /** Any other frame is here. */
    void other() {
        switch (frame.type()) {
            case FrameType.PRIORITY -> priority();
            case FrameType.RST_STREAM -> reset();
            case FrameType.PUSH_PROMISE -> connection.error(ErrorCode.PROTOCOL_ERROR);
            case FrameType.PING -> ping();
            case FrameType.GOAWAY -> {
                // The client will take no streams that we begin, and we begin none.
            }
            case FrameType.WINDOW_UPDATE -> windowUpdate();
            default -> spend(PeerBudget.UNKNOWN_FRAME);
        }
    }

    private boolean spend(int points) {
        if (connection.spend(points)) {
            return true;
        }
        connection.misbehaved();
        return false;
    }

    private boolean spendUpdate() {
        if (connection.spendUpdate()) {
            return true;
        }
        connection.misbehaved();
        return false;
    }

    private void priority() {
        int id = frame.streamId();
        if (frame.payloadLength() != 5) {
            streamError(id, ErrorCode.FRAME_SIZE_ERROR);
        } else if (frame.int31(0) == id) {
            streamError(id, ErrorCode.PROTOCOL_ERROR);
        } else {
            spend(PeerBudget.PRIORITY);
        }
    }

    // A stream that was never begun cannot be reset.
    private void streamError(int id, ErrorCode why) {
        if (streams.isIdle(id)) {
            connection.error(why);
        } else {
            connection.streamError(id, why);
        }
    }

    private void reset() {
        int id = frame.streamId();
        if (streams.isIdle(id)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        Http2Stream stream = streams.get(id);
        if (stream == null) {
            spend(PeerBudget.LATE_FRAME);
            return;
        }
        context.counters().add(Counter.HTTP2_STREAMS_RESET);
        int cost = PeerBudget.reset(stream.request().takenInAll());
        connection.isInExchange(true);
        stream.gone(Reason.CLIENT_CLOSED, null);
        connection.isInExchange(false);
        spend(cost);
    }

    private void ping() {
        long opaque = (long) frame.int32(0) << 32 | (frame.int32(4) & 0xffff_ffffL);
        if (frame.has(FrameType.ACK)) {
            if (opaque == GOODBYE_PING) {
                connection.goodbyeHeard();
            }
        } else if (spend(PeerBudget.PING)) {
            connection.sender().ping(opaque, true);
        }
    }

    private void windowUpdate() {
        int id = frame.streamId();
        int bytes = frame.int31(0);
        if (id == 0) {
            if (bytes == 0) {
                connection.error(ErrorCode.PROTOCOL_ERROR);
            } else if (!connection.sender().opened(bytes)) {
                connection.error(ErrorCode.FLOW_CONTROL_ERROR);
            } else if (spendUpdate()) {
                connection.sender().pump();
            }
            return;
        }
        if (streams.isIdle(id)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        if (bytes == 0) {
            connection.streamError(id, ErrorCode.PROTOCOL_ERROR);
            return;
        }
        Http2Stream stream = streams.get(id);
        if (stream != null && !stream.response().windowChanged(bytes)) {
            connection.streamError(id, ErrorCode.FLOW_CONTROL_ERROR);
        } else if (spendUpdate()) {
            connection.sender().pump();
        }
    }

    /** The client sends no more: what it has not sent as a whole can never be complete. */
    void inputEnded() {
        List<Http2Stream> broken = new ArrayList<>();
        for (Http2Stream stream : streams.all()) {
            if (!stream.request().isEndHere()) {
                broken.add(stream);
            }
        }
        for (Http2Stream stream : broken) {
            if (stream.id() != 0) {
                stream.gone(Reason.CLIENT_CLOSED, null);
            }
        }
    }
}
