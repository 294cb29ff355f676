package io.penstock.downstream;

import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameReader;
import io.penstock.http2.FrameType;
import io.penstock.http2.PeerSettings;
import io.penstock.http2.Preface;
import io.penstock.http2.ReceiveWindow;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.Received;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client sends over an HTTP/2 connection: takes it apart, and judges of each frame whether it may come now. Header blocks are
 * then the {@link Http2Heads}', other frames the {@link Http2Frames}'.
 */
@WorkerConfined
final class Http2Input {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Input.class);

    /** What the client may send on all streams together before any of it was taken. */
    static final int WINDOW_BYTES = 1024 * 1024;

    /** What a frame that asks for an answer waits for: our output below this. */
    private static final int PENDING_BYTES_MAX = 2 * Channel.HIGH_WATER_BYTES;

    /** What has to come next. */
    private enum Stage {
        PREFACE,
        SETTINGS,
        FRAMES
    }

    private final Http2Connection connection;
    private final Channel channel;
    private final Http2Streams streams;
    private final PeerSettings peerSettings;
    private final Preface preface;
    private final FrameReader reader = new FrameReader();
    private final ReceiveWindow window = new ReceiveWindow(WINDOW_BYTES, WINDOW_BYTES / 4);
    private final Http2Heads heads;
    private final Http2Frames frames;
    private Stage stage = Stage.PREFACE;
    private boolean isPaused;

    /** @param prefaceSeen octets of the preface that were read already */
    Http2Input(
            Http2Connection connection,
            DownstreamContext context,
            Channel channel,
            Http2Streams streams,
            PeerSettings peerSettings,
            int prefaceSeen) {
        this.connection = connection;
        this.channel = channel;
        this.streams = streams;
        this.peerSettings = peerSettings;
        this.preface = new Preface(prefaceSeen);
        this.heads = new Http2Heads(connection, context, streams);
        this.frames = new Http2Frames(connection, context, streams, reader);
    }

    /** Whether the client has said all that stands before its first request. */
    boolean isStarted() {
        return stage == Stage.FRAMES;
    }

    /** Whether a head or a frame has begun and is not here as a whole. */
    boolean isUnfinished() {
        return heads.isOpen() || !reader.isBetweenFrames();
    }

    /** Takes bytes from a place on. @return the place up to which they were taken */
    int take(Received bytes, int from) {
        int taken = from;
        while (taken <= bytes.length()) {
            if (connection.isEnding()) {
                return bytes.length();
            }
            if (stage == Stage.PREFACE) {
                taken += preface.take(bytes.buffer(), bytes.offset() + taken, bytes.length() - taken);
                if (preface.isRefused()) {
                    connection.error(ErrorCode.PROTOCOL_ERROR);
                } else if (preface.isComplete()) {
                    stage = Stage.SETTINGS;
                } else {
                    return taken;
                }
                continue;
            }
            if (mustWait()) {
                isPaused = true;
                return taken;
            }
            taken += reader.read(bytes.buffer(), bytes.offset() + taken, bytes.length() - taken);
            if (reader.event() == FrameReader.Event.NEEDS_MORE) {
                return taken;
            }
            handle(bytes);
        }
        return taken;
    }

    // A client that asks for answers and does not read them waits here, not in our memory.
    private boolean mustWait() {
        if (!reader.isBeforePayload() || reader.length() == 0 || channel.pendingBytes() < PENDING_BYTES_MAX) {
            return false;
        }
        boolean asks = reader.type() == FrameType.HEADERS
                || reader.type() == FrameType.PING
                || reader.type() == FrameType.SETTINGS;
        // Asked for the sake of being told when there is room again.
        return asks && !channel.isSendable();
    }

    private void handle(Received bytes) {
        try {
            switch (reader.event()) {
                case REFUSED -> connection.error(reader.problem());
                case HEADER -> begins();
                case DATA -> frames.data(bytes);
                case PAYLOAD -> frame();
                case NEEDS_MORE -> {}
            }
        } catch (RuntimeException defect) {
            LOG.error("a defect while a frame was read; its stream ends, the worker goes on", defect);
            failed();
        }
    }

    private void failed() {
        Http2Stream stream = streams.get(reader.streamId());
        if (connection.isInExchange() && stream != null && stream.hasExchange()) {
            connection.isInExchange(false);
            stream.exchange().defect();
        } else {
            connection.defect();
        }
    }

    // What can be judged of a frame by its header alone: whether it may come now.
    private void begins() {
        int type = reader.type();
        boolean isExpected = stage == Stage.SETTINGS
                ? type == FrameType.SETTINGS && !reader.has(FrameType.ACK)
                : heads.isOpen()
                        ? type == FrameType.CONTINUATION && reader.streamId() == heads.streamId()
                        : type != FrameType.CONTINUATION;
        if (!isExpected) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
        } else if (type == FrameType.DATA) {
            if (window.announce(reader.length())) {
                frames.dataBegins();
            } else {
                connection.error(ErrorCode.FLOW_CONTROL_ERROR);
            }
        } else if (type == FrameType.HEADERS) {
            connection.headIncomplete();
        }
    }

    private void frame() {
        switch (reader.type()) {
            case FrameType.HEADERS -> heads.headers(reader);
            case FrameType.CONTINUATION -> heads.continuation(reader);
            case FrameType.SETTINGS -> {
                frames.settings(peerSettings);
                if (stage == Stage.SETTINGS) {
                    stage = Stage.FRAMES;
                }
            }
            default -> frames.other();
        }
    }

    /** There is room for output: goes on if that was waited for. */
    void resume() {
        if (isPaused) {
            isPaused = false;
            channel.receive(true);
        }
    }

    /** Nothing more will come. */
    void ended() {
        frames.inputEnded();
    }

    /** Body was taken, of whatever stream. @return by how much the client's window is to be opened, 0 for not yet */
    int take(int bytes) {
        return window.take(bytes);
    }
}
