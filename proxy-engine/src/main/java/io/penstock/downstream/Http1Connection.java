package io.penstock.downstream;

import io.penstock.http.RequestHead;
import io.penstock.http2.Preface;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.tls.TlsFacts;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's HTTP/1 connection (RFC 9112): what comes over it, in order, and when it ends. What goes back is the
 * {@link Http1Stream}'s.
 *
 * <p>Requests are answered in order because the next head is not read before the present response is complete: pipelined
 * bytes wait in the channel. An idle connection holds no exchange.
 *
 * <p>Every call into the exchange may end it, upon which it is forgotten by the stream and the state
 * has moved on; so the state is looked at again after each such call.
 */
@WorkerConfined
final class Http1Connection extends SocketConnection implements WriteTimer.Output {
    private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

    /** Bytes of an unwanted request body that are read and dropped so that the connection can be kept. */
    static final int DISCARD_BYTES_MAX = 256 * 1024;

    private final DownstreamContext context;
    private final ListenerSlot slot;
    private final Channel channel;
    private final ConnectionTimers timers;
    private final HeadReader head;
    private final RequestBody body;
    private final Http1Stream stream;

    private ListenerRuntime listener;
    private Http1State state = Http1State.IDLE;
    private int discarded;
    private boolean isDemanded;
    private boolean hasInputEnded;
    private boolean hasAnswered;
    private boolean closesAfterwards;

    /** What took this one's place, because the client speaks HTTP/2 without having asked; null if nothing did. */
    private @Nullable Http2Connection successor;

    Http1Connection(DownstreamContext context, ListenerSlot slot, Channel channel, @Nullable TlsFacts tls) {
        this.context = context;
        this.slot = slot;
        this.listener = slot.current();
        this.channel = channel;
        this.timers = new ConnectionTimers(this, context.wheel());
        this.head = new HeadReader(context);
        this.body = new RequestBody(context.noFields());
        this.stream = new Http1Stream(this, context, channel, tls);
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
        closesAfterwards = true;
        body.unknown();
        if (stream.hasExchange() && state != Http1State.HEAD) {
            stream.exchange().defect();
        } else {
            stream.gone(Reason.INTERNAL);
            abort();
        }
    }

    private int take(Received bytes) {
        int taken = 0;
        while (taken < bytes.length()) {
            int before = taken;
            Http1State entered = state;
            taken += switch (entered) {
                case IDLE -> beginRequest();
                case HEAD -> headPart(bytes, taken);
                case BODY -> isDemanded ? bodyPart(bytes, taken) : 0;
                case AWAIT -> 0;
                case DRAIN -> drain(bytes, taken);
                case TUNNEL -> tunnelPart(bytes, taken);
                case LINGER, CLOSED -> bytes.length() - taken;
            };
            Http2Connection after = successor;
            if (after != null) {
                return after.take(bytes, taken);
            }
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
        stream.begin();
        head.begin(listener.headLimits());
        state = Http1State.HEAD;
        return 0;
    }

    private int headPart(Received bytes, int taken) {
        RequestHead into = stream.exchange().request();
        int consumed = head.feed(bytes.buffer(), bytes.offset() + taken, bytes.length() - taken, into);
        return switch (head.state()) {
            case NEEDS_MORE -> {
                timers.headIncomplete(context.nowNs(), listener);
                yield consumed;
            }
            case REFUSED -> {
                if (isHttp2Wanted(into)) {
                    // Of what was read, the preface's first line alone is behind us.
                    int behindLine = Preface.LINE_BYTES - (into.size() - consumed);
                    becomeHttp2();
                    yield behindLine;
                }
                Reason reason = head.reason();
                String detail = head.detail();
                head.release();
                refuseHead(reason, detail);
                yield bytes.length() - taken;
            }
            case COMPLETE -> {
                head.release();
                headComplete(into);
                yield consumed;
            }
        };
    }

    // Prior knowledge, RFC 9113 section 3.3: the preface looks like a request line, and nothing else is spent on it.
    private boolean isHttp2Wanted(RequestHead refused) {
        return head.reason() == Reason.HTTP2_UNAVAILABLE
                && listener.config().http2()
                && !hasAnswered
                && refused.bytes()[0] == 'P';
    }

    private void becomeHttp2() {
        head.release();
        stream.dismiss();
        timers.stop();
        state = Http1State.CLOSED;
        successor = slot.becomeHttp2(this, channel, stream.tls(), Preface.LINE_BYTES);
    }

    private void headComplete(RequestHead request) {
        timers.headComplete();
        closesAfterwards |= !request.isKeepAlive() || context.isDraining();
        body.begin(request);
        stream.headComplete(request);
        isDemanded = false;
        discarded = 0;
        state = body.isComplete() ? Http1State.AWAIT : Http1State.BODY;
        stream.exchange().headComplete(!body.isComplete());
    }

    /** The head is beyond repair: what follows it cannot be told apart, so the connection ends with the answer. */
    private void refuseHead(Reason reason, String detail) {
        state = Http1State.AWAIT;
        stream.headRefused();
        body.unknown();
        if (reason == Reason.HTTP2_UNAVAILABLE) {
            // Such a client reads no HTTP/1 answer: it sees a clean close.
            stream.gone(reason);
            linger();
            return;
        }
        stream.exchange().downstreamRefused(reason, detail);
    }

    private int bodyPart(Received bytes, int taken) {
        int offset = bytes.offset() + taken;
        int consumed = body.next(bytes.buffer(), offset, bytes.length() - taken);
        timers.bodyProgress(context.nowNs(), listener);
        if (body.isRefused()) {
            String detail = body.refusalDetail();
            state = Http1State.AWAIT;
            stream.exchange().downstreamRefused(body.refusal(), detail);
            return bytes.length() - taken;
        }
        if (body.payloadLength() > 0) {
            stream.exchange().requestBody(bytes, body.payloadOffset(), body.payloadLength());
        }
        if (body.isComplete() && state == Http1State.BODY) {
            state = Http1State.AWAIT;
            timers.bodyComplete();
            stream.exchange().requestEnd(body.trailers());
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
        stream.exchange().requestBody(bytes, bytes.offset() + taken, rest);
        return rest;
    }

    @Override
    public void endOfInput(Channel from) {
        hasInputEnded = true;
        switch (state) {
            case IDLE, DRAIN, LINGER -> close();
            case HEAD -> {
                head.release();
                stream.gone(Reason.CLIENT_CLOSED);
                close();
            }
            case BODY -> {
                // The body can never be complete: nothing that the endpoint says to half of it is worth having.
                stream.gone(Reason.CLIENT_CLOSED);
                abort();
            }
            case AWAIT -> closesAfterwards = true;
            case TUNNEL -> stream.exchange().requestEnd(body.trailers());
            case CLOSED -> {}
        }
    }

    @Override
    public void sendable(Channel from) {
        if (state != Http1State.LINGER && state != Http1State.CLOSED) {
            // Of the last output all must leave: that some has is no reason to stop watching.
            timers.writeProgress();
        }
        if (!stream.sendable() && state == Http1State.IDLE) {
            channel.receive(true);
        }
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        Http1State before = state;
        state = Http1State.CLOSED;
        timers.stop();
        if (before == Http1State.HEAD) {
            head.release();
        }
        stream.gone(Reason.CLIENT_CLOSED);
        slot.closed(this);
    }

    // ---- from the stream ----

    ListenerRuntime listener() {
        return listener;
    }

    /** Whether the connection ends after the present response. */
    boolean closesAfterwards() {
        closesAfterwards |= context.isDraining();
        return closesAfterwards;
    }

    void closeAfterwards() {
        closesAfterwards = true;
    }

    /** Whether input is wanted for the exchange. */
    void demand(boolean wanted) {
        isDemanded = wanted;
        if (state == Http1State.BODY) {
            timers.bodyWanted(wanted, context.nowNs(), listener);
            channel.receive(wanted);
        } else if (state == Http1State.TUNNEL) {
            channel.receive(wanted);
        }
    }

    void tunnelBegins() {
        state = Http1State.TUNNEL;
        timers.tunnelBegins();
    }

    /** Output was given to the channel: if it piles up, the client must take some in time. */
    void watchOutput() {
        if (!channel.isSendable()) {
            timers.writeBlocked(context.nowNs(), listener);
        }
    }

    // ---- the end of a response, and of the connection ----

    void responseComplete() {
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
            state = Http1State.DRAIN;
            timers.drainBegins(context.nowNs());
            channel.receive(true);
        }
    }

    private void awaitNextRequest() {
        state = Http1State.IDLE;
        timers.awaitNextRequest(context.nowNs(), listener);
        channel.receive(true);
    }

    /**
     * Ends the output but goes on reading for a while, however much comes: a reset would cost the peer what it has not
     * read of the response (RFC 9112 section 9.6).
     */
    private void linger() {
        state = Http1State.LINGER;
        timers.lingerBegins(context.nowNs(), listener);
        channel.finish();
        channel.receive(true);
    }

    void close() {
        state = Http1State.CLOSED;
        timers.closeBegins(context.nowNs(), listener);
        channel.close();
    }

    void abort() {
        state = Http1State.CLOSED;
        timers.stop();
        channel.abort();
    }

    @Override
    void cut() {
        if (state == Http1State.TUNNEL) {
            stream.exchange().endTunnel(Reason.DRAINING);
            return;
        }
        stream.gone(Reason.DRAINING);
        abort();
    }

    /**
     * The listener or the worker drains: a busy connection ends after its response, an idle one after its next, if that comes
     * in time. A connection that has had no request yet was opened for one that is on its way, so it gets a moment at least.
     */
    @Override
    void drainConnection() {
        long idleMaxNs = context.idleMaxNs();
        if (state == Http1State.IDLE && hasAnswered && idleMaxNs == 0) {
            close();
            return;
        }
        closesAfterwards = true;
        if (state == Http1State.IDLE && hasAnswered) {
            timers.awaitLastRequest(context.nowNs(), idleMaxNs);
        } else if (state == Http1State.IDLE) {
            timers.awaitOnlyRequest(context.nowNs());
        }
    }

    // ---- from the timers ----

    /** The peer let a time pass in which it had to send something. */
    void readTimeout() {
        switch (state) {
            case IDLE -> close();
            case HEAD -> {
                head.release();
                refuseHead(Reason.HEAD_TIMEOUT, "the request head did not arrive in time");
            }
            case BODY -> {
                if (!isDemanded) {
                    // Nobody wanted the body: what rings is left over from waiting for the head.
                    return;
                }
                state = Http1State.AWAIT;
                body.unknown();
                stream.exchange().downstreamRefused(Reason.BODY_TIMEOUT, "the request body made no progress in time");
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
                stream.gone(Reason.CLIENT_CLOSED);
                abort();
            }
            case AWAIT, CLOSED -> {}
        }
    }

    /** The peer took no output for as long as it may. */
    @Override
    public void writeTimeout() {
        stream.gone(Reason.WRITE_TIMEOUT);
        abort();
    }

    @Override
    public int pendingBytes() {
        return channel.pendingBytes();
    }
}
