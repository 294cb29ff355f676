package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A channel over one of Netty's, and the only handler in that one's pipeline. */
@WorkerConfined
final class NettyChannel extends ChannelInboundHandlerAdapter implements Channel, ChannelFutureListener {
    private static final Logger LOG = LoggerFactory.getLogger(NettyChannel.class);

    /** Received parts of at least this size are sent by reference; below it the copy costs less than a second entry in the output. */
    static final int SEND_BY_REFERENCE_BYTES = 8 * 1024;

    /**
     * Netty says when its own count of pending bytes falls below the low mark, if it was above the high one. As both are the same,
     * every fall below it is heard, whatever {@link #isSendable()} had been asked meanwhile.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(LOW_WATER_BYTES, LOW_WATER_BYTES);

    private static final InetSocketAddress UNNAMED = new InetSocketAddress(0);

    private static final int TCP_CLOSE_WAIT = 8;

    private final NettyLoop loop;
    private final io.netty.channel.Channel channel;
    private final GatheredOutput output;
    private final KeptInput kept;
    private ChannelHandler handler;

    private @Nullable Timer connectTimer;
    private @Nullable CloseCause cause;
    private Ending ending = Ending.NONE;

    private boolean isEndingArmed;
    private boolean isWanted;
    private boolean isDirty;
    private boolean isInConnect;
    private boolean isConnecting;
    private boolean isOpened;
    private boolean isInputEnded;
    private boolean isEndOfInputTold;
    private boolean isOutputEnded;
    private boolean isUnsendableTold;
    private boolean isGone;
    private boolean isTold;

    /** Set while this channel waits in the loop's list of channels with something to tell. */
    boolean isDeferred;

    private boolean owesOpened;
    private boolean owesSendable;

    @Nullable
    NettyChannel previousOpen;

    @Nullable
    NettyChannel nextOpen;

    /** What becomes of the output when all that is pending has left. */
    private enum Ending {
        NONE,
        FINISH,
        CLOSE
    }

    NettyChannel(NettyLoop loop, io.netty.channel.Channel channel, ChannelHandler handler) {
        this.loop = loop;
        this.channel = channel;
        this.handler = handler;
        output = new GatheredOutput(loop, channel);
        kept = new KeptInput(loop.allocator());
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setAllocator(loop.allocator());
        config.setRecvByteBufAllocator(new ReceiveGate(this));
        config.setWriteBufferWaterMark(WATER_MARK);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        loop.system().configure(config);
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(this);
    }

    // ---- beginning ----

    /** Serves a connection just accepted. */
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

    @Override
    public void channelActive(ChannelHandlerContext context) {
        disarmConnectTimer();
        if (isInConnect) {
            owesOpened = true;
            loop.defer(this);
        } else {
            tellOpened();
        }
    }

    private void tellOpened() {
        if (cause == null) {
            isOpened = true;
            handler.opened(this);
            // Bytes may be wanted, and output may wait, since before.
            resumeReceiving();
            if (!output.isFlushed() || ending != Ending.NONE) {
                markDirty();
            }
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
        if (wanted != isWanted) {
            isWanted = wanted;
            // The kernel is asked to hold bytes back only when some arrive that nobody wants: a pause between two
            // requests, which
            // is the rule, costs no system call.
            if (wanted && isOpened && isOpen()) {
                resumeReceiving();
            }
        }
    }

    private void resumeReceiving() {
        if (isWanted) {
            if (!kept.isEmpty()) {
                loop.defer(this);
            } else if (!isInputEnded && isOpen() && !channel.config().isAutoRead()) {
                channel.config().setAutoRead(true);
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (cause != null || ending == Ending.CLOSE) {
            bytes.release();
        } else if (isWanted && kept.isEmpty()) {
            hand(bytes);
        } else {
            kept.add(bytes);
            pauseReceiving();
        }
    }

    private void pauseReceiving() {
        ChannelConfig config = channel.config();
        if (config.isAutoRead()) {
            config.setAutoRead(false);
        } else if (kept.isFull() && loop.system() == SystemInterface.IO_URING) {
            // After the peer's FIN Netty receives to the end unasked; only the change from true to false cancels that.
            config.setAutoRead(true);
            config.setAutoRead(false);
        }
    }

    /** Hands bytes to the handler and keeps what it leaves. */
    private void hand(ByteBuf bytes) {
        int length = bytes.readableBytes();
        try {
            int taken = offer(bytes);
            if (taken < length && cause == null && ending != Ending.CLOSE) {
                isWanted = false;
                kept.add(bytes.skipBytes(taken).retain());
            }
        } finally {
            bytes.release();
        }
    }

    private int offer(ByteBuf bytes) {
        int length = bytes.readableBytes();
        ReceivedRegion region = loop.region();
        region.wrap(bytes);
        try {
            int taken = handler.received(this, region);
            if (taken < 0 || taken > length) {
                throw new IllegalStateException("handler took " + taken + " of " + length + " bytes");
            }
            return taken;
        } finally {
            region.unwrap();
        }
    }

    /** Whether no more bytes shall be taken out of the kernel. */
    boolean isFull() {
        if (!kept.isFull() || isOutputEnded || !(channel instanceof EpollSocketChannel socket)) {
            return false;
        }
        // Only for a peer that has sent FIN and still listens: after a reset, or with both directions ended, epoll
        // tells
        // again and again that something is to be received.
        return socket.tcpInfo().state() == TCP_CLOSE_WAIT;
    }

    ReceiveMemory receiveMemory() {
        return loop.receiveMemory();
    }

    private void handKept() {
        while (isWanted && isOpen()) {
            ByteBuf first = kept.retainedFirst();
            if (first == null) {
                break;
            }
            try {
                int length = first.readableBytes();
                int taken = offer(first);
                kept.take(taken);
                if (taken < length) {
                    isWanted = false;
                }
            } finally {
                first.release();
            }
        }
        if (kept.isEmpty()) {
            if (isInputEnded) {
                tellEndOfInput();
            } else {
                resumeReceiving();
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && cause == null && !isInputEnded) {
            isInputEnded = true;
            channel.config().setAutoRead(false);
            if (kept.isEmpty()) {
                tellEndOfInput();
            }
        }
    }

    private void tellEndOfInput() {
        if (!isEndOfInputTold && cause == null && ending != Ending.CLOSE) {
            isEndOfInputTold = true;
            handler.endOfInput(this);
            closeIfFinished();
        }
    }

    // ---- sending ----

    @Override
    public void send(byte[] source, int offset, int length) {
        if (canSend() && length > 0) {
            output.add(source, offset, length);
            markDirty();
        }
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        if (canSend() && length > 0) {
            output.add(source, offset, length);
            markDirty();
        }
    }

    @Override
    public void send(Received source, int offset, int length) {
        if (length >= SEND_BY_REFERENCE_BYTES && source instanceof ReceivedRegion region) {
            if (canSend()) {
                output.add(region.retainedSlice(offset, length));
                markDirty();
            }
        } else {
            send(source.buffer(), offset, length);
        }
    }

    private boolean canSend() {
        return cause == null && ending == Ending.NONE;
    }

    private void markDirty() {
        if (!isDirty) {
            isDirty = true;
            loop.markDirty(this);
        }
    }

    /** Gives the turn's output to the kernel. */
    void flush() {
        isDirty = false;
        if (cause == null && isOpened) {
            output.flush();
            checkSendable();
            if (ending != Ending.NONE) {
                endOutput();
            }
        }
    }

    @Override
    public boolean isSendable() {
        if (pendingBytes() < HIGH_WATER_BYTES) {
            return true;
        }
        isUnsendableTold = true;
        return false;
    }

    @Override
    public int pendingBytes() {
        return output.pendingBytes();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        checkSendable();
    }

    private void checkSendable() {
        if (isUnsendableTold && cause == null && pendingBytes() < LOW_WATER_BYTES) {
            isUnsendableTold = false;
            owesSendable = true;
            loop.defer(this);
        }
    }

    // ---- ending ----

    @Override
    public void finish() {
        if (canSend()) {
            ending = Ending.FINISH;
            markDirty();
        }
    }

    @Override
    public void close() {
        if (cause == null && ending != Ending.CLOSE) {
            if (!isOpened) {
                abort();
                return;
            }
            ending = Ending.CLOSE;
            if (isOutputEnded) {
                fail(CloseCause.OURS);
            } else {
                isEndingArmed = false;
                kept.drop();
                markDirty();
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

    /** The output ends now if all of it has left, else as soon as it has. */
    private void endOutput() {
        if (output.isEmpty()) {
            ended();
        } else if (!isEndingArmed) {
            isEndingArmed = true;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(future -> {
                if (future.isSuccess()) {
                    ended();
                }
            });
        }
    }

    private void ended() {
        if (cause == null) {
            if (ending == Ending.CLOSE) {
                fail(CloseCause.OURS);
            } else if (!isOutputEnded) {
                isOutputEnded = true;
                ChannelFuture shut = ((DuplexChannel) channel).shutdownOutput();
                if (shut.cause() != null) {
                    LOG.debug("{} could not be half closed", channel, shut.cause());
                }
                if (kept.isFull()) {
                    // With both directions ended epoll would go on telling so until all is received.
                    channel.config().setAutoRead(true);
                }
                closeIfFinished();
            }
        }
    }

    private void closeIfFinished() {
        if (isEndOfInputTold && isOutputEnded && cause == null) {
            fail(CloseCause.FINISHED);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (failure instanceof ReceiveGate.Shut || cause != null) {
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

    /** The Netty channel is closed, for whatever reason. */
    @Override
    public void operationComplete(ChannelFuture closed) {
        if (!isGone) {
            isGone = true;
            // A failed attempt may close the socket first and tell why after that.
            if (cause == null && !isConnecting) {
                cause = isEndedByPeer() ? CloseCause.FINISHED : CloseCause.RESET;
            }
            disarmConnectTimer();
            drop();
            loop.defer(this);
        }
    }

    /** Netty's unix sockets on io_uring cannot be half closed: the peer's end closes them. */
    private boolean isEndedByPeer() {
        return isOpened && channel instanceof IoUringDomainSocketChannel && kept.isEmpty();
    }

    private void drop() {
        output.drop();
        kept.drop();
    }

    /** Tells the handler what could not be told at once; called by the loop, outside of every handler. */
    void tellDeferred() {
        isDeferred = false;
        try {
            if (owesOpened) {
                owesOpened = false;
                tellOpened();
            }
            if (owesSendable) {
                owesSendable = false;
                if (canSend()) {
                    handler.sendable(this);
                }
            }
            if (isWanted && !kept.isEmpty()) {
                handKept();
            }
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
            if (cause == CloseCause.FINISHED && !isEndOfInputTold) {
                isEndOfInputTold = true;
                handler.endOfInput(this);
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
        return cause == null && ending != Ending.CLOSE && channel.isOpen();
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
