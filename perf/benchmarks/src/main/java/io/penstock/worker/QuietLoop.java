package io.penstock.worker;

import io.penstock.transport.Acceptance;
import io.penstock.transport.Acceptor;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.DatagramSocket;
import io.penstock.transport.Loop;
import io.penstock.transport.TimerWheel;
import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicBounds;
import io.penstock.transport.quic.QuicService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A loop on the caller's thread without sockets, that allocates nothing once its channels are made. The caller is time and peers. */
public final class QuietLoop implements Loop {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final List<QuietChannel> connects = new ArrayList<>();
    private final TimerWheel wheel = new TimerWheel(0);
    private long nowNs;

    /** The far end of a connection that somebody makes to the only listener. */
    QuietChannel incoming() {
        QuietChannel channel = new QuietChannel(this, address(1), null);
        channel.handler(acceptors.getFirst().accepted(channel));
        channel.open();
        run();
        return channel;
    }

    /** The far end of the only connection that was made, opened if it was not yet. */
    QuietChannel outgoing() {
        QuietChannel channel = connects.getFirst();
        if (!channel.isOpen()) {
            channel.open();
            run();
        }
        return channel;
    }

    int connects() {
        return connects.size();
    }

    /** Ends a turn: runs what was posted, and lets time pass. */
    void turn(long tookNs) {
        run();
        nowNs += tookNs;
        wheel.advance(nowNs);
    }

    void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private static InetSocketAddress address(int lastByte) {
        return new InetSocketAddress(InetAddress.ofLiteral("192.0.2." + lastByte), 40_000);
    }

    @Override
    public String transport() {
        return "none";
    }

    @Override
    public boolean isInLoop() {
        return true;
    }

    @Override
    public void post(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void afterTurn(Runnable task) {
        tasks.add(task);
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public TimerWheel wheel() {
        return wheel;
    }

    @Override
    public Channel connect(SocketAddress remote, long timeoutNs, ChannelHandler handler) {
        QuietChannel channel = new QuietChannel(this, (InetSocketAddress) remote, handler);
        connects.add(channel);
        return channel;
    }

    @Override
    public QuicService serve(DatagramSocket socket, QuicBounds bounds, QuicAcceptor acceptor) {
        throw new UnsupportedOperationException("it has no packets");
    }

    @Override
    public Acceptance accept(BoundSocket socket, Acceptor acceptor) {
        acceptors.add(acceptor);
        return new Acceptance() {
            @Override
            public void pause(boolean paused) {}

            @Override
            public void drainAndClose(Runnable done) {
                post(done);
            }
        };
    }

    @Override
    public void close() {
        tasks.clear();
    }
}
