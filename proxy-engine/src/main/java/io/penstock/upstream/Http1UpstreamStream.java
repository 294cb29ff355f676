package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.Received;
import io.penstock.upstream.Http1UpstreamConnection.State;
import io.penstock.upstream.UpstreamFailure.Retry;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The stream of each exchange that an HTTP/1 connection carries, one after another: one object for all of them.
 *
 * <p>{@link Http1Response} says what the bytes that come mean, {@link Http1Request} frames what goes. Here is only whose
 * exchange it is, and how each side lets go of it. A stream ends before its exchange is told, so that the exchange may
 * begin another one at once, on this connection too.
 */
@WorkerConfined
final class Http1UpstreamStream implements UpstreamStream {
    /** A rest of an answer that is longer is not worth its connection. */
    private static final long DROPPED_BYTES_MAX = 16 * 1024;

    private static final UpstreamStreamHandler DROPPED = new DroppedAnswer();

    private final Http1UpstreamConnection connection;
    private final Upstream upstream;
    private final Http1Request request;
    private final Http1Response response = new Http1Response();
    private final Http1Clock clock;

    /** The exchange's; null while there is none. */
    private @Nullable UpstreamStreamHandler handler;

    // The present exchange is this one since the connection was made: a handler that is called may end its stream and
    // begin another one here before it returns.
    private int streams;
    private boolean wantsBody = true;

    /** Of the present answer, once its head came. */
    private int status;

    Http1UpstreamStream(Http1UpstreamConnection connection, Upstream upstream, Http1Clock clock) {
        this.connection = connection;
        this.upstream = upstream;
        this.request = new Http1Request(upstream.worker().writing());
        this.clock = clock;
    }

    // ---- one exchange after another

    /** Whether more of an answer's body is wanted. */
    boolean wantsBody() {
        return wantsBody;
    }

    /** How long the endpoint, by what it said last, keeps the connection without use. */
    long peerIdleTimeoutNs() {
        return response.peerIdleTimeoutNs();
    }

    /** Carries an exchange from now on. */
    void begin(UpstreamStreamHandler exchange) {
        streams++;
        handler = exchange;
        wantsBody = true;
        status = 0;
        request.begin();
        clock.streamBegan(upstream.spec().timeouts());
        exchange.streamOpened(this);
    }

    // Lets go of the exchange. The caller says what becomes of the connection, and only then tells the exchange.
    private UpstreamStreamHandler end(State next) {
        UpstreamStreamHandler exchange = handler();
        handler = null;
        connection.streamEnded(next);
        connection.counters().add(Counter.UPSTREAM_BYTES_OUT, request.sentBytes());
        return exchange;
    }

    // Ends the stream of a complete answer. Returns whether the connection is kept, and then serveWaiting must follow.
    private boolean endComplete(boolean mayGoOn) {
        boolean isKept = mayGoOn
                && !request.isTunnel()
                && request.isComplete()
                && response.mayReuse()
                && streams < upstream.spec().pool().requestsMax()
                && connection.isKeptByPool();
        connection.endpoint().completed(status);
        end(isKept ? State.IDLE : State.CLOSING);
        if (isKept) {
            connection.intoPool();
        } else {
            connection.closeInOrder();
        }
        return isKept;
    }

    private void completeByHead(boolean mayGoOn) {
        UpstreamStreamHandler exchange = handler();
        boolean isKept = endComplete(mayGoOn);
        exchange.responseHead(response.head(), true);
        if (isKept) {
            upstream.serveWaiting();
        }
    }

    private void completeByBody(boolean mayGoOn) {
        UpstreamStreamHandler exchange = handler();
        Fields trailers = response.trailers();
        boolean isKept = endComplete(mayGoOn);
        exchange.responseEnd(trailers);
        if (isKept) {
            upstream.serveWaiting();
        }
    }

    private void fail(Reason reason, Retry retry) {
        UpstreamStreamHandler exchange = end(State.CLOSING);
        connection.endpoint().requestFailed();
        blame(retry);
        connection.channel().abort();
        exchange.streamFailed(new UpstreamFailure(reason, retry));
    }

    // A connection out of the pool that turns out to be closed says nothing of the endpoint; a status that does has
    // been
    // counted already.
    private void blame(Retry retry) {
        if (retry == Retry.UNSAFE && status < 500) {
            connection.endpoint().erred();
        }
    }

    private Retry retryAfterLoss() {
        if (!request.hasBegun()) {
            return Retry.NOTHING_SENT;
        }
        return isReused() && !response.hasBegun() ? Retry.STALE_CONNECTION : Retry.UNSAFE;
    }

    // ---- what the exchange does

    @Override
    public Endpoint endpoint() {
        return connection.endpoint();
    }

    @Override
    public boolean isReused() {
        return streams > 1;
    }

    @Override
    public void sendHead(RequestHead head, boolean isLast) {
        response.begin(head.method(), head.forwarding().isUpgrade());
        request.sendHead(connection.channel(), head, isLast);
        clock.requestSent(request.isComplete());
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        request.sendBody(connection.channel(), bytes, offset, length);
        clock.requestSent(request.isComplete());
    }

    @Override
    public void sendBody(DirectBuffer bytes, int offset, int length) {
        request.sendBody(connection.channel(), bytes, offset, length);
        clock.requestSent(request.isComplete());
    }

    @Override
    public void sendEnd(Fields trailers) {
        request.sendEnd(connection.channel(), trailers);
        clock.requestSent(request.isComplete());
        if (request.isTunnel() && response.isEnded()) {
            end(State.CLOSING);
            connection.closeInOrder();
        }
    }

    @Override
    public boolean isSendable() {
        return connection.channel().isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        if (handler != null && wantsBody != wanted) {
            wantsBody = wanted;
            // While nobody wanted the body, the endpoint could not make progress.
            clock.answerProgressed();
            connection.channel().receive(wanted);
        }
    }

    @Override
    public void becomeTunnel() {
        request.becomeTunnel();
        response.becomeTunnel();
        connection.channel().receive(wantsBody);
    }

    @Override
    public void beginTunnel() {
        request.beginTunnel();
        response.beginTunnel();
        connection.channel().receive(wantsBody);
    }

    @Override
    public void closeTunnel() {
        if (handler != null) {
            end(State.CLOSING);
            connection.closeInOrder();
        }
    }

    @Override
    public void reset() {
        if (handler == null) {
            return;
        }
        if (!request.hasBegun() && connection.isKeptByPool()) {
            end(State.IDLE);
            connection.intoPool();
            upstream.serveWaiting();
        } else {
            end(State.CLOSING);
            connection.channel().abort();
        }
    }

    @Override
    public void discard() {
        if (handler == null) {
            return;
        }
        if (request.isComplete() && response.bytesLeft() <= DROPPED_BYTES_MAX) {
            handler = DROPPED;
            demand(true);
        } else {
            reset();
        }
    }

    @Override
    public void expire() {
        if (handler != null) {
            end(State.CLOSING);
            connection.endpoint().requestFailed();
            connection.endpoint().erred();
            connection.channel().abort();
        }
    }

    // ---- what the connection tells

    private boolean isCarrying(int stream) {
        return handler != null && streams == stream;
    }

    int received(Received bytes) {
        connection.counters().add(Counter.UPSTREAM_BYTES_IN, bytes.length());
        if (!request.hasBegun()) {
            fail(Reason.UPSTREAM_PROTOCOL, Retry.NOTHING_SENT);
            return bytes.length();
        }
        clock.answerProgressed();
        if (response.awaitsHead()) {
            clock.headBegan();
        }
        int stream = streams;
        int start = bytes.offset();
        int end = start + bytes.length();
        int at = start;
        while (isCarrying(stream)) {
            if (!wantsBody && response.isInBody()) {
                return at - start;
            }
            Http1Response.Event event = response.next(bytes.buffer(), at, end - at);
            at += response.consumed();
            switch (event) {
                case NEEDS_MORE -> {
                    return at - start;
                }
                case INFORMATIONAL -> handler().informational(response.head());
                case HEAD -> {
                    status = response.head().status();
                    connection.endpoint().answered(status, clock.sinceRequestNs());
                    if (response.isEnded()) {
                        completeByHead(at == end);
                    } else {
                        handler().responseHead(response.head(), false);
                    }
                }
                case BODY -> {
                    int length = response.runLength();
                    int taken = handler().responseBody(bytes, response.runOffset(), length);
                    if (isCarrying(stream)) {
                        response.bodyTaken(taken);
                        at += taken;
                        if (taken < length) {
                            wantsBody = false;
                        }
                    }
                }
                case END -> completeByBody(at == end);
                case BROKEN -> fail(response.brokenReason(), Retry.UNSAFE);
            }
        }
        return bytes.length();
    }

    /** The endpoint sends no more. */
    void endOfInput() {
        if (response.isTunnel() && !request.isComplete()) {
            // The other direction goes on until the exchange ends it.
            response.inputEnded();
            handler().responseEnd(response.trailers());
        } else if (response.endsWithInput()
                && (response.isTunnel() || connection.channel().isEndAnnounced())) {
            response.inputEnded();
            completeByBody(false);
        } else {
            fail(Reason.UPSTREAM_RESET, retryAfterLoss());
        }
    }

    /** The channel is gone. */
    void channelGone() {
        UpstreamFailure failure = new UpstreamFailure(Reason.UPSTREAM_RESET, retryAfterLoss());
        UpstreamStreamHandler exchange = end(State.CLOSED);
        connection.endpoint().requestFailed();
        blame(failure.retry());
        upstream.supply().connectionGone(connection.endpoint());
        exchange.streamFailed(failure);
    }

    /** The endpoint takes more. */
    void sendable() {
        UpstreamStreamHandler exchange = handler;
        if (exchange != null) {
            exchange.streamSendable();
        }
    }

    // ---- what the clock says

    void checkTimes(long nowNs) {
        if (request.isTunnel()) {
            // Whoever made it a tunnel knows how long it may be silent.
            return;
        }
        int pendingBytes = connection.channel().pendingBytes();
        clock.lookAtDrain(request.sentBytes(), pendingBytes, nowNs);
        long dueNs = dueNs(pendingBytes);
        if (nowNs >= dueNs) {
            boolean isFirstByte = response.awaitsHead() && pendingBytes == 0;
            fail(isFirstByte ? Reason.FIRST_BYTE_TIMEOUT : Reason.UPSTREAM_IDLE_TIMEOUT, Retry.UNSAFE);
        } else {
            clock.ringAgain(dueNs, pendingBytes > 0 || !request.isComplete(), nowNs);
        }
    }

    // Who must make the next step: only the endpoint is held to a time here, never the client.
    private long dueNs(int pendingBytes) {
        if (!request.hasBegun()) {
            return Http1Clock.NEVER;
        }
        if (response.isInHead()) {
            return clock.headDueNs();
        }
        if (response.awaitsHead()) {
            if (pendingBytes > 0) {
                return clock.drainDueNs();
            }
            return request.isComplete() || request.awaitsContinue() ? clock.firstByteDueNs() : Http1Clock.NEVER;
        }
        if (!wantsBody && !response.isEnded()) {
            return Http1Clock.NEVER;
        }
        return clock.answerDueNs();
    }

    private UpstreamStreamHandler handler() {
        UpstreamStreamHandler present = handler;
        if (present == null) {
            throw new IllegalStateException("the stream has ended");
        }
        return present;
    }

    @Override
    public String toString() {
        return "stream " + streams + " of " + connection;
    }
}
