package io.penstock.downstream;

import io.penstock.config.ListenAddress;
import io.penstock.config.ProxyProtocolMode;
import io.penstock.exchange.facts.PeerAddress;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.limit.RateTable;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.metrics.SeriesCounter;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.ShownNames;
import io.penstock.transport.Acceptance;
import io.penstock.transport.BindRefused;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.DatagramSocket;
import io.penstock.transport.DeafHandler;
import io.penstock.transport.Loop;
import io.penstock.transport.quic.QuicConnection;
import io.penstock.transport.quic.QuicHandler;
import io.penstock.transport.quic.QuicService;
import io.penstock.transport.tls.ServerContext;
import io.penstock.transport.tls.TlsFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener on one worker: its connections, and what holds for them now. */
@WorkerConfined
final class ListenerSlot {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerSlot.class);

    private final DownstreamContext context;
    private final Consumer<ListenerSlot> emptied;
    private ListenerRuntime current;
    private final List<Acceptance> acceptances = new ArrayList<>();
    private final List<DatagramSocket> unserved = new ArrayList<>();
    private final List<QuicService> quic = new ArrayList<>();
    private @Nullable ClientConnection first;
    private int connections;
    private boolean isClosed;

    /** A slot that accepts nothing yet. */
    ListenerSlot(DownstreamContext context, ListenerRuntime listener, Consumer<ListenerSlot> emptied) {
        this.context = context;
        this.current = listener;
        this.emptied = emptied;
    }

    Loop loop() {
        return context.loop();
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Whether this worker's socket is open, if only for what waits in its backlog. */
    boolean isAccepting() {
        return !acceptances.isEmpty();
    }

    /** The process has no descriptor left for a new connection. */
    void exhausted() {
        context.counters().add(Counter.ACCEPTS_EXHAUSTED);
    }

    /** What holds for the next request. */
    public ListenerRuntime current() {
        return current;
    }

    /** Replaces what holds, from the next request of each connection on. */
    public void replace(ListenerRuntime listener) {
        current = listener;
    }

    /** Notes that this worker accepts from a socket itself. */
    public void accepting(Acceptance begun) {
        acceptances.add(begun);
    }

    /** Notes that this worker answers to QUIC there once {@link #serveNow} is called. */
    void serves(List<DatagramSocket> datagrams) {
        unserved.addAll(datagrams);
    }

    /** Answers to QUIC. */
    void serveNow() {
        for (DatagramSocket socket : unserved) {
            try {
                quic.add(context.loop().serve(socket, QuicWayIn.BOUNDS, new QuicWayIn(context, this)));
            } catch (BindRefused refused) {
                // It joins others that another process has left, and these take its share.
                LOG.warn("one worker less reads packets of {}: {}", current.name(), refused.getMessage());
            }
        }
        unserved.clear();
    }

    // Its connections need the sockets to the last.
    private void closeQuic() {
        if (isClosed) {
            unserved.forEach(DatagramSocket::close);
            unserved.clear();
            List<QuicService> served = List.copyOf(quic);
            quic.clear();
            served.forEach(QuicService::close);
        }
    }

    /** Accepts what has been left in the backlogs. */
    void admit() {
        if (!isClosed) {
            acceptances.forEach(acceptance -> acceptance.pause(false));
            serveNow();
        }
    }

    /** How many connections are open here. */
    public int connections() {
        return connections;
    }

    /** The handler of a connection just accepted: a connection, or where a bound is reached one that ends it at once. */
    public ChannelHandler accept(Channel channel) {
        if (!takes(isClosed && acceptances.isEmpty())) {
            // Without a word: an answer would cost what the bound is there to save.
            return DeafHandler.TURNED_AWAY;
        }
        SocketConnection connection = begin(channel);
        opened(connection);
        return connection.ofSocket();
    }

    /** Who hears of a QUIC connection that a client begins; null where it is one too many. */
    @Nullable
    QuicHandler accept(QuicConnection begun) {
        if (!takes(isClosed)) {
            return null;
        }
        Http3Connection connection = new Http3Connection(context, this, begun);
        opened(connection);
        return connection;
    }

    // Counts a connection, and says whether there is a place for it.
    private boolean takes(boolean isTooLate) {
        context.counters().add(Counter.CONNECTIONS_ACCEPTED);
        context.counters().add(SeriesCounter.LISTENER_CONNECTIONS, current.id(), 1);
        if (isTooLate || !takePermit()) {
            context.counters().add(Counter.CONNECTIONS_REFUSED);
            context.counters().refused(Reason.CONNECTIONS_FULL);
            context.counters().add(SeriesCounter.LISTENER_CONNECTIONS_REFUSED, current.id(), 1);
            return false;
        }
        return true;
    }

    /** What clients of QUIC are shown that ask for this name; null where there is nothing to show yet. */
    @Nullable
    ServerContext shown(@Nullable String serverName) {
        ShownNames shown = current.tls();
        return shown == null ? null : shown.contexts().of(serverName);
    }

    private void opened(ClientConnection connection) {
        link(connection);
        connections++;
        context.counters().add(Counter.CONNECTIONS_OPEN);
        context.counters().add(SeriesCounter.LISTENER_CONNECTIONS_OPEN, current.id(), 1);
    }

    /** What speaks on a connection from now on: as was chosen in the handshake, where there was one. */
    SocketConnection spoken(Channel channel, @Nullable TlsFacts tls) {
        return tls != null && tls.protocol().equals(TlsFacts.HTTP_2)
                ? new Http2Connection(context, this, channel, tls, 0)
                : new Http1Connection(context, this, channel, tls);
    }

    // What comes first on the connection.
    private SocketConnection begin(Channel channel) {
        ProxyProtocolMode mode = current.config().proxyProtocol();
        if (mode == ProxyProtocolMode.OFF) {
            return serve(channel);
        }
        boolean isRequired = mode == ProxyProtocolMode.REQUIRED;
        if (maySendHeader(channel)) {
            return new ProxyConnection(context, this, channel, isRequired);
        }
        if (isRequired) {
            refused(Reason.PROXY_HEADER_UNTRUSTED);
            return new RefusedConnection(this, channel);
        }
        return serve(channel);
    }

    // Who may open a unix socket is for its file's mode to say.
    private boolean maySendHeader(Channel channel) {
        return current.config().address() instanceof ListenAddress.Unix
                || current.trustedPeers().contains(new PeerAddress(channel.remoteAddress()).bytes());
    }

    /** What speaks the listener's protocol. */
    SocketConnection serve(Channel channel) {
        ShownNames tls = current.tls();
        return switch (current.config().protocol()) {
            case HTTP, HTTPS ->
                tls == null ? spoken(channel, null) : new TlsHandshake(context, this, channel, tls.contexts());
            case TCP, TLS -> new PassthroughConnection(context, this, channel);
        };
    }

    /** A connection is closed before anything was said on it. */
    void refused(Reason reason) {
        context.counters().refused(reason);
        context.counters().add(SeriesCounter.LISTENER_CONNECTIONS_REFUSED, current.id(), 1);
    }

    private boolean takePermit() {
        LimitPlan rate = current.newConnections();
        if (rate != null) {
            KeyHash key = context.keyHash().begin(rate).finish();
            if (context.rates().tryAcquire(rate, key.high(), key.low(), context.nowNs()) > RateTable.TAKEN) {
                return false;
            }
        }
        return context.permits().tryAcquire(current.connectionPermits(), current.connectionsMax());
    }

    void closed(ClientConnection connection) {
        context.permits().release(current.connectionPermits());
        context.counters().add(Counter.CONNECTIONS_CLOSED);
        context.counters().add(Counter.CONNECTIONS_OPEN, -1);
        context.counters().add(SeriesCounter.LISTENER_CONNECTIONS_OPEN, current.id(), -1);
        connections--;
        unlink(connection);
        if (connections == 0) {
            closeQuic();
            emptied.accept(this);
        }
    }

    /** Another protocol than was thought is spoken on a connection: what speaks it takes the place of what was there. */
    void became(ClientConnection before, ClientConnection after) {
        unlink(before);
        link(after);
    }

    /** HTTP/2 is spoken on a connection: by its preface, or as TLS has agreed. What is read already is at the preface's place. */
    Http2Connection becomeHttp2(ClientConnection before, Channel channel, @Nullable TlsFacts tls, int prefaceSeen) {
        Http2Connection after = new Http2Connection(context, this, channel, tls, prefaceSeen);
        became(before, after);
        channel.handler(after);
        after.opened(channel);
        return after;
    }

    private void link(ClientConnection connection) {
        connection.next = first;
        if (first != null) {
            first.previous = connection;
        }
        first = connection;
    }

    private void unlink(ClientConnection connection) {
        ClientConnection before = connection.previous;
        ClientConnection after = connection.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        connection.previous = null;
        connection.next = null;
    }

    /** Takes what waits in the backlog, accepts no more, and ends each connection after its present response. */
    public void close(Runnable socketClosed) {
        isClosed = true;
        if (acceptances.isEmpty()) {
            closed(socketClosed);
            return;
        }
        for (Acceptance open : List.copyOf(acceptances)) {
            open.drainAndClose(() -> {
                acceptances.remove(open);
                if (acceptances.isEmpty()) {
                    closed(socketClosed);
                }
            });
        }
    }

    private void closed(Runnable socketClosed) {
        drain();
        socketClosed.run();
        if (connections == 0) {
            closeQuic();
            emptied.accept(this);
        }
    }

    /** Ends each connection after its present response, idle ones when {@link ClientConnection#drainConnection} finds it safe. */
    public void drain() {
        ClientConnection connection = first;
        while (connection != null) {
            ClientConnection after = connection.next;
            connection.drainConnection();
            connection = after;
        }
    }

    /** Cuts every connection. */
    public void abort() {
        ClientConnection connection = first;
        while (connection != null) {
            ClientConnection after = connection.next;
            connection.cut();
            connection = after;
        }
    }
}
