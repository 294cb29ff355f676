package io.penstock.transport;

import io.penstock.transport.quic.QuicAcceptor;
import io.penstock.transport.quic.QuicBounds;
import io.penstock.transport.quic.QuicService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** A loop on the test's thread: its clock is advanced by hand, and the test is the far end of its channels. */
public final class FakeLoop implements Loop {
    private static final ChannelHandler NOBODY = new DeafHandler() {};

    private static final InetSocketAddress EPHEMERAL = new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);

    private final List<FakeAcceptance> acceptances = new ArrayList<>();
    private final List<FakeChannel> connects = new ArrayList<>();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private long nowNs = 1_000_000_000L;
    private final TimerWheel wheel = new TimerWheel(nowNs);
    private long lastConnectTimeoutNs;
    private boolean isRunning;
    private boolean areBacklogsHeld;
    private final List<Runnable> held = new ArrayList<>();

    /** Runs what was posted, and what that posts. */
    public void run() {
        if (!isRunning) {
            isRunning = true;
            try {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            } finally {
                isRunning = false;
            }
        }
    }

    /** Lets time pass, tick by tick. */
    public void advance(Duration time) {
        long endNs = nowNs + time.toNanos();
        while (nowNs < endNs) {
            nowNs = Math.min(endNs, nowNs + TimerWheel.TICK_NS);
            wheel.advance(nowNs);
            run();
        }
    }

    /** Every channel that was connected, in order; those that are closed stay in the list. */
    public List<FakeChannel> connects() {
        return connects;
    }

    /** The channel connected last. */
    public FakeChannel lastConnect() {
        return connects.getLast();
    }

    /** A client connects to whatever listens on the port; the test is that client. */
    public FakeChannel incoming(InetSocketAddress client, int port) {
        for (FakeAcceptance acceptance : acceptances) {
            if (acceptance.local.getPort() == port) {
                FakeChannel channel = new FakeChannel(this, acceptance.local, client, NOBODY);
                channel.handler(acceptance.acceptor.accepted(channel));
                channel.open();
                return channel;
            }
        }
        throw new AssertionError("nothing listens on port " + port);
    }

    /** From here on a socket that is drained still accepts, until {@link #closeDrained}. */
    public void holdBacklogs() {
        areBacklogsHeld = true;
    }

    /** Closes the sockets whose backlogs were held. */
    public void closeDrained() {
        areBacklogsHeld = false;
        held.forEach(Runnable::run);
        held.clear();
        run();
    }

    /** Whether anything accepts on the port. */
    public boolean listens(int port) {
        return acceptances.stream().anyMatch(acceptance -> acceptance.local.getPort() == port);
    }

    public long lastConnectTimeoutNs() {
        return lastConnectTimeoutNs;
    }

    @Override
    public String transport() {
        return "fake";
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
        FakeChannel channel = new FakeChannel(this, EPHEMERAL, (InetSocketAddress) remote, handler);
        connects.add(channel);
        lastConnectTimeoutNs = timeoutNs;
        return channel;
    }

    @Override
    public QuicService serve(DatagramSocket socket, QuicBounds bounds, QuicAcceptor acceptor) {
        throw new UnsupportedOperationException("it has no packets");
    }

    @Override
    public Acceptance accept(BoundSocket socket, Acceptor acceptor) {
        FakeAcceptance acceptance = new FakeAcceptance(socket.localAddress(), acceptor);
        acceptances.add(acceptance);
        return acceptance;
    }

    @Override
    public void close() {
        tasks.clear();
    }

    private final class FakeAcceptance implements Acceptance {
        private final InetSocketAddress local;
        private final Acceptor acceptor;

        FakeAcceptance(InetSocketAddress local, Acceptor acceptor) {
            this.local = local;
            this.acceptor = acceptor;
        }

        @Override
        public void pause(boolean paused) {}

        @Override
        public void drainAndClose(Runnable done) {
            Runnable close = () -> {
                acceptances.remove(this);
                post(done);
            };
            if (areBacklogsHeld) {
                held.add(close);
            } else {
                close.run();
            }
        }
    }
}
