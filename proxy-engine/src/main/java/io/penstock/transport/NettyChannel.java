package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A channel over one of Netty's own, for where the system gives no descriptors: NIO. */
@WorkerConfined
final class NettyChannel extends LoopChannel implements ChannelFutureListener {
    private static final Logger LOG = LoggerFactory.getLogger(NettyChannel.class);

    /**
     * Netty says when its own count of pending bytes falls below the low mark, if it was above the high one. As both are the same,
     * every fall below it is heard, whatever {@link #isSendable()} had been asked meanwhile.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(LOW_WATER_BYTES, LOW_WATER_BYTES);

    private static final InetSocketAddress UNNAMED = new InetSocketAddress(0);

    private final NettyLoop loop;
    private final io.netty.channel.Channel channel;
    private final NettyOutput output;
    private final NettyInput input;
    private ChannelHandler handler;

    private @Nullable Timer connectTimer;
    private @Nullable CloseCause cause;

    private boolean isInConnect;
    private boolean isConnecting;
    private boolean isOpened;
    private boolean isGone;
    private boolean isTold;

    private boolean owesOpened;

    NettyChannel(NettyLoop loop, io.netty.channel.Channel channel, ChannelHandler handler) {
        this.loop = loop;
        this.channel = channel;
        this.handler = handler;
        output = new NettyOutput(loop, this, channel);
        input = new NettyInput(loop, this, channel);
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setAllocator(loop.allocator());
        config.setRecvByteBufAllocator(new ReceiveGate(this));
        config.setWriteBufferWaterMark(WATER_MARK);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(new Pipe());
        channel.closeFuture().addListener(this);
    }

    // ---- beginning ----

    @Override
    void adopt(Acceptor acceptor) {
        loop.joined(this);
        if (loop.isStopping()) {
            cause = CloseCause.OURS;
        } else {
            try {
                handler = acceptor.accepted(this);
            } catch (RuntimeException e) {
                LOG.error("acceptor failed; the connection is dropped", e);
                cause = CloseCause.OURS;
            }
        }
        if (isOpen()) {
            loop.register(channel);
        } else {
            drop();
            channel.unsafe().closeForcibly();
            operationComplete(channel.closeFuture());
        }
    }

    @Override
    void connect(SocketAddress remote, long timeoutNs) {
        loop.joined(this);
        Timer timer = new ConnectTimer(this);
        connectTimer = timer;
        loop.wheel().arm(timer, loop.nowNs() + timeoutNs);
        isConnecting = true;
        isInConnect = true;
        loop.register(channel);
        channel.connect(remote).addListener((ChannelFuture future) -> {
            isConnecting = false;
            if (!future.isSuccess()) {
                fail(ConnectFailure.causeOf(future.cause()));
            }
        });
        isInConnect = false;
    }

    /** Gives up a connection that could not even be begun. */
    void fail(CloseCause why) {
        if (cause == null) {
            cause = why;
        }
        channel.unsafe().close(channel.voidPromise());
    }

    private void tellOpened() {
        if (cause == null) {
            isOpened = true;
            handler.opened(this);
            // Bytes may be wanted, and output may wait, since before.
            input.resume();
            output.opened();
        }
    }

    private void disarmConnectTimer() {
        if (connectTimer != null) {
            loop.wheel().disarm(connectTimer);
            connectTimer = null;
        }
    }

    // ---- receiving ----

    @Override
    public void receive(boolean wanted) {
        input.receive(wanted);
    }

    /** Whether nothing that comes is of interest to anybody any more. */
    boolean isEnding() {
        return cause != null || output.isClosing();
    }

    boolean isOpened() {
        return isOpened;
    }

    /** Whether there is a reason already why it is no more. */
    boolean isBroken() {
        return cause != null;
    }

    boolean isOutputEnded() {
        return output.isEnded();
    }

    ChannelHandler handler() {
        return handler;
    }

    ReceiveMemory receiveMemory() {
        return loop.receiveMemory();
    }

    // ---- sending ----

    @Override
    public void send(byte[] source, int offset, int length) {
        output.send(source, offset, length);
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        output.send(source, offset, length);
    }

    @Override
    public void send(Received source, int offset, int length) {
        output.send(source, offset, length);
    }

    @Override
    void flush() {
        output.flush();
    }

    @Override
    public boolean isSendable() {
        return output.isSendable();
    }

    @Override
    public int pendingBytes() {
        return output.pendingBytes();
    }

    // ---- ending ----

    @Override
    public void finish() {
        output.finish();
    }

    @Override
    public void close() {
        if (!isEnding()) {
            if (isOpened) {
                input.drop();
                output.close();
            } else {
                abort();
            }
        }
    }

    @Override
    public void abort() {
        if (cause == null) {
            cause = CloseCause.OURS;
            drop();
            if (channel.isRegistered()) {
                if (channel.isActive()) {
                    linger();
                }
                channel.unsafe().close(channel.voidPromise());
            }
        }
    }

    /** Has the socket reset when it closes. */
    private void linger() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException e) {
            LOG.debug("no reset of {}", channel, e);
        }
    }

    /** The output has ended, in order. */
    void outputEnded() {
        closeIfFinished();
    }

    void closeIfFinished() {
        if (input.isEndTold() && output.isEnded() && cause == null) {
            fail(CloseCause.FINISHED);
        }
    }

    /** The Netty channel is closed, for whatever reason. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        if (!isGone) {
            isGone = true;
            // A failed attempt may close the socket first and tell why after that.
            if (cause == null && !isConnecting) {
                cause = CloseCause.RESET;
            }
            disarmConnectTimer();
            drop();
            loop.defer(this);
        }
    }

    private void drop() {
        output.drop();
        input.drop();
    }

    @Override
    void tellDeferred() {
        isDeferred = false;
        try {
            if (owesOpened) {
                owesOpened = false;
                tellOpened();
            }
            output.tellSendable();
            input.handKept();
        } catch (RuntimeException | Error e) {
            LOG.error("a handler of {} failed; the connection is dropped", channel, e);
            abort();
        }
        if (isGone && !isTold) {
            isTold = true;
            if (cause == null) {
                cause = CloseCause.RESET;
            }
            drop();
            loop.left(this);
            if (cause == CloseCause.FINISHED) {
                input.tellEndAtLast();
            }
            handler.closed(this, cause);
        }
    }

    // ---- what it is ----

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void handler(ChannelHandler handler) {
        this.handler = handler;
    }

    @Override
    public boolean isOpen() {
        return !isEnding() && channel.isOpen();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return channel.remoteAddress() instanceof InetSocketAddress inet ? inet : UNNAMED;
    }

    @Override
    public InetSocketAddress localAddress() {
        return channel.localAddress() instanceof InetSocketAddress inet ? inet : UNNAMED;
    }

    @Override
    public String toString() {
        return channel.toString();
    }

    /** The only handler in the pipeline of Netty's channel. */
    private final class Pipe extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            disarmConnectTimer();
            if (isInConnect) {
                owesOpened = true;
                loop.defer(NettyChannel.this);
            } else {
                tellOpened();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            input.received((ByteBuf) message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE && cause == null) {
                input.ended();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            output.checkSendable();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            if (cause != null) {
                return;
            }
            if (failure instanceof IOException) {
                LOG.debug("{} broke", channel, failure);
                fail(CloseCause.RESET);
            } else if (failure instanceof OutOfMemoryError) {
                fail(CloseCause.EXHAUSTED);
            } else {
                LOG.error("a handler of {} failed; the connection is dropped", channel, failure);
                abort();
            }
        }
    }

    private static final class ConnectTimer extends Timer {
        private final NettyChannel channel;

        ConnectTimer(NettyChannel channel) {
            this.channel = channel;
        }

        @Override
        protected void expired(long nowNs) {
            channel.fail(CloseCause.CONNECT_TIMEOUT);
        }
    }
}
