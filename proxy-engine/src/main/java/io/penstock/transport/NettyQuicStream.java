package io.penstock.transport;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamChannelConfig;
import io.netty.util.concurrent.Future;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.quic.QuicStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream of QUIC as a channel like any other. */
@WorkerConfined
final class NettyQuicStream extends LoopChannel implements QuicStream, ChannelFutureListener {
    private static final Logger LOG = LoggerFactory.getLogger(NettyQuicStream.class);

    private final NettyQuicConnection connection;
    private final QuicStreamChannel channel;
    private final NettyInput input;
    private final QuicOutput output;
    private long code;
    private boolean isUnwanted;

    NettyQuicStream(NettyQuicConnection connection, QuicStreamChannel channel, ChannelHandler handler) {
        super(connection.loop(), handler);
        this.connection = connection;
        this.channel = channel;
        input = new NettyInput(this, channel);
        output = new QuicOutput(this, channel);
        QuicStreamChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setAllocator(loop().allocator());
        config.setRecvByteBufAllocator(new ReceiveGate(loop()));
        if (isBidirectional()) {
            config.setAllowHalfClosure(true);
        }
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

    // The library has it active right away, and says so.
    @Override
    void begin() {}

    @Override
    void connect(SocketAddress remote, long timeoutNs) {
        throw new UnsupportedOperationException("streams are begun by their connection");
    }

    @Override
    void openedLate() {}

    // ---- what only streams can ----

    @Override
    public long id() {
        return channel.streamId();
    }

    @Override
    public void reset(long why) {
        code = why;
        abort();
    }

    @Override
    public void stopReceiving(long why) {
        if (!isUnwanted && !input.isEnded() && isOpen()) {
            isUnwanted = true;
            code = why;
            channel.shutdownInput((int) why, channel.newPromise()).addListener(NettyQuicStream::ignore);
        }
    }

    /** Our end has gone to the library. */
    void outputEnded() {
        if (isUnwanted) {
            // The peer's end will not be heard any more.
            fail(CloseCause.OURS);
        }
    }

    // ---- ending ----

    @Override
    void reset() {}

    @Override
    void closeSocket() {
        if (channel.isOpen()) {
            if (!(output.isEnded() && (input.isEnded() || isUnwanted))) {
                channel.shutdown((int) code, channel.newPromise()).addListener(NettyQuicStream::ignore);
            }
            channel.unsafe().close(channel.voidPromise());
        }
        gone();
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
        fail(output.isEnded() && input.isEnded() ? CloseCause.FINISHED : CloseCause.RESET);
        gone();
    }

    /** What cannot be said any more is of no use to a peer that is gone. */
    static void ignore(Future<?> future) {}

    // ---- what it is ----

    @Override
    boolean isSocketOpen() {
        return channel.isOpen();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return connection.remoteAddress();
    }

    @Override
    public InetSocketAddress localAddress() {
        return connection.localAddress();
    }

    @Override
    public String toString() {
        return channel + " of " + connection;
    }

    private final class Pipe extends NettyPipe {
        Pipe() {
            super(NettyQuicStream.this, input, output);
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            opened(true);
        }

        @Override
        void broken(Throwable failure) {
            if (failure instanceof RuntimeException || failure instanceof Error) {
                super.broken(failure);
            } else {
                // The peer has reset it, or the connection has come to its end.
                LOG.debug("{} broke", NettyQuicStream.this, failure);
                fail(CloseCause.RESET);
            }
        }
    }
}
