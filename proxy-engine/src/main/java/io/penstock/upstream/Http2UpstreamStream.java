package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameSender;
import io.penstock.http2.PeerBudget;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.HeldBody;
import io.penstock.transport.HeldChunk;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import io.penstock.upstream.UpstreamFailure.Retry;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One stream of an HTTP/2 connection to an endpoint: one exchange's half. It takes its number when its head leaves, since
 * numbers must leave in order. It ends before its exchange is told, and is used again only after that.
 */
@WorkerConfined
final class Http2UpstreamStream implements UpstreamStream, FrameSender.Waiting {
    private final Http2UpstreamConnection connection;
    private final Upstream upstream;
    private final Http2UpstreamRequest request;
    private final ResponseHead head = new ResponseHead();
    private final Fields trailers = new Fields();
    private final HeldBody held;
    private final ExtendedConnect upgrade = new ExtendedConnect();
    private final Clock clock = new Clock();
    private final Runnable delivery = this::deliver;
    private final Runnable loss = this::lostBefore;
    private final Runnable refusal = this::refused;

    /** The exchange's; null while there is none. */
    private @Nullable UpstreamStreamHandler handler;

    private int id;
    private Method method = Method.OTHER;
    private boolean isReused;
    private boolean hasHead;
    private boolean wantsBody;
    private boolean isEndHere;
    private boolean isDeliveryDue;
    private boolean isRefusalDue;
    private boolean isEndTold;
    private int status;
    private int informationalHeads;
    private long lengthLeft;
    private long progressNs;
    private long headSentNs;
    private int takenBytes;
    private long takenInAll;
    private int window;

    Http2UpstreamStream(Http2UpstreamConnection connection, Upstream upstream) {
        this.connection = connection;
        this.upstream = upstream;
        this.held = new HeldBody(upstream.worker().http2().chunks());
        this.request = new Http2UpstreamRequest(this, connection);
    }

    /** 0 before its head has left. */
    int id() {
        return id;
    }

    Http2UpstreamRequest request() {
        return request;
    }

    ResponseHead head() {
        return head;
    }

    Fields trailers() {
        return trailers;
    }

    Method method() {
        return method;
    }

    boolean hasHead() {
        return hasHead;
    }

    private boolean isCarrying() {
        return handler != null;
    }

    private UpstreamStreamHandler handler() {
        UpstreamStreamHandler present = handler;
        if (present == null) {
            throw new IllegalStateException("the stream has ended");
        }
        return present;
    }

    /** Carries an exchange from now on. */
    void begin(UpstreamStreamHandler exchange, boolean isConnectionReused) {
        handler = exchange;
        id = 0;
        isReused = isConnectionReused;
        hasHead = false;
        wantsBody = true;
        isEndHere = false;
        isDeliveryDue = false;
        isRefusalDue = false;
        isEndTold = false;
        upgrade.clear();
        status = 0;
        informationalHeads = 0;
        lengthLeft = -1;
        takenBytes = 0;
        takenInAll = 0;
        window = Http2UpstreamConnection.STREAM_WINDOW_BYTES;
        request.begin();
        progressNs = upstream.worker().loop().nowNs();
        exchange.streamOpened(this);
    }

    // Lets go of the exchange: the caller tells it, and then gives the stream back.
    private UpstreamStreamHandler end(@Nullable ErrorCode told) {
        UpstreamStreamHandler exchange = handler();
        handler = null;
        upstream.worker().loop().wheel().disarm(clock);
        request.drop();
        connection.streamEnded(this, told, held.drop());
        return exchange;
    }

    private void fail(Reason reason, Retry retry, @Nullable ErrorCode told) {
        UpstreamStreamHandler exchange = end(told);
        endpoint().requestFailed();
        if (retry == Retry.UNSAFE && status < 500) {
            endpoint().erred();
        }
        exchange.streamFailed(new UpstreamFailure(reason, retry));
        connection.release(this);
    }

    // ---- what the exchange does ----

    @Override
    public Endpoint endpoint() {
        return connection.endpoint();
    }

    @Override
    public boolean isReused() {
        return isReused;
    }

    @Override
    public void sendHead(RequestHead requested, boolean isLast) {
        method = requested.method();
        if (!connection.mayOpen()) {
            // It was lost while nobody listened, and may not be told inside the call that asks.
            upstream.worker().loop().post(loss);
            return;
        }
        if (requested.forwarding().isUpgrade()) {
            upgrade.ask(requested);
            if (connection.hasSettings()) {
                sendUpgrade();
            } else {
                connection.awaitSettings(this);
            }
        } else {
            id = connection.opens(this);
            request.sendHead(requested, isLast);
        }
        progressed();
        headSentNs = progressNs;
        upstream.worker().loop().wheel().arm(clock, progressNs + lookNs());
    }

    /** The endpoint has said what it takes. */
    void sendUpgrade() {
        RequestHead waiting = upgrade.takeWaiting();
        if (handler == null || waiting == null) {
            return;
        }
        if (!connection.mayOpen()
                || !connection.peer().takesExtendedConnect()
                || !ExtendedConnect.isPossible(waiting)) {
            // It may not be told inside the call that asks.
            isRefusalDue = true;
            upstream.worker().loop().post(refusal);
            return;
        }
        id = connection.opens(this);
        request.sendHead(waiting, false);
    }

    private void refused() {
        if (isRefusalDue && handler != null) {
            isRefusalDue = false;
            fail(connection.mayOpen() ? Reason.UPSTREAM_NO_UPGRADE : Reason.UPSTREAM_RESET, Retry.NOTHING_SENT, null);
        }
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        if (id == 0) {
            return;
        }
        request.sendBody(bytes, offset, length);
    }

    @Override
    public void sendBody(DirectBuffer bytes, int offset, int length) {
        if (id == 0) {
            return;
        }
        request.sendBody(bytes, offset, length);
    }

    @Override
    public void sendEnd(Fields last) {
        if (id == 0) {
            return;
        }
        request.sendEnd(last);
        progressed();
        if (isEndTold) {
            // Of a tunnel, whose exchange knows that both ends have ended.
            end(request.isComplete() ? null : ErrorCode.CANCEL);
            connection.release(this);
            upstream.serveWaiting();
        }
    }

    @Override
    public boolean isSendable() {
        return request.isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        if (handler == null || wantsBody == wanted) {
            return;
        }
        wantsBody = wanted;
        // While nobody wanted the body, the endpoint could not make progress.
        progressed();
        if (wanted && !isDeliveryDue && (!held.isEmpty() || isEndHere)) {
            isDeliveryDue = true;
            upstream.worker().loop().post(delivery);
        }
    }

    @Override
    public void becomeTunnel() {
        upgrade.becomeTunnel();
    }

    @Override
    public void closeTunnel() {
        if (handler != null) {
            if (!request.isComplete()) {
                request.sendEnd(new Fields());
            }
            end(request.isComplete() ? (isEndHere ? null : ErrorCode.NO_ERROR) : ErrorCode.CANCEL);
            connection.release(this);
            upstream.serveWaiting();
        }
    }

    @Override
    public void discard() {
        reset();
    }

    @Override
    public void expire() {
        if (handler != null) {
            retireIfSilent();
            endpoint().requestFailed();
            endpoint().erred();
            reset();
        }
    }

    @Override
    public void reset() {
        if (handler != null) {
            end(ErrorCode.CANCEL);
            connection.release(this);
            upstream.serveWaiting();
        }
    }

    // ---- what the endpoint does ----

    void progressed() {
        progressNs = upstream.worker().loop().nowNs();
    }

    /** A head is decoded and acceptable. */
    void headArrived(boolean isLast) {
        progressed();
        if (head.isInformational()) {
            if (++informationalHeads > Http1Response.INFORMATIONAL_MAX) {
                broken(Reason.UPSTREAM_PROTOCOL);
                return;
            }
            handler().informational(head);
            return;
        }
        hasHead = true;
        status = head.status();
        endpoint().answered(status, Math.max(0, progressNs - request.sentNs()));
        if (upgrade.isGranted(head)) {
            if (isLast) {
                broken(Reason.UPSTREAM_PROTOCOL);
            } else {
                upgrade.grant(head);
                handler().responseHead(head, false);
            }
            return;
        }
        if (isLast) {
            isEndHere = true;
            complete(true);
            return;
        }
        lengthLeft = head.bodyKind() == ResponseHead.BodyKind.LENGTH ? head.contentLength() : -1;
        handler().responseHead(head, false);
    }

    /** Whether the stream's window has room for a frame. */
    boolean announce(int bytes) {
        window -= bytes;
        return window >= 0;
    }

    /** Body has come. */
    void data(Received bytes, int offset, int length) {
        progressed();
        if (!hasHead
                || isEndHere
                || head.bodyKind() == ResponseHead.BodyKind.NONE
                || (lengthLeft >= 0 && length > lengthLeft)) {
            connection.taken(length);
            broken(Reason.UPSTREAM_PROTOCOL);
            return;
        }
        if (lengthLeft >= 0) {
            lengthLeft -= length;
        }
        if (!wantsBody || !held.isEmpty()) {
            held.hold(bytes.buffer(), offset, length);
            return;
        }
        int served = id;
        int taken = handler().responseBody(bytes, offset, length);
        if (isCarrying() && id == served) {
            took(taken);
            if (taken < length) {
                wantsBody = false;
                held.hold(bytes.buffer(), offset + taken, length - taken);
            }
        } else {
            connection.taken(length);
        }
    }

    private void took(int bytes) {
        connection.bodyTaken(takenInAll, bytes);
        takenInAll += bytes;
        credit(bytes);
    }

    /** Bytes were taken, or were padding: the endpoint may send as many again on this stream. */
    void credit(int bytes) {
        takenBytes += bytes;
        if (!isEndHere && takenBytes >= Http2UpstreamConnection.STREAM_WINDOW_BYTES / 2) {
            connection.sender().windowUpdate(id, takenBytes);
            window += takenBytes;
            takenBytes = 0;
        }
    }

    /** The endpoint has ended its side, with trailers or without. */
    void ended() {
        progressed();
        boolean isSecond = isEndHere;
        isEndHere = true;
        if (isSecond || !hasHead || lengthLeft > 0) {
            broken(Reason.UPSTREAM_PROTOCOL);
        } else if (wantsBody && held.isEmpty()) {
            bodyEnds();
        }
    }

    private void bodyEnds() {
        if (upgrade.isTunnel() && !request.isComplete()) {
            // The other direction goes on until the exchange ends it.
            isEndTold = true;
            handler().responseEnd(trailers);
        } else {
            complete(false);
        }
    }

    private void complete(boolean isByHead) {
        boolean isWhole = request.isComplete();
        connection.earn(PeerBudget.ANSWERED);
        endpoint().completed(status);
        // RFC 9113 section 8.1: who has answered may need no more of the request.
        UpstreamStreamHandler exchange = end(isWhole ? null : ErrorCode.NO_ERROR);
        if (isByHead) {
            exchange.responseHead(head, true);
        } else {
            exchange.responseEnd(trailers);
        }
        connection.release(this);
        upstream.serveWaiting();
    }

    private void deliver() {
        if (!isDeliveryDue) {
            return;
        }
        isDeliveryDue = false;
        int served = id;
        while (isCarrying() && id == served && wantsBody && !held.isEmpty()) {
            HeldChunk chunk = held.removeFirst();
            int length = chunk.length();
            // All of it is gone before the exchange is told: what it leaves goes to the front again.
            int taken = handler().responseBody(chunk, 0, length);
            if (isCarrying() && id == served) {
                took(taken);
                if (taken < length) {
                    wantsBody = false;
                    chunk.drop(taken);
                    held.putBack(chunk);
                    return;
                }
            } else {
                connection.taken(length);
            }
            held.release(chunk);
        }
        if (isCarrying() && id == served && wantsBody && isEndHere && !isEndTold) {
            bodyEnds();
        }
    }

    /** What came breaks the protocol or cannot be served. */
    void broken(Reason reason) {
        fail(reason, Retry.UNSAFE, ErrorCode.PROTOCOL_ERROR);
    }

    /** The endpoint has reset the stream. */
    void wasReset(ErrorCode why) {
        if (isAnswerHere()) {
            request.abandon();
            return;
        }
        // RFC 9113 section 8.7: such a stream was not processed, and may go again whatever it asks.
        fail(Reason.UPSTREAM_RESET, why == ErrorCode.REFUSED_STREAM ? Retry.REFUSED : Retry.UNSAFE, null);
    }

    // RFC 9113 section 8.1: an answer that is whole is not thrown away for what becomes of the rest of its request. Its
    // client has not taken all of it yet, and gets it from here. Of a tunnel it is only one direction that has ended.
    private boolean isAnswerHere() {
        return isEndHere && !upgrade.isTunnel();
    }

    /** The connection is lost, or its end was announced, and the endpoint may have looked at the request, or has not. */
    void lost(Reason reason, boolean wasProcessed) {
        if (isAnswerHere()) {
            request.abandon();
            return;
        }
        Retry retry = id == 0 || !wasProcessed
                ? Retry.NOTHING_SENT
                : isReused && connection.isSilentSince(headSentNs) ? Retry.STALE_CONNECTION : Retry.UNSAFE;
        fail(reason, retry, null);
    }

    private void lostBefore() {
        if (handler != null && id == 0) {
            lost(Reason.UPSTREAM_RESET, false);
        }
    }

    /** The endpoint takes output again. */
    void sendable() {
        UpstreamStreamHandler exchange = handler;
        if (exchange != null) {
            exchange.streamSendable();
        }
    }

    /** It is this stream's turn to send. */
    @Override
    public void turn() {
        request.turn();
    }

    // ---- time ----

    private long lookNs() {
        return Math.min(
                upstream.spec().timeouts().firstByteNs(),
                upstream.spec().timeouts().idleNs());
    }

    // Only the endpoint is held to a time, never the client; see Http1UpstreamStream.
    private long dueNs() {
        if (upgrade.isTunnel()) {
            // Whoever made it a tunnel knows how long it may be silent.
            return Long.MAX_VALUE;
        }
        if (!hasHead) {
            if (request.isWaiting()) {
                return Math.max(progressNs, request.sentNs())
                        + upstream.spec().timeouts().idleNs();
            }
            return request.isComplete() || request.awaitsContinue() || upgrade.isAsked()
                    ? progressNs + upstream.spec().timeouts().firstByteNs()
                    : Long.MAX_VALUE;
        }
        return wantsBody ? progressNs + upstream.spec().timeouts().idleNs() : Long.MAX_VALUE;
    }

    // Nothing came of any stream while this one waited: the connection may be dead, and another one is to be tried. It
    // closes when its other streams have ended, each in its own time.
    private void retireIfSilent() {
        if (id != 0 && connection.isSilentSince(Math.max(progressNs, request.sentNs()))) {
            connection.retire();
        }
    }

    private final class Clock extends Timer {
        @Override
        protected void expired(long nowNs) {
            long dueNs = dueNs();
            if (nowNs >= dueNs) {
                boolean isFirstByte = !hasHead && !request.isWaiting();
                retireIfSilent();
                fail(
                        isFirstByte ? Reason.FIRST_BYTE_TIMEOUT : Reason.UPSTREAM_IDLE_TIMEOUT,
                        Retry.UNSAFE,
                        ErrorCode.CANCEL);
            } else {
                upstream.worker().loop().wheel().arm(this, Math.min(dueNs, nowNs + lookNs()));
            }
        }
    }

    @Override
    public String toString() {
        return "stream " + id + " of " + connection;
    }
}
