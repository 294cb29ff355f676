package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.http2.ReceiveWindow;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.HeldBody;
import io.penstock.transport.HeldChunk;
import io.penstock.transport.Received;

/**
 * The answer of one stream on its way in. While its exchange wants the body it goes on where it lies; what comes while it does
 * not is kept, and the stream's window bounds how much that can be.
 */
@WorkerConfined
final class Http2UpstreamAnswer {
    private final Http2UpstreamStream stream;
    private final Http2UpstreamConnection connection;
    private final Http2UpstreamAllowance allowance;
    private final ResponseHead head = new ResponseHead();
    private final Fields trailers = new Fields();
    private final HeldBody held;
    private final ReceiveWindow window = new ReceiveWindow(
            Http2UpstreamAllowance.STREAM_WINDOW_BYTES, Http2UpstreamAllowance.STREAM_WINDOW_BYTES / 2);
    private final Runnable delivery = this::deliver;

    private boolean hasHead;
    private boolean wantsBody;
    private boolean isEndHere;
    private boolean isDeliveryDue;
    private boolean isEndTold;
    private int informationalHeads;
    // What is missing of the declared length; -1 where none was declared.
    private long lengthLeft;
    private long takenInAll;

    Http2UpstreamAnswer(Http2UpstreamStream stream, Http2UpstreamConnection connection, HeldBody held) {
        this.stream = stream;
        this.connection = connection;
        this.allowance = connection.allowance();
        this.held = held;
    }

    void begin() {
        window.begin();
        hasHead = false;
        wantsBody = true;
        isEndHere = false;
        isDeliveryDue = false;
        isEndTold = false;
        informationalHeads = 0;
        lengthLeft = -1;
        takenInAll = 0;
    }

    /** A head is decoded into it. */
    ResponseHead head() {
        return head;
    }

    /** A trailer section is decoded into it. */
    Fields trailers() {
        return trailers;
    }

    /** Whether a head has come that is not informational. */
    boolean hasHead() {
        return hasHead;
    }

    /** Its status; 0 before it is known. */
    int status() {
        return hasHead ? head.status() : 0;
    }

    /** Whether the endpoint has ended its side. */
    boolean isEndHere() {
        return isEndHere;
    }

    /** Whether the exchange was told that it has ended, though the stream goes on. */
    boolean isEndTold() {
        return isEndTold;
    }

    /** Whether the exchange takes more of it. */
    boolean isWanted() {
        return wantsBody;
    }

    /** The exchange takes more of it from now on, or does not. @return whether that is news */
    boolean demand(boolean wanted) {
        if (wantsBody == wanted) {
            return false;
        }
        wantsBody = wanted;
        if (wanted && !isDeliveryDue && (!held.isEmpty() || isEndHere)) {
            // Never inside the call that asks.
            isDeliveryDue = true;
            stream.loop().post(delivery);
        }
        return true;
    }

    /** A head is decoded and acceptable. */
    void headArrived(boolean isLast) {
        stream.progressed();
        if (head.isInformational()) {
            if (++informationalHeads > Http1Response.INFORMATIONAL_MAX) {
                stream.broken(Reason.UPSTREAM_PROTOCOL);
                return;
            }
            stream.handler().informational(head);
            return;
        }
        hasHead = true;
        stream.answered(head.status());
        if (stream.upgrade().isGranted(head)) {
            if (isLast) {
                stream.broken(Reason.UPSTREAM_PROTOCOL);
            } else {
                stream.upgrade().grant(head);
                stream.handler().responseHead(head, false);
            }
            return;
        }
        if (isLast) {
            isEndHere = true;
            stream.complete(true);
            return;
        }
        lengthLeft = head.bodyKind() == ResponseHead.BodyKind.LENGTH ? head.contentLength() : -1;
        stream.handler().responseHead(head, false);
    }

    /** A frame of so many bytes begins. @return whether the stream's window has room for it */
    boolean announce(int bytes) {
        return window.announce(bytes);
    }

    /** Body has come. */
    void data(Received bytes, int offset, int length) {
        stream.progressed();
        if (!hasHead
                || isEndHere
                || head.bodyKind() == ResponseHead.BodyKind.NONE
                || (lengthLeft >= 0 && length > lengthLeft)) {
            allowance.taken(length);
            stream.broken(Reason.UPSTREAM_PROTOCOL);
            return;
        }
        if (lengthLeft >= 0) {
            lengthLeft -= length;
        }
        if (!wantsBody || !held.isEmpty()) {
            held.hold(bytes.buffer(), offset, length);
            return;
        }
        int served = stream.id();
        int taken = stream.handler().responseBody(bytes, offset, length);
        if (stream.isCarrying(served)) {
            took(taken);
            if (taken < length) {
                wantsBody = false;
                held.hold(bytes.buffer(), offset + taken, length - taken);
            }
        } else {
            allowance.taken(length);
        }
    }

    private void took(int bytes) {
        allowance.bodyTaken(takenInAll, bytes);
        takenInAll += bytes;
        credit(bytes);
    }

    /** Bytes were taken, or were padding: the endpoint may send as many again on this stream. */
    void credit(int bytes) {
        int opened = window.take(bytes);
        if (opened > 0 && !isEndHere) {
            connection.sender().windowUpdate(stream.id(), opened);
        }
    }

    /** The endpoint has ended its side, with trailers or without. */
    void ended() {
        stream.progressed();
        boolean isSecond = isEndHere;
        isEndHere = true;
        if (isSecond || !hasHead || lengthLeft > 0) {
            stream.broken(Reason.UPSTREAM_PROTOCOL);
        } else if (wantsBody && held.isEmpty()) {
            bodyEnds();
        }
    }

    private void bodyEnds() {
        if (stream.isHalfOpenTunnel()) {
            // The other direction goes on until the exchange ends it.
            isEndTold = true;
            stream.handler().responseEnd(trailers);
        } else {
            stream.complete(false);
        }
    }

    private void deliver() {
        if (!isDeliveryDue) {
            return;
        }
        isDeliveryDue = false;
        int served = stream.id();
        while (stream.isCarrying(served) && wantsBody && !held.isEmpty()) {
            HeldChunk chunk = held.removeFirst();
            int length = chunk.length();
            // All of it is gone before the exchange is told: what it leaves goes to the front again.
            int taken = stream.handler().responseBody(chunk, 0, length);
            if (stream.isCarrying(served)) {
                took(taken);
                if (taken < length) {
                    wantsBody = false;
                    chunk.drop(taken);
                    held.putBack(chunk);
                    return;
                }
            } else {
                allowance.taken(length);
            }
            held.release(chunk);
        }
        if (stream.isCarrying(served) && wantsBody && isEndHere && !isEndTold) {
            bodyEnds();
        }
    }

    /** The stream is no more. @return how many bytes were kept for it, which the connection's window gets back */
    int drop() {
        return held.drop();
    }
}
