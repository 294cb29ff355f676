package io.penstock.downstream;

import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Http2RequestRules;
import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameType;
import io.penstock.http2.FrameWriter;
import io.penstock.http2.PeerBudget;
import io.penstock.http2.PeerSettings;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/2 connection (RFC 9113): its streams, its windows, and when it ends. What comes over it is the
 * {@link Http2Input}'s, what goes back the {@link Http2Sender}'s.
 *
 * <p>As on HTTP/1, every call into an exchange may end it, and here its stream with it; so a stream is looked up again after
 * each such call.
 */
@WorkerConfined
final class Http2Connection extends SocketConnection implements WriteTimer.Output {
    private enum State {
        OPEN,
        LINGER,
        CLOSED
    }

    private final DownstreamContext context;
    private final ListenerSlot slot;
    private final Channel channel;
    private final PeerAddress peer;

    /** Null in clear text. */
    private final @Nullable TlsFacts tls;

    private final PeerSettings peerSettings = new PeerSettings();
    private final PeerBudget budget;
    private final Http2Streams streams = new Http2Streams();
    private final Http2Sender sender;
    private final Http2Input input;
    private final Http2Timers timers;

    private ListenerRuntime listener;
    private State state = State.OPEN;
    private int lastServedId;
    private boolean isInExchange;
    private boolean hasInputEnded;
    private boolean isGoodbyeSaid;
    private boolean refusesStreams;

    /** @param prefaceSeen octets of the preface that were read already */
    Http2Connection(
            DownstreamContext context, ListenerSlot slot, Channel channel, @Nullable TlsFacts tls, int prefaceSeen) {
        this.context = context;
        this.slot = slot;
        this.listener = slot.current();
        this.channel = channel;
        this.tls = tls;
        this.peer = new PeerAddress(channel.remoteAddress());
        this.budget = new PeerBudget(context.nowNs());
        this.sender = new Http2Sender(context, channel, peerSettings, budget);
        this.input = new Http2Input(this, context, channel, streams, peerSettings, prefaceSeen);
        this.timers = new Http2Timers(this, context.wheel());
    }

    // ---- from the channel ----

    @Override
    public void opened(Channel opened) {
        context.counters().add(Counter.HTTP2_CONNECTIONS);
        timers.awaitFirstRequest(context.nowNs(), listener);
        ByteBuilder out = context.output();
        FrameWriter.header(18, FrameType.SETTINGS, 0, 0, out);
        FrameWriter.setting(PeerSettings.ENABLE_CONNECT_PROTOCOL, 1, out);
        FrameWriter.setting(PeerSettings.MAX_CONCURRENT_STREAMS, Http2Streams.OPEN_MAX, out);
        FrameWriter.setting(
                PeerSettings.MAX_HEADER_LIST_SIZE, listener.headLimits().headBytes(), out);
        FrameWriter.windowUpdate(0, Http2Input.WINDOW_BYTES - PeerSettings.WINDOW_BYTES, out);
        sender.send(out);
        channel.receive(true);
    }

    @Override
    public int received(Channel from, Received bytes) {
        return input.take(bytes, 0);
    }

    @Override
    public void endOfInput(Channel from) {
        hasInputEnded = true;
        if (!input.isStarted() || isEnding() || streams.count() == 0) {
            close();
            return;
        }
        // What was asked for as a whole is answered as far as windows go, as to a client of HTTP/1 that has
        // half-closed.
        input.ended();
    }

    @Override
    public void sendable(Channel from) {
        if (isEnding()) {
            return;
        }
        timers.writeProgress();
        input.resume();
        sender.pump();
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        state = State.CLOSED;
        timers.stop();
        dropStreams(Reason.CLIENT_CLOSED);
        slot.closed(this);
    }

    private void dropStreams(Reason reason) {
        while (streams.count() > 0) {
            streams.any().gone(reason, null);
        }
    }

    // ---- from the parts ----

    /** What holds for the next stream. */
    ListenerRuntime current() {
        listener = slot.current();
        return listener;
    }

    PeerAddress peer() {
        return peer;
    }

    InetSocketAddress localAddress() {
        return channel.localAddress();
    }

    @Nullable
    TlsFacts tls() {
        return tls;
    }

    Http2Sender sender() {
        return sender;
    }

    int peerWindowBytes() {
        return peerSettings.windowBytes();
    }

    @Override
    public int pendingBytes() {
        return channel.pendingBytes();
    }

    /** Whether no further stream is served on this connection. */
    boolean refusesStreams() {
        return refusesStreams;
    }

    /** Output was given to the channel: if it piles up, the client must take some in time. */
    void watchOutput() {
        if (!channel.isSendable()) {
            timers.writeBlocked(context.nowNs(), listener);
        }
    }

    /** Body was taken, of whatever stream: the client may send as much again. */
    void taken(int bytes) {
        int opened = input.take(bytes);
        if (opened > 0) {
            sender.windowUpdate(0, opened);
        }
    }

    /** An exchange takes so many bytes more of a body than it has. */
    void bodyTaken(long before, int bytes) {
        budget.bodyTaken(before, bytes);
        taken(bytes);
    }

    /** Takes bytes from a place on. @return the place up to which they were taken */
    int take(Received bytes, int from) {
        return input.take(bytes, from);
    }

    /** Whether nothing that comes is of interest any more. */
    boolean isEnding() {
        return state != State.OPEN;
    }

    /** A head has begun. */
    void headIncomplete() {
        timers.headIncomplete(context.nowNs(), listener);
    }

    void headComplete() {
        timers.headComplete();
    }

    /** A stream's head is here. */
    void serve(Http2Stream stream, boolean isAcceptable) {
        lastServedId = stream.id();
        isInExchange = true;
        if (context.isDraining()) {
            drainConnection();
        }
        if (isAcceptable) {
            stream.headComplete();
        } else {
            Http2RequestRules rules = context.http2().requestRules();
            refuse(stream, rules.reason(), rules.detail(), rules.isMalformed());
        }
        isInExchange = false;
    }

    /** The client has ended its side of a stream. */
    void bodyEnds(Http2Stream stream) {
        if (stream.wantsInput() && !stream.request().isWhole()) {
            refuse(stream, Reason.BAD_FRAMING, "The stream ends before the declared Content-Length.", true);
            return;
        }
        isInExchange = true;
        stream.requestEnds();
        isInExchange = false;
    }

    /**
     * What a stream brings is refused: it gets an answer if none has begun.
     *
     * @param isMalformed whether it ends with an error behind that
     */
    void refuse(Http2Stream stream, Reason reason, String detail, boolean isMalformed) {
        int id = stream.id();
        if (isMalformed) {
            streamProblem();
        }
        if (stream.id() == id) {
            isInExchange = true;
            stream.refuse(reason, detail, isMalformed);
            isInExchange = false;
        }
    }

    /** Whether an exchange is being called, which a defect is to be laid to. */
    boolean isInExchange() {
        return isInExchange;
    }

    void isInExchange(boolean isCalled) {
        isInExchange = isCalled;
    }

    /** Spends of the budget. @return whether there was enough */
    boolean spend(int points) {
        return budget.trySpend(points, context.nowNs());
    }

    /** A window opens. @return whether it may, so often */
    boolean spendUpdate() {
        return budget.tryUpdate(context.nowNs());
    }

    private void streamProblem() {
        context.counters().add(Counter.HTTP2_STREAM_ERRORS);
        if (!spend(PeerBudget.STREAM_ERROR)) {
            misbehaved();
        }
    }

    /** A stream ends because the client broke its rules. */
    void streamError(int id, ErrorCode why) {
        Http2Stream stream = streams.get(id);
        if (stream != null) {
            stream.gone(Reason.HTTP2_ERROR, why);
        } else {
            streams.ended(id, true);
            sender.reset(id, why);
        }
        streamProblem();
    }

    /** A stream is not served, and the client is told that it may ask again elsewhere. */
    void refused(int id) {
        streams.ended(id, true);
        sender.reset(id, ErrorCode.REFUSED_STREAM);
        if (!spend(PeerBudget.REFUSED_STREAM)) {
            misbehaved();
        }
    }

    /** A stream has ended, whoever ended it. */
    void streamEnded(int id, boolean isResetByUs, boolean isAnswered, int keptBytes) {
        streams.ended(id, isResetByUs);
        if (isAnswered) {
            budget.earn(PeerBudget.ANSWERED);
        }
        if (isEnding()) {
            return;
        }
        taken(keptBytes);
        listener = slot.current();
        if (streams.count() == 0) {
            if (refusesStreams) {
                end(ErrorCode.NO_ERROR, Reason.DRAINING);
            } else if (hasInputEnded) {
                close();
            } else {
                timers.awaitNextRequest(context.nowNs(), listener);
            }
        }
    }

    // ---- the end ----

    /** The client broke the protocol: the connection ends, with all that is on it. */
    void error(ErrorCode why) {
        context.counters().add(Counter.HTTP2_CONNECTION_ERRORS);
        end(why, Reason.HTTP2_ERROR);
    }

    /** Something of ours is broken that no exchange can be blamed for. */
    void defect() {
        end(ErrorCode.INTERNAL_ERROR, Reason.INTERNAL);
    }

    /** The client has asked for too much that only costs. */
    void misbehaved() {
        context.counters().add(Counter.HTTP2_MISBEHAVIOURS);
        end(ErrorCode.ENHANCE_YOUR_CALM, Reason.HTTP2_MISBEHAVIOUR);
    }

    private void end(ErrorCode why, Reason reason) {
        if (isEnding()) {
            return;
        }
        state = State.LINGER;
        sender.goAway(lastServedId, why);
        dropStreams(reason);
        // As on HTTP/1: a reset would cost the client what it has not read, our last word included.
        timers.lingerBegins(context.nowNs(), listener);
        channel.finish();
        channel.receive(true);
    }

    private void close() {
        state = State.CLOSED;
        dropStreams(Reason.CLIENT_CLOSED);
        timers.stop();
        timers.writeBlocked(context.nowNs(), listener);
        channel.close();
    }

    private void abort() {
        state = State.CLOSED;
        timers.stop();
        channel.abort();
    }

    @Override
    void cut() {
        boolean hasSaidAll = isEnding();
        streams.endTunnels(Reason.DRAINING);
        while (streams.count() > 0) {
            streams.any().gone(Reason.DRAINING, ErrorCode.CANCEL);
        }
        if (hasSaidAll || !channel.isSendable()) {
            abort();
        } else {
            if (state != State.LINGER) {
                sender.goAway(lastServedId, ErrorCode.NO_ERROR);
            }
            close();
        }
    }

    /**
     * RFC 9113 section 6.8: first the client hears that no further streams are wanted, and those on their way are served;
     * when it has heard, or a second later, it is told which was the last.
     */
    @Override
    void drainConnection() {
        if (isGoodbyeSaid || isEnding()) {
            return;
        }
        isGoodbyeSaid = true;
        sender.goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR);
        sender.ping(Http2Frames.GOODBYE_PING, false);
        timers.goodbyeBegins(context.nowNs());
    }

    /** The client knows that the connection ends. */
    void goodbyeHeard() {
        if (!isGoodbyeSaid || refusesStreams || isEnding()) {
            return;
        }
        timers.goodbyeHeard();
        refusesStreams = true;
        if (streams.count() == 0) {
            end(ErrorCode.NO_ERROR, Reason.DRAINING);
        } else {
            sender.goAway(lastServedId, ErrorCode.NO_ERROR);
        }
    }

    // ---- from the timers ----

    /** The client let a time pass in which it had to send something. */
    void readTimeout(boolean isHeadTimed) {
        if (state == State.LINGER) {
            if (channel.pendingBytes() > 0) {
                timers.lingerBegins(context.nowNs(), listener);
            } else {
                abort();
            }
        } else if (isHeadTimed && input.isUnfinished()) {
            context.counters().refused(Reason.HEAD_TIMEOUT);
            end(ErrorCode.ENHANCE_YOUR_CALM, Reason.HEAD_TIMEOUT);
        } else if (streams.count() == 0) {
            end(ErrorCode.NO_ERROR, Reason.CLIENT_CLOSED);
        }
    }

    /** The client took no output for as long as it may. */
    @Override
    public void writeTimeout() {
        state = State.CLOSED;
        dropStreams(Reason.WRITE_TIMEOUT);
        abort();
    }
}
