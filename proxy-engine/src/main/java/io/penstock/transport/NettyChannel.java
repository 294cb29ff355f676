package io.penstock.transport;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.penstock.mark.WorkerConfined;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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

    private final io.netty.channel.Channel channel;
    private final NettyOutput output;
    private final NettyInput input;
    private boolean isInConnect;
    private boolean isConnecting;

    NettyChannel(NettyLoop loop, io.netty.channel.Channel channel, ChannelHandler handler) {
        super(loop, handler);
        this.channel = channel;
        output = new NettyOutput(this, channel);
        input = new NettyInput(this, channel);
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setAllocator(loop.allocator());
        config.setRecvByteBufAllocator(new ReceiveGate(loop));
        config.setWriteBufferWaterMark(WATER_MARK);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(new Pipe());
        channel.closeFuture().addListener(this);
    }

    @Override
    ChannelInput input() {
        return input;
    }

    @Override
    ChannelOutput output() {
        return output;
    }

    // ---- beginning ----

    @Override
    void begin() {
        loop().register(channel);
    }

    @Override
    void connect(SocketAddress remote, long timeoutNs) {
        loop().joined(this);
        awaitConnection(timeoutNs);
        isConnecting = true;
        isInConnect = true;
        loop().register(channel);
        channel.connect(remote).addListener((ChannelFuture future) -> {
            isConnecting = false;
            if (!future.isSuccess()) {
                fail(ConnectFailure.causeOf(future.cause()));
            }
        });
        isInConnect = false;
    }

    @Override
    void openedLate() {}

    // ---- ending ----

    @Override
    void reset() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException e) {
            LOG.debug("no reset of {}", channel, e);
        }
    }

    @Override
    void closeSocket() {
        if (channel.isRegistered()) {
            channel.unsafe().close(channel.voidPromise());
        } else {
            channel.unsafe().closeForcibly();
            gone();
        }
    }

    /** The Netty channel is closed, for whatever reason. A failed attempt may close the socket first and tell why after that. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        if (!isConnecting) {
            fail(CloseCause.RESET);
        }
        gone();
    }

    // ---- what it is ----

    @Override
    boolean isSocketOpen() {
        return channel.isOpen();
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

    private final class Pipe extends NettyPipe {
        Pipe() {
            super(NettyChannel.this, input, output);
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            opened(isInConnect);
        }
    }
}
