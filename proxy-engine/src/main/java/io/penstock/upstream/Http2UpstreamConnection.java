package io.penstock.upstream;

import io.penstock.http2.ErrorCode;
import io.penstock.http2.FrameReader;
import io.penstock.http2.PeerSettings;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to an endpoint (RFC 9113), with prior knowledge in clear text, else as both have chosen: made for a
 * request, then carrying as many streams as the endpoint allows, until it has been idle or has lived for long enough. What
 * comes is the {@link Http2UpstreamFrames}', how much of it may come the {@link Http2UpstreamAllowance}'s, what goes the
 * {@link Http2UpstreamSender}'s.
 */
@WorkerConfined
final class Http2UpstreamConnection implements ChannelHandler, ConnectionBeingMade {
    /** What may wait to leave before it is given no further streams. */
    private static final int PENDING_BYTES_MAX = 2 * Channel.HIGH_WATER_BYTES;

    private static final long LINGER_NS = 2_000_000_000L;

    private enum State {
        CONNECTING,
        /** Takes streams. */
        OPEN,
        /** Takes none any more; closes when those that it has have ended. */
        RETIRING,
        CLOSING,
        CLOSED
    }

    private final Upstream upstream;
    private final Endpoint endpoint;
    private final PeerSettings peer = new PeerSettings();
    private final FrameReader reader = new FrameReader();
    private final Http2UpstreamStreams streams = new Http2UpstreamStreams();
    private final Supplier<Http2UpstreamStream> newStream;
    private final Clock clock = new Clock();
    private final ConnectionStart start;
    private final Http2UpstreamAllowance allowance;
    private final Http2UpstreamFrames frames;
    private final long expiresNs;

    /** Null before {@link #connect}. */
    private @Nullable Channel channel;

    /** Null before it is open. */
    private @Nullable Http2UpstreamSender sender;

    /** The request it is made for; null once it is made, or given up. */
    private @Nullable OpenRequest connectingFor;

    private State state = State.CONNECTING;
    private int carried;
    private int served;
    private long receivedNs;
    private boolean isCountedIdle;
    private boolean isToldToGo;
    private boolean hasSettings;

    Http2UpstreamConnection(Upstream upstream, Endpoint endpoint) {
        this.upstream = upstream;
        this.endpoint = endpoint;
        this.newStream = () -> new Http2UpstreamStream(this, upstream);
        this.start = new ConnectionStart(upstream, endpoint);
        this.receivedNs = nowNs();
        this.allowance = new Http2UpstreamAllowance(this, receivedNs);
        this.frames = new Http2UpstreamFrames(this, upstream.worker().http2(), reader);
        long ageMaxNs =
                upstream.worker().chance().shortened(upstream.spec().pool().ageMaxNs());
        this.expiresNs = ageMaxNs == Long.MAX_VALUE ? Long.MAX_VALUE : nowNs() + ageMaxNs;
    }

    // ---- being made ----

    /** Begins to make the connection; hears of it by {@link #opened} or {@link #closed}. */
    void connect(OpenRequest wantedBy) {
        connectingFor = wantedBy;
        endpoint.requestBegan();
        long timeoutNs =
                wantedBy.boundedConnectTimeoutNs(upstream.spec().timeouts().connectNs());
        channel = start.connect(timeoutNs, made -> {}, this);
    }

    @Override
    public void cancelConnecting() {
        // Others may wait for it, so that it is made nevertheless.
        connectingFor = null;
        endpoint.requestEnded();
    }

    @Override
    public void opened(Channel opened) {
        start.opened();
        if (start.isSecure() && !start.hasChosenHttp2()) {
            otherIsChosen(opened);
            return;
        }
        state = State.OPEN;
        endpoint.chose(true);
        sender = new Http2UpstreamSender(upstream.worker(), opened, peer, allowance.budget(), start.isSecure());
        sender().preface(Http2UpstreamAllowance.WINDOW_BYTES);
        opened.receive(true);
        endpoint.connected();
        OpenRequest wantedBy = connectingFor;
        connectingFor = null;
        if (wantedBy == null) {
            becomeIdle();
        } else {
            begin(wantedBy.resolve());
        }
        upstream.serveWaiting();
    }

    // By TLS the endpoint has chosen HTTP/1.1, or nothing, which means the same.
    private void otherIsChosen(Channel opened) {
        OpenRequest wantedBy = connectingFor;
        connectingFor = null;
        endpoint.multiplexed().remove(this);
        if (!upstream.spec().isChosenByEndpoint()) {
            refuse(opened, wantedBy);
            return;
        }
        state = State.CLOSED;
        endpoint.chose(false);
        endpoint.connected();
        new Http1UpstreamConnection(upstream, endpoint, start).takeOver(opened, wantedBy);
        upstream.serveWaiting();
    }

    private void refuse(Channel opened, @Nullable OpenRequest wantedBy) {
        state = State.CLOSING;
        opened.close();
        upstream.worker().loop().wheel().arm(clock, nowNs() + LINGER_NS);
        if (wantedBy != null) {
            endpoint.requestEnded();
            upstream.connectFailed(wantedBy, Reason.UPSTREAM_TLS_NO_HTTP2);
        }
        upstream.serveWaiting();
    }

    // ---- streams ----

    boolean isConnecting() {
        return state == State.CONNECTING;
    }

    /** Whether it may carry one more stream. */
    boolean takesStreams(long nowNs) {
        return state == State.OPEN
                && carried < Math.min(peer.streamsMax(), Http2UpstreamStreams.MAX)
                && served < upstream.spec().pool().requestsMax()
                && nowNs < expiresNs
                && streams.hasNumbers()
                && start.isAsWanted()
                && channel().isOpen()
                && takesOutput();
    }

    // One whose endpoint takes nothing is given nothing more; asked so as to be told when there is room again.
    private boolean takesOutput() {
        return channel().pendingBytes() < PENDING_BYTES_MAX || channel().isSendable();
    }

    /** Whether it carries no stream, and could. */
    boolean isIdle() {
        return state == State.OPEN && carried == 0;
    }

    /** Whether it has been without streams since it had some, and so may have been closed unseen. */
    boolean wasIdle() {
        return served > 0 && carried == 0;
    }

    /** Carries an exchange besides those that it carries; only where it {@link #takesStreams}. */
    void start(UpstreamStreamHandler exchange) {
        upstream.worker().counters().add(Counter.UPSTREAM_REUSES);
        endpoint.requestBegan();
        begin(exchange);
    }

    private void begin(UpstreamStreamHandler exchange) {
        carried++;
        served++;
        countIdle(false);
        // Only where it was idle may it have been closed unseen; where it was busy, the endpoint has seen the request.
        streams.take(newStream).begin(exchange, served > 1 && carried == 1);
    }

    /** Whether a stream that was begun may still send its head. */
    boolean mayOpen() {
        return isUsable() && !isToldToGo;
    }

    /** Whether the endpoint has said what it takes. */
    boolean hasSettings() {
        return hasSettings;
    }

    private void endWaitForSettings() {
        hasSettings = true;
        streams.settle();
    }

    Http2UpstreamStreams streams() {
        return streams;
    }

    /** A stream has let go of its exchange, which is told after this. */
    void streamEnded(Http2UpstreamStream stream, @Nullable ErrorCode told, int keptBytes) {
        carried--;
        endpoint.requestEnded();
        streams.remove(stream);
        if (stream.id() != 0 && told != null && isUsable()) {
            sender().reset(stream.id(), told);
        }
        if (isUsable()) {
            allowance.taken(keptBytes);
            if (carried == 0) {
                rest();
            }
        }
    }

    private boolean isUsable() {
        return state == State.OPEN || state == State.RETIRING;
    }

    // Without streams: waits for some if it may, else goes.
    private void rest() {
        boolean isKept = state == State.OPEN
                && served < upstream.spec().pool().requestsMax()
                && nowNs() < expiresNs
                && start.isAsWanted()
                && upstream.keeps(endpoint);
        if (isKept) {
            becomeIdle();
        } else {
            close(ErrorCode.NO_ERROR);
        }
    }

    private void becomeIdle() {
        countIdle(true);
        streams.shrink();
        long idleNs = Math.min(upstream.spec().pool().idleTimeoutNs(), expiresNs - nowNs());
        upstream.worker().loop().wheel().arm(clock, nowNs() + Math.max(0, idleNs));
    }

    private void countIdle(boolean isIdle) {
        if (isIdle != isCountedIdle) {
            isCountedIdle = isIdle;
            upstream.supply().multiplexedIdle(endpoint, isIdle);
        }
    }

    // ---- the end ----

    /** Takes no further streams, and closes when those that it has have ended. */
    void retire() {
        if (state == State.OPEN) {
            state = State.RETIRING;
            if (carried == 0) {
                close(ErrorCode.NO_ERROR);
            }
        }
    }

    private void close(ErrorCode why) {
        leave();
        state = State.CLOSING;
        sender().goAway(why);
        channel().close();
        upstream.worker().loop().wheel().arm(clock, nowNs() + LINGER_NS);
    }

    // Nobody finds it any more.
    private void leave() {
        countIdle(false);
        endpoint.multiplexed().remove(this);
    }

    /** The endpoint broke the protocol, or asks for too much that only costs: all streams fail. */
    void error(ErrorCode why) {
        if (isUsable()) {
            close(why);
            loseStreams(Reason.UPSTREAM_PROTOCOL, Integer.MAX_VALUE);
        }
    }

    /** The endpoint serves no stream behind that one, and none that is new. */
    void goAway(int lastId) {
        if (!isUsable()) {
            return;
        }
        state = State.RETIRING;
        isToldToGo = true;
        if (carried == 0) {
            close(ErrorCode.NO_ERROR);
            return;
        }
        endWaitForSettings();
        streams.tell(stream -> {
            if (stream.id() > lastId) {
                stream.lost(Reason.UPSTREAM_RESET, false);
            }
        });
    }

    private void loseStreams(Reason reason, int lastProcessedId) {
        endWaitForSettings();
        streams.tell(stream -> stream.lost(reason, stream.id() <= lastProcessedId));
    }

    // ---- what the channel tells ----

    @Override
    public int received(Channel from, Received bytes) {
        if (!isUsable()) {
            return bytes.length();
        }
        receivedNs = nowNs();
        upstream.worker().counters().add(Counter.UPSTREAM_BYTES_IN, bytes.length());
        return frames.take(bytes);
    }

    @Override
    public void endOfInput(Channel from) {
        if (isUsable()) {
            close(ErrorCode.NO_ERROR);
            loseStreams(Reason.UPSTREAM_RESET, Integer.MAX_VALUE);
        }
    }

    @Override
    public void sendable(Channel from) {
        if (isUsable()) {
            sender().pump();
            upstream.serveWaiting();
        }
    }

    @Override
    public void closed(Channel gone, CloseCause cause) {
        State was = state;
        OpenRequest wantedBy = connectingFor;
        connectingFor = null;
        upstream.worker().loop().wheel().disarm(clock);
        if (was == State.CONNECTING || was == State.OPEN || was == State.RETIRING) {
            leave();
        }
        state = State.CLOSED;
        if (wantedBy != null) {
            endpoint.requestEnded();
        }
        upstream.supply().connectionGone(endpoint);
        if (wantedBy != null) {
            upstream.connectFailed(wantedBy, start.whyNot(cause));
        }
        loseStreams(Reason.UPSTREAM_RESET, Integer.MAX_VALUE);
    }

    // ---- for its parts ----

    boolean isReading() {
        return isUsable();
    }

    /** Whether the endpoint has sent nothing since, on any stream. */
    boolean isSilentSince(long thenNs) {
        return receivedNs <= thenNs;
    }

    /** What the endpoint may send and ask for. */
    Http2UpstreamAllowance allowance() {
        return allowance;
    }

    PeerSettings peer() {
        return peer;
    }

    int peerWindowBytes() {
        return peer.windowBytes();
    }

    /** The endpoint lets us have more streams. */
    void settingsTaken() {
        sender().settingsTaken();
        sender().pump();
        endWaitForSettings();
        upstream.serveWaiting();
    }

    Http2UpstreamSender sender() {
        Http2UpstreamSender present = sender;
        if (present == null) {
            throw new IllegalStateException("not open");
        }
        return present;
    }

    private Channel channel() {
        Channel present = channel;
        if (present == null) {
            throw new IllegalStateException("not connected");
        }
        return present;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    long nowNs() {
        return upstream.worker().loop().nowNs();
    }

    private final class Clock extends Timer {
        @Override
        protected void expired(long nowNs) {
            if (state == State.CLOSING) {
                channel().abort();
            } else if (isIdle()) {
                close(ErrorCode.NO_ERROR);
            }
        }
    }

    @Override
    public String toString() {
        return state + " HTTP/2 connection to " + endpoint;
    }
}
