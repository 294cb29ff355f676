package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.upstream.UpstreamFailure.Retry;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection to an endpoint, which carries one exchange at a time: it is the stream of each in turn.
 *
 * <p>The channel tells it what comes, {@link Http1Response} says what that means, {@link Http1Request} frames what goes,
 * {@link Http1Clock} says when it takes too long. Here is only who has the connection, and how each of them lets go of it.
 * A stream ends before its exchange is told, so that the exchange may begin another one at once, on this connection too.
 */
@WorkerConfined
final class Http1UpstreamConnection implements UpstreamStream, ChannelHandler {
    private enum State {
        /** Being made for a request. */
        CONNECTING,
        /** In the pool. */
        IDLE,
        /** Carries an exchange. */
        ACTIVE,
        /** Nobody's; counted until the channel is gone. */
        CLOSING,
        /** Gone. */
        CLOSED
    }

    private final Upstream upstream;
    private final Endpoint endpoint;
    private final Http1Request request;
    private final Http1Response response = new Http1Response();
    private final Http1Clock clock;
    private final long expiresNs;

    /** Null before {@link #connect}. */
    private @Nullable Channel channel;

    /** The request it is made for; null once it is made, or given up. */
    private @Nullable OpenRequest connectingFor;

    /** The exchange's; null while there is none. */
    private @Nullable UpstreamStreamHandler handler;

    private State state = State.CONNECTING;
    // The present exchange is this one since the connection was made: a handler that is called may end its stream and
    // begin
    // another one here before it returns.
    private int streams;
    private boolean wantsBody = true;

    // Links of the pool; null at its ends and outside of it.
    @Nullable
    Http1UpstreamConnection idleNewer;

    @Nullable
    Http1UpstreamConnection idleOlder;

    Http1UpstreamConnection(Upstream upstream, Endpoint endpoint) {
        this.upstream = upstream;
        this.endpoint = endpoint;
        this.request = new Http1Request(upstream.worker().writing());
        this.clock = new Http1Clock(this, upstream.worker().loop());
        long ageMaxNs =
                upstream.worker().chance().shortened(upstream.spec().pool().ageMaxNs());
        this.expiresNs = ageMaxNs == Long.MAX_VALUE ? Http1Clock.NEVER : clock.nowNs() + ageMaxNs;
    }

    // ---- being made

    /** Begins to make the connection; hears of it by {@link #opened} or {@link #closed}. */
    void connect(OpenRequest wantedBy) {
        connectingFor = wantedBy;
        endpoint.requestBegan();
        long timeoutNs =
                wantedBy.boundedConnectTimeoutNs(upstream.spec().timeouts().connectNs());
        channel = upstream.worker().loop().connect(endpoint.address(), timeoutNs, this);
    }

    /** Nobody wants it any more. */
    void cancelConnecting() {
        connectingFor = null;
        endpoint.requestEnded();
        state = State.CLOSING;
        channel().abort();
    }

    @Override
    public void opened(Channel opened) {
        OpenRequest wantedBy = connectingFor;
        if (wantedBy != null) {
            connectingFor = null;
            opened.receive(true);
            endpoint.connected();
            begin(wantedBy.resolve());
        }
    }

    // ---- one exchange after another

    /** Takes the connection, which has just left the pool, for an exchange. */
    void startReused(UpstreamStreamHandler exchange) {
        upstream.leftIdle(endpoint);
        counters().add(Counter.UPSTREAM_REUSES);
        endpoint.requestBegan();
        begin(exchange);
    }

    private void begin(UpstreamStreamHandler exchange) {
        streams++;
        state = State.ACTIVE;
        handler = exchange;
        wantsBody = true;
        request.begin();
        clock.streamBegan(upstream.spec().timeouts());
        exchange.streamOpened(this);
    }

    // Lets go of the exchange. The caller says what becomes of the connection, and only then tells the exchange.
    private UpstreamStreamHandler end(State next) {
        UpstreamStreamHandler exchange = handler();
        handler = null;
        state = next;
        endpoint.requestEnded();
        counters().add(Counter.UPSTREAM_BYTES_OUT, request.sentBytes());
        return exchange;
    }

    // Ends the stream of a complete answer. Returns whether the connection is kept, and then serveWaiting must follow.
    private boolean endComplete(boolean mayGoOn) {
        boolean isKept = mayGoOn
                && request.isComplete()
                && response.mayReuse()
                && streams < upstream.spec().pool().requestsMax()
                && isKeptByPool();
        end(isKept ? State.IDLE : State.CLOSING);
        if (isKept) {
            intoPool();
        } else {
            closeInOrder();
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
        endpoint.requestFailed();
        channel().abort();
        exchange.streamFailed(new UpstreamFailure(reason, retry));
    }

    private Retry retryAfterLoss() {
        if (!request.hasBegun()) {
            return Retry.NOTHING_SENT;
        }
        return isReused() && !response.hasBegun() ? Retry.STALE_CONNECTION : Retry.UNSAFE;
    }

    // ---- idle

    private boolean isKeptByPool() {
        return clock.nowNs() < expiresNs && channel().isOpen() && idleTimeoutNs() > 0 && upstream.keeps(this);
    }

    private void intoPool() {
        clock.becameIdle(idleTimeoutNs(), expiresNs);
        upstream.becameIdle(this);
        if (!wantsBody) {
            // The end of input must be noticed while it is idle.
            channel().receive(true);
        }
    }

    private long idleTimeoutNs() {
        return Math.min(upstream.spec().pool().idleTimeoutNs(), response.peerIdleTimeoutNs());
    }

    /** Whether it may be taken out of the pool for one more exchange. */
    boolean isUsableAt(long nowNs) {
        return clock.isIdleUsableAt(nowNs) && channel().isOpen();
    }

    /** Closes it out of the pool. */
    void closeIdle() {
        endpoint.pool().remove(this);
        upstream.leftIdle(endpoint);
        state = State.CLOSING;
        closeInOrder();
    }

    private void closeInOrder() {
        clock.lingers();
        channel().close();
    }

    // ---- what the exchange does

    @Override
    public Endpoint endpoint() {
        return endpoint;
    }

    @Override
    public boolean isReused() {
        return streams > 1;
    }

    @Override
    public void sendHead(RequestHead head, boolean isLast) {
        response.begin(head.method(), head.forwarding().isUpgrade());
        request.sendHead(channel(), head, isLast);
        clock.requestSent(request.isComplete());
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        request.sendBody(channel(), bytes, offset, length);
        clock.requestSent(request.isComplete());
    }

    @Override
    public void sendBody(DirectBuffer bytes, int offset, int length) {
        request.sendBody(channel(), bytes, offset, length);
        clock.requestSent(request.isComplete());
    }

    @Override
    public void sendEnd(Fields trailers) {
        request.sendEnd(channel(), trailers);
        clock.requestSent(request.isComplete());
        if (request.isTunnel() && response.isEnded()) {
            end(State.CLOSING);
            closeInOrder();
        }
    }

    @Override
    public boolean isSendable() {
        return channel().isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        if (handler != null && wantsBody != wanted) {
            wantsBody = wanted;
            // While nobody wanted the body, the endpoint could not make progress.
            clock.answerProgressed();
            channel().receive(wanted);
        }
    }

    @Override
    public void becomeTunnel() {
        request.becomeTunnel();
        response.becomeTunnel();
        channel().receive(wantsBody);
    }

    @Override
    public void reset() {
        if (handler == null) {
            return;
        }
        if (!request.hasBegun() && isKeptByPool()) {
            end(State.IDLE);
            intoPool();
            upstream.serveWaiting();
        } else {
            end(State.CLOSING);
            channel().abort();
        }
    }

    // ---- what the channel tells

    @Override
    public int received(Channel from, Received bytes) {
        switch (state) {
            case ACTIVE -> {
                return answer(bytes);
            }
            case IDLE -> closeIdle();
            case CONNECTING, CLOSING, CLOSED -> {}
        }
        return bytes.length();
    }

    private boolean isCarrying(int stream) {
        return handler != null && streams == stream;
    }

    private int answer(Received bytes) {
        counters().add(Counter.UPSTREAM_BYTES_IN, bytes.length());
        if (!request.hasBegun()) {
            fail(Reason.UPSTREAM_PROTOCOL, Retry.NOTHING_SENT);
            return bytes.length();
        }
        clock.answerProgressed();
        if (response.awaitsHead()) {
            clock.headBegan();
        }
        UpstreamStreamHandler exchange = handler();
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
                case INFORMATIONAL -> exchange.informational(response.head());
                case HEAD -> {
                    endpoint.answered(response.head().status());
                    if (response.isEnded()) {
                        completeByHead(at == end);
                    } else {
                        exchange.responseHead(response.head(), false);
                    }
                }
                case BODY -> {
                    int length = response.runLength();
                    int taken = exchange.responseBody(bytes, response.runOffset(), length);
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

    @Override
    public void endOfInput(Channel from) {
        switch (state) {
            case IDLE -> closeIdle();
            case ACTIVE -> {
                if (response.isTunnel() && !request.isComplete()) {
                    // The other direction goes on until the exchange ends it.
                    response.inputEnded();
                    handler().responseEnd(response.trailers());
                } else if (response.endsWithInput()) {
                    response.inputEnded();
                    completeByBody(false);
                } else {
                    fail(Reason.UPSTREAM_RESET, retryAfterLoss());
                }
            }
            case CONNECTING, CLOSING, CLOSED -> {}
        }
    }

    @Override
    public void sendable(Channel from) {
        UpstreamStreamHandler exchange = handler;
        if (exchange != null) {
            exchange.streamSendable();
        }
    }

    @Override
    public void closed(Channel gone, CloseCause cause) {
        State was = state;
        OpenRequest wantedBy = connectingFor;
        connectingFor = null;
        clock.stop();
        switch (was) {
            case CONNECTING -> {
                state = State.CLOSED;
                endpoint.requestEnded();
                upstream.connectionGone(this);
                if (wantedBy != null) {
                    upstream.connectFailed(wantedBy, cause);
                }
            }
            case ACTIVE -> {
                UpstreamFailure failure = new UpstreamFailure(Reason.UPSTREAM_RESET, retryAfterLoss());
                UpstreamStreamHandler exchange = end(State.CLOSED);
                endpoint.requestFailed();
                upstream.connectionGone(this);
                exchange.streamFailed(failure);
            }
            case IDLE -> {
                state = State.CLOSED;
                endpoint.pool().remove(this);
                upstream.leftIdle(endpoint);
                upstream.connectionGone(this);
            }
            case CLOSING -> {
                state = State.CLOSED;
                upstream.connectionGone(this);
            }
            case CLOSED -> throw new IllegalStateException("told twice that the channel is gone");
        }
    }

    // ---- what the clock says

    void clockRang(long nowNs) {
        switch (state) {
            case ACTIVE -> checkExchange(nowNs);
            case IDLE -> {
                if (clock.isIdleUsableAt(nowNs)) {
                    clock.ringBy(clock.idleUntilNs());
                } else {
                    closeIdle();
                }
            }
            case CLOSING -> {
                if (nowNs < clock.lingerUntilNs()) {
                    clock.ringBy(clock.lingerUntilNs());
                } else {
                    channel().abort();
                }
            }
            case CONNECTING, CLOSED -> {}
        }
    }

    private void checkExchange(long nowNs) {
        int pendingBytes = channel().pendingBytes();
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
        return request.isTunnel() ? clock.tunnelDueNs() : clock.answerDueNs();
    }

    // ---- parts that are there whenever they are asked for

    private Channel channel() {
        Channel present = channel;
        if (present == null) {
            throw new IllegalStateException("not connected");
        }
        return present;
    }

    private WorkerCounters counters() {
        return upstream.worker().counters();
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
        return state + " connection to " + endpoint;
    }
}
