package io.penstock.downstream;

import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.ByteBuilder;
import io.penstock.http2.PeerBudget;
import io.penstock.http3.FrameTypes;
import io.penstock.http3.Http3Error;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.DeafHandler;
import io.penstock.transport.Timer;
import io.penstock.transport.quic.QuicConnection;
import io.penstock.transport.quic.QuicEnd;
import io.penstock.transport.quic.QuicHandler;
import io.penstock.transport.quic.QuicStream;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/3 connection (RFC 9114): its streams, its control stream, and when it ends. */
@WorkerConfined
final class Http3Connection extends ClientConnection implements QuicHandler {
    /** As much of it as QUIC has in memory has left when this is over, or the client is gone. */
    private static final long LINGER_NS = 1_000_000_000L;

    /** As for HTTP/2: how long a client may take to hear that the connection ends. */
    private static final long GOODBYE_NS = 1_000_000_000L;

    /** Streams that a client may leave without their end: of each the library keeps something until the connection ends. */
    private static final int UNFINISHED_MAX = 1000;

    /** More than any stream's id: all that come are served. */
    private static final long ANY_STREAM = (1L << 62) - 4;

    private final DownstreamContext context;
    private final ListenerSlot slot;
    private final QuicConnection connection;
    private final PeerBudget budget;
    private final Clock idle = new Clock();
    private final Clock goodbye = new Clock();
    private ListenerRuntime listener;
    private PeerAddress peer;
    private @Nullable TlsFacts tls;
    private @Nullable Channel control;
    private @Nullable Http3Stream first;
    private int streams;
    private long nextId;
    private int unfinished;
    private int begunOnce;
    private boolean hasServed;
    private boolean isGoodbyeSaid;
    private boolean refusesStreams;
    private boolean isOver;

    Http3Connection(DownstreamContext context, ListenerSlot slot, QuicConnection connection) {
        this.context = context;
        this.slot = slot;
        this.connection = connection;
        this.listener = slot.current();
        this.peer = new PeerAddress(connection.remoteAddress());
        this.budget = new PeerBudget(context.nowNs());
    }

    // ---- from QUIC ----

    @Override
    public void opened(QuicConnection opened, TlsFacts facts) {
        tls = facts;
        context.counters().add(Counter.HTTP3_CONNECTIONS);
        idle.begin(listener.firstRequestTimeoutNs());
        connection.openStream(new Control());
    }

    @Override
    public ChannelHandler stream(QuicStream stream) {
        if (!stream.isBidirectional()) {
            return new Http3PeerStream(this, stream);
        }
        if (refusesStreams || isOver) {
            context.counters().add(Counter.HTTP3_STREAMS_REFUSED);
            return new Refused(stream);
        }
        listener = slot.current();
        nextId = Math.max(nextId, stream.id() + 4);
        hasServed = true;
        streams++;
        idle.stop();
        Http3Stream made = new Http3Stream(this, context, listener, stream);
        made.next = first;
        if (first != null) {
            first.previous = made;
        }
        first = made;
        return made;
    }

    @Override
    public void moved(QuicConnection from) {
        peer = new PeerAddress(connection.remoteAddress());
    }

    @Override
    public void closed(QuicEnd cause) {
        isOver = true;
        idle.stop();
        goodbye.stop();
        dropStreams(Reason.CLIENT_CLOSED);
        if (tls == null) {
            context.counters().add(failure(cause));
        }
        slot.closed(this);
    }

    private static Counter failure(QuicEnd cause) {
        return switch (cause) {
            case HANDSHAKE_TIMEOUT, SILENCE -> Counter.TLS_FAILURES_TIMEOUT;
            case HANDSHAKE_FAILED, PROTOCOL -> Counter.TLS_FAILURES_REFUSED;
            case PEER -> Counter.TLS_FAILURES_ALERT;
            case OURS -> Counter.TLS_FAILURES_CLOSED;
        };
    }

    private void dropStreams(Reason reason) {
        while (first != null) {
            first.gone(reason);
        }
    }

    // ---- for its streams ----

    PeerAddress peer() {
        return peer;
    }

    InetSocketAddress localAddress() {
        return connection.localAddress();
    }

    @Nullable
    TlsFacts tls() {
        return tls;
    }

    /** Spends of the budget; where there is not enough, the connection ends. @return whether there was */
    boolean spend(int points) {
        if (budget.trySpend(points, context.nowNs())) {
            return true;
        }
        context.counters().add(Counter.HTTP3_MISBEHAVIOURS);
        end(Http3Error.EXCESSIVE_LOAD, Reason.HTTP2_MISBEHAVIOUR);
        return false;
    }

    void earn(int points) {
        budget.earn(points);
    }

    /** A head is here that is to be served. */
    void headComplete() {
        if (context.isDraining()) {
            drainConnection();
        }
    }

    /** A stream is no more. */
    void ended(Http3Stream stream, boolean isWhole) {
        Http3Stream before = stream.previous;
        Http3Stream after = stream.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        stream.previous = null;
        stream.next = null;
        streams--;
        if (isOver) {
            return;
        }
        if (!isWhole && ++unfinished >= UNFINISHED_MAX) {
            drainConnection();
        }
        listener = slot.current();
        if (streams == 0) {
            idle.begin(refusesStreams ? LINGER_NS : listener.keepAliveTimeoutNs());
        }
    }

    /** A stream has begun of a kind, up to 3, of which the client has one. @return whether it is the first */
    boolean isFirstOf(long type) {
        int bit = 1 << type;
        boolean isFirst = (begunOnce & bit) == 0;
        begunOnce |= bit;
        return isFirst;
    }

    // ---- the end ----

    /** The client broke the protocol: the connection ends, with all that is on it. */
    void error(Http3Error why) {
        // Where all of it has ended its streams have too, and that is nobody's fault.
        if (!isOver && connection.isOpen()) {
            context.counters().add(Counter.HTTP3_CONNECTION_ERRORS);
            end(why, Reason.HTTP3_ERROR);
        }
    }

    private void end(Http3Error why, Reason reason) {
        if (!isOver) {
            isOver = true;
            idle.stop();
            goodbye.stop();
            dropStreams(reason);
            // Not within a call of one of its streams.
            context.loop().post(() -> connection.close(why.code(), ""));
        }
    }

    @Override
    void cut() {
        end(Http3Error.NO_ERROR, Reason.DRAINING);
    }

    /** RFC 9114 section 5.2: first that no more streams are wanted, and a second later which was the last. */
    @Override
    void drainConnection() {
        if (isGoodbyeSaid || isOver) {
            return;
        }
        isGoodbyeSaid = true;
        if (tls == null) {
            // Its handshake is under way; it gets its one second then.
            goodbye.begin(GOODBYE_NS);
            return;
        }
        sayGoodbye(ANY_STREAM);
        goodbye.begin(hasServed ? GOODBYE_NS : 0);
    }

    private void sayGoodbye(long firstRefused) {
        Channel open = control;
        if (open != null) {
            ByteBuilder out = context.output();
            ByteBuilder number = context.http3().section();
            FrameTypes.number(firstRefused, number);
            FrameTypes.header(FrameTypes.GOAWAY, number.length(), out);
            out.append(number.array(), 0, number.length());
            open.send(out.array(), 0, out.length());
        }
    }

    private void timeOver(Clock which) {
        if (which == goodbye) {
            refusesStreams = true;
            sayGoodbye(nextId);
            if (streams == 0) {
                idle.begin(hasServed ? LINGER_NS : 0);
            }
        } else if (streams == 0) {
            end(Http3Error.NO_ERROR, isGoodbyeSaid ? Reason.DRAINING : Reason.CLIENT_CLOSED);
        }
    }

    private final class Clock extends Timer {
        void begin(long delayNs) {
            context.wheel().arm(this, context.nowNs() + delayNs);
        }

        void stop() {
            context.wheel().disarm(this);
        }

        @Override
        protected void expired(long nowNs) {
            timeOver(this);
        }
    }

    /** Our control stream: settings first, and nothing but goodbyes behind them. */
    private final class Control implements DeafHandler {
        @Override
        public void opened(Channel channel) {
            control = channel;
            ByteBuilder out = context.output();
            FrameTypes.number(FrameTypes.CONTROL_STREAM, out);
            ByteBuilder settings = context.http3().section();
            FrameTypes.number(FrameTypes.MAX_FIELD_SECTION_SIZE, settings);
            FrameTypes.number(listener.headLimits().headBytes(), settings);
            FrameTypes.header(FrameTypes.SETTINGS, settings.length(), out);
            out.append(settings.array(), 0, settings.length());
            channel.send(out.array(), 0, out.length());
            if (isGoodbyeSaid) {
                sayGoodbye(ANY_STREAM);
            }
        }

        @Override
        public void closed(Channel channel, CloseCause cause) {
            control = null;
            // RFC 9114 section 6.2.1: neither side may do without.
            error(Http3Error.CLOSED_CRITICAL_STREAM);
        }
    }

    /** A stream that came too late: the client may ask again elsewhere. */
    private record Refused(QuicStream stream) implements DeafHandler {
        @Override
        public void opened(Channel channel) {
            stream.reset(Http3Error.REQUEST_REJECTED.code());
        }
    }
}
