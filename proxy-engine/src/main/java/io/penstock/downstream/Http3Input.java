package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.HeadLimits;
import io.penstock.http.Http2RequestRules;
import io.penstock.http.Http2TrailerRules;
import io.penstock.http.RequestHead;
import io.penstock.http2.HeaderSink;
import io.penstock.http2.PeerBudget;
import io.penstock.http3.FrameReader;
import io.penstock.http3.FrameTypes;
import io.penstock.http3.Http3Error;
import io.penstock.http3.QpackDecoder;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import io.penstock.transport.quic.QuicStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client sends on one stream: a head, a body whose length is held to what was declared, perhaps trailers (RFC 9114 section
 * 4.1). Body that is not wanted stays with QUIC, whose window bounds how much that can be.
 */
@WorkerConfined
final class Http3Input {
    private static final Logger LOG = LoggerFactory.getLogger(Http3Input.class);

    /** What a section of fields seldom exceeds. */
    private static final int SECTION_BYTES = 1024;

    private enum State {
        HEAD,
        /** The head is here; whether a body follows is not known. */
        HELD,
        BODY,
        TRAILERS,
        UNWANTED
    }

    private final Http3Stream stream;
    private final Http3Connection connection;
    private final DownstreamContext context;
    private final QuicStream channel;
    private final FrameReader frames = new FrameReader();
    private final Clock timer = new Clock();
    private final Fields trailers = new Fields();
    private @Nullable ByteBuilder section;
    private State state = State.HEAD;
    // What is missing of the declared length; -1 where none was declared.
    private long lengthLeft = -1;
    private boolean hasHead;
    private boolean isDemanded;
    private boolean isEndHere;
    private boolean isEndTold;

    Http3Input(Http3Stream stream, Http3Connection connection, DownstreamContext context, QuicStream channel) {
        this.stream = stream;
        this.connection = connection;
        this.context = context;
        this.channel = channel;
    }

    void begin() {
        timer.begin(stream.listener().headTimeoutNs());
    }

    /** Whether there was a request, if only one to be refused. */
    boolean hasHead() {
        return hasHead;
    }

    /** Whether the client has ended its side. */
    boolean isEndHere() {
        return isEndHere;
    }

    int received(Received bytes) {
        try {
            return take(bytes);
        } catch (RuntimeException defect) {
            failed(defect);
            return bytes.length();
        }
    }

    private void failed(RuntimeException defect) {
        LOG.error("a defect while a stream was read; it ends, the worker goes on", defect);
        state = State.UNWANTED;
        timer.stop();
        if (stream.hasExchange()) {
            stream.exchange().defect();
        } else {
            channel.reset(Http3Error.INTERNAL_ERROR.code());
        }
    }

    private int take(Received bytes) {
        int taken = 0;
        while (taken < bytes.length()) {
            if (state == State.UNWANTED) {
                return bytes.length();
            }
            int left = bytes.length() - taken;
            if (frames.isBetween()) {
                taken += frames.begin(bytes.buffer(), bytes.offset() + taken, left);
                if (!frames.isBetween()) {
                    frameBegins();
                }
            } else {
                int part = (int) Math.min(frames.left(), left);
                if (part > 0 && frames.type() == FrameTypes.DATA) {
                    if (state == State.HELD) {
                        // Known to have a body. It may be answered at once, and then nobody takes it.
                        release(true);
                        continue;
                    }
                    if (!isDemanded) {
                        return taken;
                    }
                }
                frames.taken(part);
                int from = taken;
                taken += part;
                payload(bytes, bytes.offset() + from, part);
            }
            if (!frames.isBetween() && frames.left() == 0 && state != State.UNWANTED) {
                frames.end();
                if (frames.type() == FrameTypes.HEADERS) {
                    sectionEnds();
                }
            }
        }
        return taken;
    }

    private void frameBegins() {
        long type = frames.type();
        if (type == FrameTypes.DATA) {
            if (state != State.HELD && state != State.BODY) {
                connection.error(Http3Error.FRAME_UNEXPECTED);
                return;
            }
            if (frames.left() == 0 && !connection.spend(PeerBudget.EMPTY_FRAME)) {
                return;
            }
            if (lengthLeft >= 0 && frames.left() > lengthLeft) {
                refuse(Reason.BAD_FRAMING, "The stream has more data than the declared Content-Length.", true);
            } else if (lengthLeft > 0) {
                lengthLeft -= frames.left();
            }
        } else if (type == FrameTypes.HEADERS) {
            if (state == State.TRAILERS) {
                connection.error(Http3Error.FRAME_UNEXPECTED);
            } else if (frames.left() > stream.listener().headLimits().headBytes()) {
                tooLarge();
            } else {
                // What is announced costs the client nothing, so that it gets memory for what comes.
                section = new ByteBuilder((int) Math.min(frames.left(), SECTION_BYTES));
            }
        } else if (frames.isForbidden()
                || type == FrameTypes.SETTINGS
                || type == FrameTypes.GOAWAY
                || type == FrameTypes.CANCEL_PUSH
                || type == FrameTypes.MAX_PUSH_ID
                || type == FrameTypes.PUSH_PROMISE) {
            connection.error(Http3Error.FRAME_UNEXPECTED);
        } else {
            // RFC 9114 section 9: what nobody knows is skipped, and costs.
            connection.spend(PeerBudget.UNKNOWN_FRAME);
        }
    }

    private void tooLarge() {
        boolean isHead = state == State.HEAD;
        if (isHead) {
            Http2RequestRules rules = context.http2().requestRules();
            rules.begin(stream.exchange().request(), stream.listener().headLimits());
        }
        refuse(
                Reason.HEAD_TOO_LARGE,
                isHead
                        ? "The head has more than "
                                + stream.listener().headLimits().headBytes() + " bytes."
                        : "The trailer section is too large.",
                false);
    }

    private void payload(Received bytes, int offset, int length) {
        if (length == 0) {
            return;
        }
        if (frames.type() == FrameTypes.HEADERS) {
            ByteBuilder gathered = section;
            if (gathered != null) {
                gathered.append(bytes.buffer(), offset, length);
            }
        } else if (frames.type() == FrameTypes.DATA) {
            timer.begin(stream.listener().bodyProgressTimeoutNs());
            stream.exchange().requestBody(bytes, offset, length);
        }
    }

    private void sectionEnds() {
        ByteBuilder gathered = section;
        section = null;
        if (gathered == null) {
            return;
        }
        if (state == State.HEAD) {
            head(gathered);
        } else {
            if (state == State.HELD) {
                release(true);
            }
            if (state == State.BODY) {
                trailers(gathered);
            }
        }
    }

    private boolean decode(ByteBuilder gathered, ByteBuilder into, HeaderSink sink) {
        QpackDecoder decoder = context.http3().decoder();
        int bytesMax = stream.listener().headLimits().headBytes();
        if (decoder.decode(gathered.array(), 0, gathered.length(), into, bytesMax, sink)) {
            return true;
        }
        connection.error(Http3Error.QPACK_DECOMPRESSION_FAILED);
        return false;
    }

    private void head(ByteBuilder gathered) {
        hasHead = true;
        RequestHead head = stream.exchange().request();
        HeadLimits limits = stream.listener().headLimits();
        Http2RequestRules rules = context.http2().requestRules();
        rules.begin(head, limits);
        if (!decode(gathered, rules.region(), context.http3().requestSink())) {
            return;
        }
        if (context.http3().decoder().isTooLarge()) {
            rules.tooLarge("The head has more than " + limits.headBytes() + " bytes.");
        }
        timer.stop();
        if (!rules.finish(true)) {
            refuse(rules.reason(), rules.detail(), rules.isMalformed());
            return;
        }
        if (head.isExtendedConnect()) {
            // RFC 9220 section 3: nobody was told that it may be asked for.
            refuse(Reason.BAD_FIELD, "The pseudo-field :protocol is not known to this server's HTTP/3.", true);
            return;
        }
        lengthLeft = head.contentLength();
        state = State.HELD;
        // The end of the stream comes with the last bytes, but is told behind them.
        context.loop().post(() -> {
            try {
                goOn();
            } catch (RuntimeException defect) {
                failed(defect);
            }
        });
    }

    // The client has sent a head and neither body nor end with it.
    private void goOn() {
        if (state == State.HELD) {
            if (lengthLeft == 0) {
                // As for HTTP/2: nothing but the end may follow, and that in time.
                timer.begin(stream.listener().bodyProgressTimeoutNs());
            } else {
                release(true);
            }
        }
    }

    private void release(boolean hasBody) {
        state = State.BODY;
        stream.headComplete(hasBody);
    }

    private void trailers(ByteBuilder gathered) {
        Http2TrailerRules rules = context.http2().trailerRules();
        rules.begin(trailers);
        if (!decode(gathered, rules.region(), context.http3().trailerSink())) {
            return;
        }
        state = State.TRAILERS;
        if (context.http3().decoder().isTooLarge() || rules.isRefused()) {
            boolean isTooLarge = !rules.isRefused();
            refuse(
                    isTooLarge ? Reason.HEAD_TOO_LARGE : rules.reason(),
                    isTooLarge ? "The trailer section is too large." : rules.detail(),
                    !isTooLarge);
        }
    }

    /** The client has ended its side. */
    void end() {
        try {
            ends();
        } catch (RuntimeException defect) {
            failed(defect);
        }
    }

    private void ends() {
        isEndHere = true;
        timer.stop();
        switch (state) {
            case HEAD -> {
                if (frames.isAtBoundary()) {
                    stream.fail(Http3Error.REQUEST_INCOMPLETE);
                } else {
                    connection.error(Http3Error.FRAME_ERROR);
                }
            }
            case HELD, BODY, TRAILERS -> bodyEnds();
            case UNWANTED -> {}
        }
    }

    private void bodyEnds() {
        if (!frames.isAtBoundary()) {
            connection.error(Http3Error.FRAME_ERROR);
        } else if (lengthLeft > 0) {
            refuse(Reason.BAD_FRAMING, "The stream ends before the declared Content-Length.", true);
        } else if (state == State.HELD) {
            isEndTold = true;
            stream.exchange().request().endsHere();
            release(false);
        } else {
            tellEnd();
        }
    }

    private void tellEnd() {
        if (isDemanded && !isEndTold && stream.hasExchange()) {
            isEndTold = true;
            stream.exchange().requestEnd(trailers);
        }
    }

    /** Whether the exchange wants body. */
    void demand(boolean wanted) {
        isDemanded = wanted;
        if (!wanted || state == State.UNWANTED) {
            timer.stop();
        } else if (isEndHere) {
            if (!isEndTold) {
                // Never inside the call that asks.
                context.loop().post(() -> {
                    if (state != State.UNWANTED) {
                        tellEnd();
                    }
                });
            }
        } else {
            timer.begin(stream.listener().bodyProgressTimeoutNs());
            channel.receive(true);
        }
    }

    private void refuse(Reason reason, String detail, boolean breaksProtocol) {
        hasHead = true;
        state = State.UNWANTED;
        timer.stop();
        stream.refuse(reason, detail, breaksProtocol);
    }

    /** The answer is on its way: what the client still sends is dropped, and it is told why it may stop. */
    void unwanted(Http3Error why) {
        state = State.UNWANTED;
        timer.stop();
        if (!isEndHere) {
            channel.stopReceiving(why.code());
        }
    }

    /** The stream is no more. */
    void drop() {
        state = State.UNWANTED;
        timer.stop();
    }

    private void timeOver() {
        if (state == State.HEAD) {
            refuse(Reason.HEAD_TIMEOUT, "the head did not arrive in time", false);
        } else if (state != State.UNWANTED) {
            refuse(Reason.BODY_TIMEOUT, "the request body made no progress in time", false);
        }
    }

    private final class Clock extends Timer {
        void begin(long delayNs) {
            context.wheel().arm(this, context.nowNs() + delayNs);
        }

        void stop() {
            context.wheel().disarm(this);
        }

        @Override
        protected void expired(long nowNs) {
            timeOver();
        }
    }
}
