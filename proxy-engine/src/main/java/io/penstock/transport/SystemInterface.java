package io.penstock.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.net.StandardSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the ways to ask the system for events and bytes; in the order in which {@code auto} tries them, which is that
 * of CPU per request (docs/PERFORMANCE.md).
 */
enum SystemInterface {
    EPOLL("epoll") {
        @Override
        @Nullable
        Throwable unavailability() {
            return Epoll.isAvailable() ? null : Epoll.unavailabilityCause();
        }

        @Override
        IoHandlerFactory ioHandlers(ByteBufAllocator allocator) {
            return EpollIoHandler.newFactory();
        }

        @Override
        ServerChannel newServerChannel(boolean isUnix) {
            return isUnix ? new EpollServerDomainSocketChannel() : new EpollServerSocketChannel();
        }

        @Override
        LoopChannel newChannel(NettyLoop loop, boolean isUnix, ChannelHandler handler) {
            try {
                return new EpollChannel(loop, newSocket(isUnix), handler);
            } catch (IOException e) {
                throw new ChannelException(e);
            }
        }

        private Socket newSocket(boolean isUnix) throws IOException {
            if (isUnix) {
                return Socket.newSocketDomain();
            }
            Socket socket = LinuxSocket.newSocketStream();
            socket.setTcpNoDelay(true);
            return socket;
        }

        // Of Netty's channel only the socket is used, which has TCP_NODELAY already; no loop ever knew of it.
        @Override
        LoopChannel accepted(NettyLoop loop, Channel channel, ChannelHandler handler) {
            Socket socket = (Socket) ((UnixChannel) channel).fd();
            if (!(channel instanceof SocketChannel inet)) {
                return new EpollChannel(loop, socket, handler, null, null);
            }
            return new EpollChannel(loop, socket, handler, inet.remoteAddress(), inet.localAddress());
        }
    },
    IO_URING("io_uring") {
        @Override
        @Nullable
        Throwable unavailability() {
            // A multishot accept that fails is armed again by Netty at once, whatever its owner wants: out of
            // descriptors the loop would spin. Netty reads this once, when its class is loaded, which is in the next
            // line.
            if (System.getProperty(MULTISHOT_ACCEPT) == null) {
                System.setProperty(MULTISHOT_ACCEPT, "false");
            }
            // A multishot receive that finds the ring empty is armed again by Netty at once as well: with many channels
            // that nobody reads from, each would go on taking bytes out of the kernel until there are none.
            if (System.getProperty(MULTISHOT_RECEIVE) == null) {
                System.setProperty(MULTISHOT_RECEIVE, "false");
            }
            if (!IoUring.isAvailable()) {
                return IoUring.unavailabilityCause();
            }
            return IoUring.isRegisterBufferRingSupported()
                    ? null
                    : new UnsupportedOperationException("the kernel has no provided buffer rings (5.19 has)");
        }

        @Override
        IoHandlerFactory ioHandlers(ByteBufAllocator allocator) {
            // SINGLE_ISSUER and DEFER_TASKRUN are Netty's defaults where the kernel has them.
            IoUringBufferRingConfig ring = IoUringBufferRingConfig.builder()
                    .bufferGroupId(RING_GROUP)
                    .bufferRingSize(RING_BUFFERS)
                    .batchSize(RING_BUFFERS)
                    .incremental(false)
                    .allocator(new IoUringFixedBufferRingAllocator(allocator, RING_BUFFER_BYTES))
                    .build();
            return IoUringIoHandler.newFactory(new IoUringIoHandlerConfig().setBufferRingConfig(ring));
        }

        @Override
        ServerChannel newServerChannel(boolean isUnix) {
            return isUnix ? new IoUringServerDomainSocketChannel() : new IoUringServerSocketChannel();
        }

        @Override
        LoopChannel newChannel(NettyLoop loop, boolean isUnix, ChannelHandler handler) {
            return new NettyChannel(
                    loop, isUnix ? new IoUringDomainSocketChannel() : new IoUringSocketChannel(), handler);
        }

        @Override
        void configure(ChannelConfig config) {
            config.setOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, RING_GROUP);
        }
    },
    NIO("nio") {
        @Override
        @Nullable
        Throwable unavailability() {
            return null;
        }

        @Override
        IoHandlerFactory ioHandlers(ByteBufAllocator allocator) {
            return NioIoHandler.newFactory();
        }

        @Override
        ServerChannel newServerChannel(boolean isUnix) {
            return new NioServerSocketChannel();
        }

        @Override
        LoopChannel newChannel(NettyLoop loop, boolean isUnix, ChannelHandler handler) {
            return new NettyChannel(loop, new NioSocketChannel(), handler);
        }

        @Override
        void shareAddress(ServerChannel channel) {
            channel.config().setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }

        @Override
        boolean hasUnixSockets() {
            return false;
        }
    };

    /** Measured: a larger ring gains nothing. */
    static final short RING_BUFFERS = 256;

    /** What one receive takes at most. Measured: 4 KiB makes large bodies a third slower, 64 KiB a fifth faster. */
    static final int RING_BUFFER_BYTES = 16 * 1024;

    private static final short RING_GROUP = 0;

    private static final String MULTISHOT_RECEIVE = "io.netty.iouring.recvMultiShotEnabled";

    private static final String MULTISHOT_ACCEPT = "io.netty.iouring.acceptMultiShotEnabled";

    private final String text;

    SystemInterface(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** Why it cannot work here, as far as can be told without trying; null if nothing speaks against it. */
    abstract @Nullable Throwable unavailability();

    abstract IoHandlerFactory ioHandlers(ByteBufAllocator allocator);

    abstract ServerChannel newServerChannel(boolean isUnix);

    /**
     * A channel that is to connect.
     *
     * @throws ChannelException if the system has no socket for it
     */
    abstract LoopChannel newChannel(NettyLoop loop, boolean isUnix, ChannelHandler handler);

    /** A channel over a connection that Netty has accepted. */
    LoopChannel accepted(NettyLoop loop, Channel channel, ChannelHandler handler) {
        return new NettyChannel(loop, channel, handler);
    }

    void configure(ChannelConfig config) {}

    /** Lets the socket bind where others of this process are bound. */
    void shareAddress(ServerChannel channel) {
        channel.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
    }

    boolean hasUnixSockets() {
        return true;
    }
}
