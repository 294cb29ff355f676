package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameSender;
import io.penstock.http2.PeerBudget;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.HeldBody;
import io.penstock.transport.Loop;
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
    private final Http2UpstreamAnswer answer;
    private final ExtendedConnect upgrade = new ExtendedConnect();
    private final Clock clock = new Clock();
    private final Runnable loss = this::lostBefore;
    private final Runnable refusal = this::refused;

    /** The exchange's; null while there is none. */
    private @Nullable UpstreamStreamHandler handler;

    private int id;
    private Method method = Method.OTHER;
    private boolean isReused;
    private boolean isRefusalDue;
    private long progressNs;
    private long headSentNs;

    Http2UpstreamStream(Http2UpstreamConnection connection, Upstream upstream) {
        this.connection = connection;
        this.upstream = upstream;
        this.request = new Http2UpstreamRequest(this, connection);
        this.answer = new Http2UpstreamAnswer(
                this, connection, new HeldBody(upstream.worker().http2().chunks()));
    }

    /** 0 before its head has left. */
    int id() {
        return id;
    }

    Http2UpstreamRequest request() {
        return request;
    }

    Http2UpstreamAnswer answer() {
        return answer;
    }

    Method method() {
        return method;
    }

    ExtendedConnect upgrade() {
        return upgrade;
    }

    Loop loop() {
        return upstream.worker().loop();
    }

    /** Whether it still carries the exchange that it carried under that number. */
    boolean isCarrying(int served) {
        return handler != null && id == served;
    }

    /** The exchange's; there is one. */
    UpstreamStreamHandler handler() {
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
        isRefusalDue = false;
        upgrade.clear();
        request.begin();
        answer.begin();
        progressNs = loop().nowNs();
        exchange.streamOpened(this);
    }

    // Lets go of the exchange: the caller tells it, and then gives the stream back.
    private UpstreamStreamHandler end(@Nullable ErrorCode told) {
        UpstreamStreamHandler exchange = handler();
        handler = null;
        loop().wheel().disarm(clock);
        request.drop();
        connection.streamEnded(this, told, answer.drop());
        return exchange;
    }

    private void fail(Reason reason, Retry retry, @Nullable ErrorCode told) {
        UpstreamStreamHandler exchange = end(told);
        endpoint().requestFailed();
        if (retry == Retry.UNSAFE && answer.status() < 500) {
            endpoint().erred();
        }
        exchange.streamFailed(new UpstreamFailure(reason, retry));
        connection.streams().release(this);
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
            loop().post(loss);
            return;
        }
        if (requested.forwarding().isUpgrade()) {
            upgrade.ask(requested);
            if (connection.hasSettings()) {
                sendUpgrade();
            } else {
                connection.streams().awaitSettings(this);
            }
        } else {
            id = connection.streams().number(this);
            request.sendHead(requested, isLast);
        }
        progressed();
        headSentNs = progressNs;
        loop().wheel().arm(clock, progressNs + lookNs());
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
            loop().post(refusal);
            return;
        }
        id = connection.streams().number(this);
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
        if (answer.isEndTold()) {
            // Of a tunnel, whose exchange knows that both ends have ended.
            end(request.isComplete() ? null : ErrorCode.CANCEL);
            connection.streams().release(this);
            upstream.serveWaiting();
        }
    }

    @Override
    public boolean isSendable() {
        return request.isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        if (handler != null && answer.demand(wanted)) {
            // While nobody wanted the body, the endpoint could not make progress.
            progressed();
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
            end(request.isComplete() ? (answer.isEndHere() ? null : ErrorCode.NO_ERROR) : ErrorCode.CANCEL);
            connection.streams().release(this);
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
            connection.streams().release(this);
            upstream.serveWaiting();
        }
    }

    // ---- what the endpoint does ----

    void progressed() {
        progressNs = loop().nowNs();
    }

    /** A head has come that is not informational. */
    void answered(int status) {
        endpoint().answered(status, Math.max(0, progressNs - request.sentNs()));
    }

    /** Whether it is a tunnel to which more may be sent. */
    boolean isHalfOpenTunnel() {
        return upgrade.isTunnel() && !request.isComplete();
    }

    /** The answer is here and taken as a whole, but for its head where that is all of it. */
    void complete(boolean isByHead) {
        boolean isWhole = request.isComplete();
        connection.allowance().earn(PeerBudget.ANSWERED);
        endpoint().completed(answer.status());
        // RFC 9113 section 8.1: who has answered may need no more of the request.
        UpstreamStreamHandler exchange = end(isWhole ? null : ErrorCode.NO_ERROR);
        if (isByHead) {
            exchange.responseHead(answer.head(), true);
        } else {
            exchange.responseEnd(answer.trailers());
        }
        connection.streams().release(this);
        upstream.serveWaiting();
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
        return answer.isEndHere() && !upgrade.isTunnel();
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
        if (!answer.hasHead()) {
            if (request.isWaiting()) {
                return Math.max(progressNs, request.sentNs())
                        + upstream.spec().timeouts().idleNs();
            }
            return request.isComplete() || request.awaitsContinue() || upgrade.isAsked()
                    ? progressNs + upstream.spec().timeouts().firstByteNs()
                    : Long.MAX_VALUE;
        }
        return answer.isWanted() ? progressNs + upstream.spec().timeouts().idleNs() : Long.MAX_VALUE;
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
                boolean isFirstByte = !answer.hasHead() && !request.isWaiting();
                retireIfSilent();
                fail(
                        isFirstByte ? Reason.FIRST_BYTE_TIMEOUT : Reason.UPSTREAM_IDLE_TIMEOUT,
                        Retry.UNSAFE,
                        ErrorCode.CANCEL);
            } else {
                loop().wheel().arm(this, Math.min(dueNs, nowNs + lookNs()));
            }
        }
    }

    @Override
    public String toString() {
        return "stream " + id + " of " + connection;
    }
}
