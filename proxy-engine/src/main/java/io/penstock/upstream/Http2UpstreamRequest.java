package io.penstock.upstream;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import org.agrona.DirectBuffer;

/**
 * The request of one stream on its way out: what the windows let leave now, and what has to wait. While anything waits the
 * exchange is told that no more is taken, so that what waits is at most what the client's side handed over at once.
 */
@WorkerConfined
final class Http2UpstreamRequest {
    private static final int TURN_BYTES = 16 * 1024;

    private final Http2UpstreamStream stream;
    private final Http2UpstreamConnection connection;
    private final ByteBuilder pending = new ByteBuilder(0);
    private final Fields trailers = new Fields();
    private long window;
    private long sentNs;
    private int pendingFrom;
    private boolean isComplete;
    private boolean isEndPending;
    private boolean isInQueue;
    private boolean owesSendable;
    private boolean awaitsContinue;
    private boolean isAbandoned;

    Http2UpstreamRequest(Http2UpstreamStream stream, Http2UpstreamConnection connection) {
        this.stream = stream;
        this.connection = connection;
    }

    void begin() {
        window = connection.peerWindowBytes();
        sentNs = connection.nowNs();
        isComplete = false;
        isEndPending = false;
        owesSendable = false;
        awaitsContinue = false;
        isAbandoned = false;
    }

    /** Whether all of it was given to the channel. */
    boolean isComplete() {
        return isComplete;
    }

    /** Whether the body may be held back until the endpoint says 100 or answers. */
    boolean awaitsContinue() {
        return awaitsContinue;
    }

    /** Whether the endpoint has to take more before it can be complete. */
    boolean isWaiting() {
        return pending.length() > 0 || owesSendable;
    }

    /** When some of it left last. */
    long sentNs() {
        return sentNs;
    }

    void sendHead(RequestHead head, boolean isLast) {
        awaitsContinue = !isLast && head.forwarding().isContinueExpected();
        isComplete = isLast;
        sentNs = connection.nowNs();
        // Settings may have come since it began, which change the windows of those streams alone that are open.
        window = connection.peerWindowBytes();
        if (owesSendable) {
            queue();
        }
        connection.sender().head(stream.id(), head, isLast);
    }

    void sendBody(Received bytes, int offset, int length) {
        if (isAbandoned) {
            return;
        }
        int now = now(length);
        if (now > 0) {
            connection.sender().data(stream.id(), bytes, offset, now);
            left(now);
        }
        keep(bytes.buffer(), offset + now, length - now);
    }

    void sendBody(DirectBuffer bytes, int offset, int length) {
        if (isAbandoned) {
            return;
        }
        int now = now(length);
        if (now > 0) {
            connection.sender().data(stream.id(), bytes, offset, now);
            left(now);
        }
        keep(bytes, offset + now, length - now);
    }

    /** The endpoint has answered and takes no more of it. */
    void abandon() {
        boolean isAwaited = owesSendable;
        drop();
        isAbandoned = true;
        isComplete = true;
        if (isAwaited) {
            stream.sendable();
        }
    }

    private int now(int length) {
        awaitsContinue = false;
        return pending.length() > 0 ? 0 : connection.sender().allowed(Math.min(length, window));
    }

    private void left(int bytes) {
        window -= bytes;
        sentNs = connection.nowNs();
    }

    private void keep(DirectBuffer bytes, int offset, int length) {
        if (length > 0) {
            pending.append(bytes, offset, length);
            queue();
        }
    }

    void sendEnd(Fields last) {
        if (isAbandoned) {
            return;
        }
        if (pending.length() > 0) {
            isEndPending = true;
            trailers.copyFrom(last);
        } else {
            end(last);
        }
    }

    private void end(Fields last) {
        isComplete = true;
        isEndPending = false;
        sentNs = connection.nowNs();
        connection.sender().end(stream.id(), last);
    }

    boolean isSendable() {
        if (isAbandoned
                || (pending.length() == 0 && window > 0 && connection.sender().isOpen())) {
            return true;
        }
        owesSendable = true;
        queue();
        return false;
    }

    private void queue() {
        if (!isInQueue && window > 0) {
            isInQueue = true;
            connection.sender().await(stream);
        }
    }

    /** The endpoint opens or closes the window by so much. @return whether it may */
    boolean windowChanged(long bytes) {
        window += bytes;
        if (owesSendable || pending.length() > 0) {
            queue();
        }
        return window <= Integer.MAX_VALUE;
    }

    /** A frame leaves, and when none is left the exchange is asked for more. */
    void turn() {
        isInQueue = false;
        int waiting = pending.length() - pendingFrom;
        if (waiting > 0) {
            int now = connection.sender().allowed(Math.min(Math.min(waiting, TURN_BYTES), window));
            if (now > 0) {
                connection.sender().data(stream.id(), pending.array(), pendingFrom, now);
                pendingFrom += now;
                left(now);
            }
            if (now < waiting) {
                queue();
                return;
            }
            // Its memory stays until the stream ends: a piece that is long is seldom the last of its kind.
            pending.length(0);
            pendingFrom = 0;
            if (isEndPending) {
                end(trailers);
                stream.progressed();
            }
        }
        if (owesSendable) {
            if (window <= 0 || !connection.sender().isOpen()) {
                queue();
                return;
            }
            owesSendable = false;
            stream.sendable();
        }
    }

    /** The stream is no more. */
    void drop() {
        if (isInQueue) {
            isInQueue = false;
            connection.sender().forget(stream);
        }
        pending.clear();
        pendingFrom = 0;
        trailers.reset();
        owesSendable = false;
        isEndPending = false;
    }
}
