package io.penstock.upstream;

import io.penstock.config.ProxyVersion;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.WorkerCounters;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Received;
import io.penstock.transport.proxy.ProxyHeaderWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection to an endpoint: made for a request, then in turn idle in the pool and carrying the one stream of an
 * exchange, {@link Http1UpstreamStream}, until it closes. {@link Http1Clock} says when any of that takes too long.
 */
@WorkerConfined
final class Http1UpstreamConnection implements ChannelHandler, ConnectionBeingMade {
    enum State {
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
    private final Http1UpstreamStream stream;
    private final Http1Clock clock;
    private final long expiresNs;

    private final ConnectionStart start;

    /** Null before {@link #connect}. */
    private @Nullable Channel channel;

    /** The request it is made for; null once it is made, or given up. */
    private @Nullable OpenRequest connectingFor;

    private State state = State.CONNECTING;

    // Links of the pool; null at its ends and outside of it.
    @Nullable
    Http1UpstreamConnection idleNewer;

    @Nullable
    Http1UpstreamConnection idleOlder;

    Http1UpstreamConnection(Upstream upstream, Endpoint endpoint, ConnectionStart start) {
        this.upstream = upstream;
        this.endpoint = endpoint;
        this.start = start;
        this.clock = new Http1Clock(this, upstream.worker().loop());
        this.stream = new Http1UpstreamStream(this, upstream, clock);
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
        channel = start.connect(timeoutNs, this::tellClient, this);
    }

    /**
     * Goes on with a connection that was made to speak whatever the endpoint chooses, and it has chosen HTTP/1.1.
     *
     * @param wantedBy whose exchange it carries first; null for none
     */
    void takeOver(Channel opened, @Nullable OpenRequest wantedBy) {
        channel = opened;
        opened.handler(this);
        opened.receive(true);
        if (wantedBy != null) {
            begin(wantedBy.resolve());
        } else if (isKeptByPool()) {
            state = State.IDLE;
            intoPool();
        } else {
            state = State.CLOSING;
            closeInOrder();
        }
    }

    @Override
    public void cancelConnecting() {
        connectingFor = null;
        endpoint.requestEnded();
        state = State.CLOSING;
        channel().abort();
    }

    @Override
    public void opened(Channel opened) {
        start.opened();
        OpenRequest wantedBy = connectingFor;
        if (wantedBy != null) {
            if (!start.isSecure()) {
                tellClient(opened);
            }
            connectingFor = null;
            opened.receive(true);
            endpoint.connected();
            begin(wantedBy.resolve());
        }
    }

    // Who is behind the connection is told in clear, ahead of a handshake.
    private void tellClient(Channel made) {
        OpenRequest wantedBy = connectingFor;
        Optional<ProxyVersion> version = upstream.spec().proxyProtocol();
        if (wantedBy != null && version.isPresent()) {
            byte[] header = ProxyHeaderWriter.write(version.get(), wantedBy.client());
            made.send(header, 0, header.length);
        }
    }

    // ---- one exchange after another

    /** Takes the connection, which has just left the pool, for an exchange. */
    void startReused(UpstreamStreamHandler exchange) {
        upstream.supply().leftIdle(endpoint);
        counters().add(Counter.UPSTREAM_REUSES);
        endpoint.requestBegan();
        begin(exchange);
    }

    private void begin(UpstreamStreamHandler exchange) {
        state = State.ACTIVE;
        stream.begin(exchange);
    }

    /** The stream has let go of its exchange: says what becomes of the connection, before that exchange is told. */
    void streamEnded(State next) {
        state = next;
        endpoint.requestEnded();
    }

    // ---- idle

    /** Whether the pool would keep it, were it idle now. */
    boolean isKeptByPool() {
        return clock.nowNs() < expiresNs
                && channel().isOpen()
                && idleTimeoutNs() > 0
                && start.isAsWanted()
                && upstream.keeps(endpoint);
    }

    /** Makes it one of those that wait for exchanges; {@code serveWaiting} must follow. */
    void intoPool() {
        clock.becameIdle(idleTimeoutNs(), expiresNs);
        upstream.supply().becameIdle(this);
        if (!stream.wantsBody()) {
            // The end of input must be noticed while it is idle.
            channel().receive(true);
        }
    }

    private long idleTimeoutNs() {
        return Math.min(upstream.spec().pool().idleTimeoutNs(), stream.peerIdleTimeoutNs());
    }

    /** Whether it may be taken out of the pool for one more exchange. */
    boolean isUsableAt(long nowNs) {
        return clock.isIdleUsableAt(nowNs) && channel().isOpen() && start.isAsWanted();
    }

    /** Closes it out of the pool. */
    void closeIdle() {
        endpoint.pool().remove(this);
        upstream.supply().leftIdle(endpoint);
        state = State.CLOSING;
        closeInOrder();
    }

    void closeInOrder() {
        clock.lingers();
        channel().close();
    }

    // ---- what the channel tells

    @Override
    public int received(Channel from, Received bytes) {
        switch (state) {
            case ACTIVE -> {
                return stream.received(bytes);
            }
            case IDLE -> closeIdle();
            case CONNECTING, CLOSING, CLOSED -> {}
        }
        return bytes.length();
    }

    @Override
    public void endOfInput(Channel from) {
        switch (state) {
            case IDLE -> closeIdle();
            case ACTIVE -> stream.endOfInput();
            case CONNECTING, CLOSING, CLOSED -> {}
        }
    }

    @Override
    public void sendable(Channel from) {
        stream.sendable();
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
                upstream.supply().connectionGone(endpoint);
                if (wantedBy != null) {
                    upstream.connectFailed(wantedBy, start.whyNot(cause));
                }
            }
            case ACTIVE -> stream.channelGone();
            case IDLE -> {
                state = State.CLOSED;
                endpoint.pool().remove(this);
                upstream.supply().leftIdle(endpoint);
                upstream.supply().connectionGone(endpoint);
            }
            case CLOSING -> {
                state = State.CLOSED;
                upstream.supply().connectionGone(endpoint);
            }
            case CLOSED -> throw new IllegalStateException("told twice that the channel is gone");
        }
    }

    // ---- what the clock says

    void clockRang(long nowNs) {
        switch (state) {
            case ACTIVE -> stream.checkTimes(nowNs);
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

    // ---- parts that are there whenever they are asked for

    Channel channel() {
        Channel present = channel;
        if (present == null) {
            throw new IllegalStateException("not connected");
        }
        return present;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    WorkerCounters counters() {
        return upstream.worker().counters();
    }

    @Override
    public String toString() {
        return state + " connection to " + endpoint;
    }
}
