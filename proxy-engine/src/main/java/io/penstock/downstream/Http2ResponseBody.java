package io.penstock.downstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.Http2Fields;
import io.penstock.http2.FrameSender;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import org.agrona.DirectBuffer;

/**
 * The body of one stream's response: what its window lets leave now, and what has to wait. While anything waits, or the
 * window is closed, the exchange is told that the stream takes no more, so that what waits is at most what the endpoint's
 * side handed over at once.
 */
@WorkerConfined
final class Http2ResponseBody implements FrameSender.Waiting {
    private static final int TURN_BYTES = 16 * 1024;

    private final Http2Stream stream;
    private final DownstreamContext context;
    private final ByteBuilder pending = new ByteBuilder(0);
    private final ProgressTimer timer = new ProgressTimer();
    private final Fields trailers = new Fields();

    private long window;
    private int pendingFrom;
    // What a declared length leaves to come, so that the last byte can end the stream; -1 where that is not known.
    private long lengthLeft;
    private boolean isEndPending;
    private boolean isEndSent;
    private boolean isInQueue;
    private boolean owesSendable;

    Http2ResponseBody(Http2Stream stream, DownstreamContext context) {
        this.stream = stream;
        this.context = context;
    }

    void begin(int windowBytes) {
        window = windowBytes;
        lengthLeft = -1;
        pendingFrom = 0;
        isEndPending = false;
        isEndSent = false;
        owesSendable = false;
    }

    /** A body of a declared length follows, and nothing behind it. */
    void length(long bytes) {
        lengthLeft = bytes;
    }

    /** The head was all. */
    void endedByHead() {
        isEndSent = true;
    }

    /** Whether all of the response has left, its end included. */
    boolean isEndSent() {
        return isEndSent;
    }

    void send(Received bytes, int offset, int length) {
        int now = now(length);
        boolean isLast = isLast(length);
        if (now > 0) {
            window -= now;
            isEndSent = isLast && now == length;
            stream.sender().data(stream.id(), bytes, offset, now, isEndSent);
        }
        keep(bytes.buffer(), offset + now, length - now, isLast);
    }

    void send(byte[] bytes, int offset, int length) {
        int now = now(length);
        boolean isLast = isLast(length);
        if (now > 0) {
            window -= now;
            isEndSent = isLast && now == length;
            stream.sender().data(stream.id(), bytes, offset, now, isEndSent);
        }
        if (now < length) {
            pending.append(bytes, offset + now, length - now);
            waits(isLast);
        }
    }

    private int now(int length) {
        return pending.length() > 0 ? 0 : stream.sender().allowed(Math.min(length, window));
    }

    private boolean isLast(int length) {
        if (lengthLeft < 0) {
            return false;
        }
        lengthLeft -= length;
        return lengthLeft == 0;
    }

    private void keep(DirectBuffer bytes, int offset, int length, boolean isLast) {
        if (length > 0) {
            pending.append(bytes, offset, length);
            waits(isLast);
        }
    }

    private void waits(boolean isLast) {
        isEndPending |= isLast;
        queue();
    }

    /** Ends the body, now or behind what waits. */
    void end(Fields last) {
        if (isEndSent || isEndPending) {
            return;
        }
        if (pending.length() > 0) {
            isEndPending = true;
            if (Http2Fields.hasTrailers(last)) {
                trailers.copyFrom(last);
            }
            return;
        }
        sendEnd(last);
    }

    private void sendEnd(Fields last) {
        isEndSent = true;
        isEndPending = false;
        if (Http2Fields.hasTrailers(last)) {
            stream.sender().trailers(stream.id(), last);
        } else {
            stream.sender().data(stream.id(), NOTHING, 0, 0, true);
        }
    }

    /** Whether more is taken; after a no the exchange hears when it is. */
    boolean isSendable() {
        if (pending.length() == 0 && window > 0 && stream.sender().isOpen()) {
            return true;
        }
        owesSendable = true;
        queue();
        return false;
    }

    // A stream whose own window is closed has no turn until it opens.
    private void queue() {
        if (!timer.isArmed()) {
            timer.begin();
        }
        if (!isInQueue && window > 0) {
            isInQueue = true;
            stream.sender().await(this);
        }
    }

    /** The client opens or closes the window by so much. @return whether it may */
    boolean windowChanged(long bytes) {
        window += bytes;
        if (window > 0 && (owesSendable || pending.length() > 0) && !isInQueue) {
            isInQueue = true;
            stream.sender().await(this);
        }
        return window <= Integer.MAX_VALUE;
    }

    /** It is this stream's turn: a frame leaves, and when none is left the exchange is asked for more. */
    @Override
    public void turn() {
        isInQueue = false;
        int waiting = pending.length() - pendingFrom;
        if (waiting > 0) {
            int now = stream.sender().allowed(Math.min(Math.min(waiting, TURN_BYTES), window));
            if (now > 0) {
                boolean isLast = now == waiting && isEndPending && trailers.count() == 0;
                stream.sender().data(stream.id(), pending.array(), pendingFrom, now, isLast);
                window -= now;
                pendingFrom += now;
                timer.begin();
                isEndSent = isLast;
            }
            if (now < waiting) {
                queue();
                return;
            }
            // Its memory stays until the stream ends: a piece that is long is seldom the last of its kind.
            pending.length(0);
            pendingFrom = 0;
            if (isEndPending && !isEndSent) {
                sendEnd(trailers);
            }
        }
        if (isEndSent) {
            context.wheel().disarm(timer);
            stream.responseSent();
        } else if (owesSendable) {
            if (window <= 0 || !stream.sender().isOpen()) {
                queue();
                return;
            }
            owesSendable = false;
            context.wheel().disarm(timer);
            stream.sendable();
        } else {
            context.wheel().disarm(timer);
        }
    }

    /** The stream is no more. */
    void drop() {
        context.wheel().disarm(timer);
        if (isInQueue) {
            isInQueue = false;
            stream.sender().forget(this);
        }
        pending.clear();
        pendingFrom = 0;
        trailers.reset();
        owesSendable = false;
        isEndPending = false;
    }

    private static final byte[] NOTHING = {};

    /** How long the client may take no byte of this stream; a closed window counts, others' turns do not. */
    private final class ProgressTimer extends Timer {
        private long sentBefore;

        void begin() {
            sentBefore = stream.sender().sentBytes();
            context.wheel().arm(this, context.nowNs() + stream.listener().writeProgressTimeoutNs());
        }

        @Override
        protected void expired(long nowNs) {
            if (window > 0 && stream.sender().sentBytes() != sentBefore) {
                begin();
                return;
            }
            stream.writeTimeout();
        }
    }
}
