package io.penstock.transport;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.unix.UnixChannel;
import io.penstock.mark.WorkerConfined;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server socket at work on its loop. */
@WorkerConfined
final class NettyAcceptance extends ChannelInboundHandlerAdapter implements Acceptance {
    private static final Logger LOG = LoggerFactory.getLogger(NettyAcceptance.class);

    /** How long it waits before it accepts again, when the process is out of descriptors. */
    private static final long BACK_OFF_NS = 100_000_000;

    /** A drained backlog that is filled again and again is closed after so many ticks, about a second. */
    private static final int DRAIN_TICKS_MAX = 64;

    private final NettyLoop loop;
    private final Acceptor acceptor;
    private final io.netty.channel.Channel channel;
    private final NettyBoundSocket socket;
    private final ServerChannelRecvByteBufAllocator accepting = new ServerChannelRecvByteBufAllocator();
    private final BackOff backOff = new BackOff();
    private final Drained drained = new Drained();
    private boolean isPaused;
    private boolean isDraining;
    private boolean hasAccepted;
    private @Nullable Runnable done;

    NettyAcceptance(NettyLoop loop, NettyBoundSocket socket, Acceptor acceptor) {
        this.loop = loop;
        this.acceptor = acceptor;
        this.socket = socket;
        channel = socket.channel();
        // Else epoll accepts one connection for each event, as it takes the descriptor for a count of bytes.
        accepting.respectMaybeMoreData(false);
    }

    void begin() {
        socket.take();
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setRecvByteBufAllocator(accepting);
        config.setOption(ChannelOption.SO_BACKLOG, socket.backlog());
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(this::closed);
        loop.register(channel);
        if (!socket.isListening()) {
            listen();
        }
        resume();
    }

    private void listen() {
        ChannelFuture bound = channel.bind(socket.reservation().bindAddress());
        if (bound.cause() != null) {
            // Cannot happen while the address is held, short of a kernel out of memory.
            throw new IllegalStateException("cannot listen on " + socket.reservation(), bound.cause());
        }
        socket.reservation().listening();
    }

    @Override
    public void pause(boolean paused) {
        isPaused = paused;
        resume();
    }

    @Override
    public void drainAndClose(Runnable done) {
        this.done = done;
        isDraining = true;
        hasAccepted = false;
        // Until the backlog is empty: until nothing came within a tick, in which the kernel has ended the handshakes
        // that
        // were under way.
        accepting.maxMessagesPerRead(Integer.MAX_VALUE);
        loop.wheel().disarm(backOff);
        loop.wheel().arm(drained, loop.nowNs() + TimerWheel.TICK_NS);
        resume();
    }

    void closeNow() {
        if (channel instanceof UnixChannel && channel.isRegistered()) {
            // The kernel goes on telling of a socket that was only closed while another process holds it too.
            channel.deregister().addListener(left -> channel.unsafe().close(channel.voidPromise()));
        } else {
            channel.unsafe().close(channel.voidPromise());
        }
    }

    private void resume() {
        boolean accepts = isDraining || (!isPaused && !backOff.isArmed());
        if (channel.config().isAutoRead() != accepts && channel.isOpen()) {
            channel.config().setAutoRead(accepts);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        io.netty.channel.Channel accepted = (io.netty.channel.Channel) message;
        hasAccepted = true;
        NettyLoop owner = (NettyLoop) acceptor.owner();
        if (owner == loop) {
            owner.system().accepted(owner, accepted, DeafHandler.TURNED_AWAY).adopt(acceptor);
        } else {
            try {
                owner.post(() -> owner.system()
                        .accepted(owner, accepted, DeafHandler.TURNED_AWAY)
                        .adopt(acceptor));
            } catch (RejectedExecutionException e) {
                LOG.debug("the owner of {} has stopped", accepted, e);
                accepted.unsafe().closeForcibly();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (ConnectFailure.isExhaustion(failure)) {
            acceptor.exhausted();
            loop.wheel().arm(backOff, loop.nowNs() + BACK_OFF_NS);
            resume();
        } else {
            LOG.debug("{} could not accept", channel, failure);
        }
    }

    private void closed(io.netty.util.concurrent.Future<? super Void> future) {
        loop.wheel().disarm(backOff);
        loop.wheel().disarm(drained);
        loop.left(this);
        socket.reservation().release();
        Runnable told = done;
        if (told != null) {
            done = null;
            // NIO lets go of a closed socket only when it selects again, which is in the next turn.
            loop.afterTurn(() -> loop.post(told));
        }
    }

    private final class BackOff extends Timer {
        @Override
        protected void expired(long nowNs) {
            resume();
        }
    }

    private final class Drained extends Timer {
        private int ticks;

        @Override
        protected void expired(long nowNs) {
            ticks++;
            if (hasAccepted && ticks < DRAIN_TICKS_MAX) {
                hasAccepted = false;
                loop.wheel().arm(this, nowNs + TimerWheel.TICK_NS);
            } else {
                closeNow();
            }
        }
    }
}
