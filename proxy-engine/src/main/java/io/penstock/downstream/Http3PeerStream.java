package io.penstock.downstream;

import io.penstock.http2.PeerBudget;
import io.penstock.http3.ControlFrames;
import io.penstock.http3.FrameReader;
import io.penstock.http3.FrameTypes;
import io.penstock.http3.Http3Error;
import io.penstock.http3.NumberReader;
import io.penstock.http3.TableTalk;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.quic.QuicStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream on which only the client sends, RFC 9114 section 6.2: its control stream, those of field compression, which have
 * nothing to say to one that keeps no table, and kinds that nobody knows.
 */
@WorkerConfined
final class Http3PeerStream implements ChannelHandler {
    /** What a control frame may hold: the settings that exist, and some that nobody knows. */
    private static final int CONTROL_BYTES_MAX = 4096;

    private enum Kind {
        UNKNOWN,
        CONTROL,
        ENCODER,
        DECODER,
        DROPPED
    }

    private final Http3Connection connection;
    private final QuicStream stream;
    private final NumberReader number = new NumberReader();
    private final FrameReader frames = new FrameReader();
    private final ControlFrames control = new ControlFrames();
    private final TableTalk tables = new TableTalk();
    private Kind kind = Kind.UNKNOWN;
    private boolean hasSettings;

    Http3PeerStream(Http3Connection connection, QuicStream stream) {
        this.connection = connection;
        this.stream = stream;
    }

    @Override
    public void opened(Channel channel) {
        channel.receive(true);
    }

    @Override
    public int received(Channel channel, Received bytes) {
        int taken = 0;
        while (taken < bytes.length() && kind == Kind.UNKNOWN) {
            if (number.take(bytes.buffer().getByte(bytes.offset() + taken++))) {
                begins(number.value());
            }
        }
        while (taken < bytes.length() && kind == Kind.CONTROL) {
            taken += control(bytes, taken);
        }
        for (; taken < bytes.length() && kind == Kind.ENCODER; taken++) {
            if (!TableTalk.isEncoders(bytes.buffer().getByte(bytes.offset() + taken))) {
                fault(Http3Error.QPACK_ENCODER_STREAM_ERROR);
            }
        }
        for (; taken < bytes.length() && kind == Kind.DECODER; taken++) {
            if (!tables.isDecoders(bytes.buffer().getByte(bytes.offset() + taken))) {
                fault(Http3Error.QPACK_DECODER_STREAM_ERROR);
            }
        }
        return bytes.length();
    }

    private void begins(long type) {
        if (type == FrameTypes.CONTROL_STREAM) {
            only(Kind.CONTROL, type);
        } else if (type == FrameTypes.PUSH_STREAM) {
            // RFC 9114 section 6.2.2: no client pushes.
            fault(Http3Error.STREAM_CREATION_ERROR);
        } else if (type == FrameTypes.ENCODER_STREAM) {
            only(Kind.ENCODER, type);
        } else if (type == FrameTypes.DECODER_STREAM) {
            only(Kind.DECODER, type);
        } else {
            kind = Kind.DROPPED;
            if (connection.spend(PeerBudget.UNKNOWN_FRAME)) {
                stream.stopReceiving(Http3Error.STREAM_CREATION_ERROR.code());
            }
        }
    }

    // RFC 9114 section 6.2.1, RFC 9204 section 4.2: of these there is one each.
    private void only(Kind found, long type) {
        kind = found;
        if (!connection.isFirstOf(type)) {
            fault(Http3Error.STREAM_CREATION_ERROR);
        }
    }

    private int control(Received bytes, int from) {
        if (frames.isBetween()) {
            int taken = frames.begin(bytes.buffer(), bytes.offset() + from, bytes.length() - from);
            if (!frames.isBetween()) {
                frameBegins();
                frameMayEnd();
            }
            return taken;
        }
        int part = (int) Math.min(frames.left(), bytes.length() - from);
        for (int i = 0; i < part && kind == Kind.CONTROL; i++) {
            faultIf(control.take(bytes.buffer().getByte(bytes.offset() + from + i)));
        }
        frames.taken(part);
        frameMayEnd();
        return part;
    }

    private void frameMayEnd() {
        if (frames.left() == 0) {
            frames.end();
            if (kind == Kind.CONTROL) {
                faultIf(control.end());
            }
        }
    }

    private void frameBegins() {
        long type = frames.type();
        control.begin(type);
        boolean isSettings = type == FrameTypes.SETTINGS;
        if (!hasSettings && !isSettings) {
            fault(Http3Error.MISSING_SETTINGS);
        } else if (frames.isForbidden()
                || (isSettings && hasSettings)
                || type == FrameTypes.DATA
                || type == FrameTypes.HEADERS
                || type == FrameTypes.PUSH_PROMISE) {
            fault(Http3Error.FRAME_UNEXPECTED);
        } else if (frames.left() > CONTROL_BYTES_MAX) {
            fault(Http3Error.EXCESSIVE_LOAD);
        } else if (isSettings) {
            hasSettings = true;
        } else if (!connection.spend(PeerBudget.UNKNOWN_FRAME)) {
            kind = Kind.DROPPED;
        }
    }

    private void faultIf(@Nullable Http3Error why) {
        if (why != null) {
            fault(why);
        }
    }

    private void fault(Http3Error why) {
        kind = Kind.DROPPED;
        connection.error(why);
    }

    @Override
    public void endOfInput(Channel channel) {
        closes();
    }

    @Override
    public void sendable(Channel channel) {}

    @Override
    public void closed(Channel channel, CloseCause cause) {
        closes();
    }

    // RFC 9114 section 6.2.1, RFC 9204 section 4.2: these last as long as the connection.
    private void closes() {
        if (kind == Kind.CONTROL || kind == Kind.ENCODER || kind == Kind.DECODER) {
            kind = Kind.DROPPED;
            connection.error(Http3Error.CLOSED_CRITICAL_STREAM);
        }
    }
}
