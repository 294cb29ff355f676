package io.penstock.downstream;

import io.penstock.exchange.DownstreamStream;
import io.penstock.exchange.Exchange;
import io.penstock.exchange.PeerAddress;
import io.penstock.http.Fields;
import io.penstock.http.ParseState;
import io.penstock.http.RequestHead;
import io.penstock.http.RequestHeadParser;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's HTTP/1 connection, which is also the one stream it offers at a time (RFC 9112).
 *
 * <p>Requests are answered in order because the next head is not read before the present response is complete: pipelined
 * bytes wait in the channel. An idle connection holds no exchange.
 *
 * <p>Every call into the exchange may end it, upon which it is forgotten here ({@link #exchange} is null) and the state
 * has moved on; so the state is looked at again after each such call.
 */
@WorkerConfined
final class Http1Connection implements ChannelHandler, DownstreamStream {
    private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

    /** Bytes of an unwanted request body that are read and dropped so that the connection can be kept. */
    static final int DISCARD_BYTES_MAX = 256 * 1024;

    private enum State {
        /** Between requests. */
        IDLE,
        /** A head is arriving. */
        HEAD,
        /** A body is arriving for the exchange. */
        BODY,
        /** The request is complete, the response is not. */
        AWAIT,
        /** The response is complete; the rest of the body is read and dropped, then the next request may come. */
        DRAIN,
        /** Opaque bytes. */
        TUNNEL,
        /** The last response has left; input is read and dropped until the peer closes. */
        LINGER,
        /** Gone, or only waiting for the last output to leave. */
        CLOSED
    }

    // The list of its listener's connections.
    @Nullable
    Http1Connection previous;

    @Nullable
    Http1Connection next;

    private final DownstreamContext context;
    private final ListenerSlot slot;
    private final Channel channel;
    private final PeerAddress peer;
    private final ConnectionTimers timers;
    private final RequestBody body;
    private final ResponseEncoder encoder;

    private ListenerRuntime listener;
    private State state = State.IDLE;
    private @Nullable Exchange exchange;
    private @Nullable RequestHeadParser parser;
    private int discarded;
    private boolean isDemanded;
    private boolean hasInputEnded;
    private boolean hasAnswered;
    private boolean closesAfterwards;

    Http1Connection(DownstreamContext context, ListenerSlot slot, Channel channel) {
        this.context = context;
        this.slot = slot;
        this.listener = slot.current();
        this.channel = channel;
        this.peer = new PeerAddress(channel.remoteAddress());
        this.timers = new ConnectionTimers(this, context.wheel());
        this.body = new RequestBody(context.noFields());
        this.encoder = new ResponseEncoder(context, channel);
    }

    // ---- from the channel ----

    @Override
    public void opened(Channel opened) {
        timers.awaitFirstRequest(context.nowNs(), listener);
        channel.receive(true);
    }

    @Override
    public int received(Channel from, Received bytes) {
        try {
            return take(bytes);
        } catch (RuntimeException defect) {
            LOG.error("a defect while a request was read; its exchange ends, the worker goes on", defect);
            failed();
            return bytes.length();
        }
    }

    private void failed() {
        Exchange running = exchange;
        closesAfterwards = true;
        body.unknown();
        if (running != null && state != State.HEAD) {
            running.defect();
        } else {
            goneDownstream(Reason.INTERNAL);
            abort();
        }
    }

    private int take(Received bytes) {
        int taken = 0;
        while (taken < bytes.length()) {
            int before = taken;
            State entered = state;
            taken += switch (entered) {
                case IDLE -> beginRequest();
                case HEAD -> head(bytes, taken);
                case BODY -> isDemanded ? bodyPart(bytes, taken) : 0;
                case AWAIT -> 0;
                case DRAIN -> drain(bytes, taken);
                case TUNNEL -> tunnelPart(bytes, taken);
                case LINGER, CLOSED -> bytes.length() - taken;
            };
            if (taken == before && state == entered) {
                break;
            }
        }
        return taken;
    }

    private int beginRequest() {
        if (!channel.isSendable()) {
            // A client that pipelines without reading its answers waits here, not in our memory.
            return 0;
        }
        listener = slot.current();
        exchange = context.exchanges().take(this);
        parser = context.takeParser(listener.headLimits());
        state = State.HEAD;
        return 0;
    }

    private int head(Received bytes, int taken) {
        RequestHeadParser reading = heldParser();
        RequestHead head = heldExchange().request();
        int consumed = reading.feed(bytes.buffer(), bytes.offset() + taken, bytes.length() - taken, head);
        ParseState outcome = reading.state();
        if (outcome == ParseState.NEEDS_MORE) {
            timers.headIncomplete(context.nowNs(), listener);
            return consumed;
        }
        if (outcome == ParseState.REFUSED) {
            Reason reason = reading.reason();
            String detail = reading.detail();
            releaseParser();
            refuseHead(reason, detail);
            return bytes.length() - taken;
        }
        releaseParser();
        timers.headComplete();
        closesAfterwards |= !head.isKeepAlive() || context.isDraining();
        body.begin(head);
        encoder.begin(head);
        isDemanded = false;
        discarded = 0;
        state = body.isComplete() ? State.AWAIT : State.BODY;
        heldExchange().headComplete(!body.isComplete());
        return consumed;
    }

    /** The head is beyond repair: what follows it cannot be told apart, so the connection ends with the answer. */
    private void refuseHead(Reason reason, String detail) {
        state = State.AWAIT;
        encoder.beginUnparsed();
        body.unknown();
        if (reason == Reason.HTTP2_UNAVAILABLE) {
            // Such a client reads no HTTP/1 answer: it sees a clean close.
            heldExchange().downstreamGone(reason);
            exchange = null;
            linger();
            return;
        }
        heldExchange().downstreamRefused(reason, detail);
    }

    private int bodyPart(Received bytes, int taken) {
        int offset = bytes.offset() + taken;
        int consumed = body.next(bytes.buffer(), offset, bytes.length() - taken);
        timers.bodyProgress(context.nowNs(), listener);
        if (body.isRefused()) {
            String detail = body.refusalDetail();
            state = State.AWAIT;
            heldExchange().downstreamRefused(body.refusal(), detail);
            return bytes.length() - taken;
        }
        if (body.payloadLength() > 0) {
            heldExchange().requestBody(bytes, body.payloadOffset(), body.payloadLength());
        }
        if (body.isComplete() && state == State.BODY) {
            state = State.AWAIT;
            timers.bodyComplete();
            heldExchange().requestEnd(body.trailers());
        }
        return consumed;
    }

    private int drain(Received bytes, int taken) {
        int consumed = body.next(bytes.buffer(), bytes.offset() + taken, bytes.length() - taken);
        discarded += consumed;
        if (body.isRefused() || discarded > DISCARD_BYTES_MAX) {
            linger();
        } else if (body.isComplete()) {
            awaitNextRequest();
        }
        return consumed;
    }

    private int tunnelPart(Received bytes, int taken) {
        if (!isDemanded) {
            return 0;
        }
        int rest = bytes.length() - taken;
        heldExchange().requestBody(bytes, bytes.offset() + taken, rest);
        return rest;
    }

    @Override
    public void endOfInput(Channel from) {
        hasInputEnded = true;
        switch (state) {
            case IDLE, DRAIN, LINGER -> close();
            case HEAD -> {
                releaseParser();
                goneDownstream(Reason.CLIENT_CLOSED);
                close();
            }
            case BODY -> {
                // The body can never be complete: nothing that the endpoint says to half of it is worth having.
                goneDownstream(Reason.CLIENT_CLOSED);
                abort();
            }
            case AWAIT -> closesAfterwards = true;
            case TUNNEL -> heldExchange().requestEnd(body.trailers());
            case CLOSED -> {}
        }
    }

    @Override
    public void sendable(Channel from) {
        if (state != State.LINGER && state != State.CLOSED) {
            // Of the last output all must leave: that some has is no reason to stop watching.
            timers.writeProgress();
        }
        Exchange running = exchange;
        if (running != null) {
            running.downstreamSendable();
        } else if (state == State.IDLE) {
            channel.receive(true);
        }
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        State before = state;
        state = State.CLOSED;
        timers.stop();
        if (before == State.HEAD) {
            releaseParser();
        }
        goneDownstream(Reason.CLIENT_CLOSED);
        slot.closed(this);
    }

    private void goneDownstream(Reason reason) {
        Exchange running = exchange;
        exchange = null;
        if (running != null) {
            running.downstreamGone(reason);
        }
    }

    // ---- from the exchange ----

    @Override
    public ListenerRuntime listener() {
        return listener;
    }

    @Override
    public PeerAddress peer() {
        return peer;
    }

    @Override
    public InetSocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public byte[] protocol() {
        return encoder.protocol();
    }

    @Override
    public void sendInformational(ResponseHead head) {
        encoder.informational(head);
    }

    @Override
    public void sendHead(ResponseHead head, boolean isLast) {
        if (context.isDraining()) {
            closesAfterwards = true;
        }
        closesAfterwards = encoder.head(head, isLast, closesAfterwards);
        watchOutput();
        if (isLast) {
            responseComplete();
        }
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        encoder.body(bytes, offset, length);
        watchOutput();
    }

    @Override
    public void sendBody(byte[] bytes, int offset, int length) {
        encoder.body(bytes, offset, length);
        watchOutput();
    }

    @Override
    public void sendEnd(Fields trailers) {
        if (state == State.TUNNEL) {
            channel.finish();
            return;
        }
        encoder.end(trailers);
        responseComplete();
    }

    @Override
    public boolean isSendable() {
        return channel.isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        isDemanded = wanted;
        if (state == State.BODY) {
            timers.bodyWanted(wanted, context.nowNs(), listener);
            channel.receive(wanted);
        } else if (state == State.TUNNEL) {
            channel.receive(wanted);
        }
    }

    @Override
    public void closeAfterwards() {
        closesAfterwards = true;
    }

    @Override
    public void becomeTunnel() {
        state = State.TUNNEL;
        encoder.becomeTunnel();
        timers.tunnelBegins();
    }

    @Override
    public void tunnelEnded() {
        exchange = null;
        close();
    }

    @Override
    public void reset() {
        exchange = null;
        abort();
    }

    // ---- the end of a response, and of the connection ----

    private void responseComplete() {
        exchange = null;
        hasAnswered = true;
        if (closesAfterwards || hasInputEnded) {
            if (hasInputEnded || body.isComplete()) {
                close();
            } else {
                linger();
            }
        } else if (body.isComplete()) {
            awaitNextRequest();
        } else {
            state = State.DRAIN;
            timers.drainBegins(context.nowNs());
            channel.receive(true);
        }
    }

    private void awaitNextRequest() {
        state = State.IDLE;
        timers.awaitNextRequest(context.nowNs(), listener);
        channel.receive(true);
    }

    /**
     * Ends the output but goes on reading for a while, however much comes: a reset would cost the peer what it has not
     * read of the response (RFC 9112 section 9.6).
     */
    private void linger() {
        state = State.LINGER;
        timers.lingerBegins(context.nowNs(), listener);
        channel.finish();
        channel.receive(true);
    }

    private void close() {
        state = State.CLOSED;
        timers.closeBegins(context.nowNs(), listener);
        channel.close();
    }

    private void abort() {
        state = State.CLOSED;
        timers.stop();
        channel.abort();
    }

    private void watchOutput() {
        if (!channel.isSendable()) {
            timers.writeBlocked(context.nowNs(), listener);
        }
    }

    /** The worker stops: nothing is waited for any more. */
    void cut() {
        goneDownstream(Reason.DRAINING);
        abort();
    }

    /**
     * The listener or the worker drains: an idle connection ends now, a busy one after its response. A connection that has
     * had no request yet was opened for one that is on its way, so it gets a moment to come.
     */
    void drainConnection() {
        if (state == State.IDLE && hasAnswered) {
            close();
            return;
        }
        closesAfterwards = true;
        if (state == State.IDLE) {
            timers.awaitOnlyRequest(context.nowNs());
        }
    }

    // ---- from the timers ----

    /** The peer let a time pass in which it had to send something. */
    void readTimeout() {
        switch (state) {
            case IDLE -> close();
            case HEAD -> {
                releaseParser();
                refuseHead(Reason.HEAD_TIMEOUT, "the request head did not arrive in time");
            }
            case BODY -> {
                if (!isDemanded) {
                    // Nobody wanted the body: what rings is left over from waiting for the head.
                    return;
                }
                state = State.AWAIT;
                body.unknown();
                heldExchange().downstreamRefused(Reason.BODY_TIMEOUT, "the request body made no progress in time");
            }
            case LINGER -> {
                if (channel.pendingBytes() > 0) {
                    timers.lingerBegins(context.nowNs(), listener);
                } else {
                    abort();
                }
            }
            case DRAIN -> {
                if (channel.pendingBytes() > 0) {
                    linger();
                } else {
                    abort();
                }
            }
            case TUNNEL -> {
                goneDownstream(Reason.CLIENT_CLOSED);
                abort();
            }
            case AWAIT, CLOSED -> {}
        }
    }

    /** The peer took no output for as long as it may. */
    void writeTimeout() {
        goneDownstream(Reason.WRITE_TIMEOUT);
        abort();
    }

    int pendingBytes() {
        return channel.pendingBytes();
    }

    private void releaseParser() {
        context.releaseParser(heldParser());
        parser = null;
    }

    private RequestHeadParser heldParser() {
        RequestHeadParser held = parser;
        if (held == null) {
            throw new IllegalStateException("no head is being read");
        }
        return held;
    }

    private Exchange heldExchange() {
        Exchange running = exchange;
        if (running == null) {
            throw new IllegalStateException("no exchange runs on this connection");
        }
        return running;
    }
}
