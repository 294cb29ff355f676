package io.penstock.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.penstock.transport.ring.RingHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the ways to ask the system for events and bytes; in the order in which {@code auto} tries them, which is that
 * of CPU per request (docs/PERFORMANCE.md).
 */
enum SystemInterface {
    IO_URING("io_uring") {
        @Override
        @Nullable
        Throwable unavailability() {
            Throwable unavailability = super.unavailability();
            return unavailability == null ? RingHandler.unavailability() : unavailability;
        }

        @Override
        IoHandlerFactory ioHandlers(ByteBufAllocator allocator) {
            return loop -> new RingHandler(loop, allocator);
        }

        @Override
        SocketChannel over(NettyLoop loop, Socket socket, ChannelHandler handler) {
            return new RingChannel(loop, socket, handler);
        }
    },
    EPOLL("epoll") {
        @Override
        Channel overDatagrams(int descriptor, int packetBytesMax) {
            return new EpollDatagramChannel(descriptor);
        }

        @Override
        IoHandlerFactory ioHandlers(ByteBufAllocator allocator) {
            return EpollIoHandler.newFactory();
        }

        @Override
        SocketChannel over(NettyLoop loop, Socket socket, ChannelHandler handler) {
            return new EpollChannel(loop, socket, handler);
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
        ServerChannel listening(int descriptor, boolean isUnix) {
            throw new UnsupportedOperationException("the JDK takes no descriptors");
        }

        @Override
        Channel bindDatagrams(InetSocketAddress address, boolean isShared, int packetBytesMax) throws IOException {
            DatagramChannel made = DatagramChannel.open();
            try {
                made.setOption(StandardSocketOptions.SO_REUSEPORT, isShared);
                made.setOption(StandardSocketOptions.SO_RCVBUF, DATAGRAM_BUFFER_BYTES);
                made.setOption(StandardSocketOptions.SO_SNDBUF, DATAGRAM_BUFFER_BYTES);
                made.bind(address);
                return new NioDatagramChannel(made);
            } catch (IOException | RuntimeException e) {
                made.close();
                throw e;
            }
        }

        @Override
        Channel overDatagrams(int descriptor, int packetBytesMax) {
            throw new UnsupportedOperationException("the JDK takes no descriptors");
        }

        @Override
        LoopChannel newChannel(NettyLoop loop, boolean isUnix, ChannelHandler handler) {
            return new NettyChannel(loop, new NioSocketChannel(), handler);
        }

        @Override
        LoopChannel accepted(NettyLoop loop, Channel channel, ChannelHandler handler) {
            return new NettyChannel(loop, channel, handler);
        }

        @Override
        SocketChannel over(NettyLoop loop, Socket socket, ChannelHandler handler) {
            throw new UnsupportedOperationException("the JDK gives no descriptors away");
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

    /** What a UDP socket holds that serves many clients, as far as the system lets it. */
    private static final int DATAGRAM_BUFFER_BYTES = 1024 * 1024;

    private final String text;

    SystemInterface(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** Why it cannot work here, as far as can be told without trying; null if nothing speaks against it. */
    @Nullable
    Throwable unavailability() {
        return Epoll.isAvailable() ? null : Epoll.unavailabilityCause();
    }

    abstract IoHandlerFactory ioHandlers(ByteBufAllocator allocator);

    ServerChannel newServerChannel(boolean isUnix) {
        return isUnix ? new EpollServerDomainSocketChannel() : new EpollServerSocketChannel();
    }

    /**
     * A server channel over a socket that listens.
     *
     * @throws UnsupportedOperationException if this interface makes no channels of descriptors
     */
    ServerChannel listening(int descriptor, boolean isUnix) {
        return isUnix ? new EpollServerDomainSocketChannel(descriptor, true) : new EpollServerSocketChannel(descriptor);
    }

    /**
     * A channel over a UDP socket that is bound.
     *
     * @param isShared whether others of this process may be bound there
     * @param packetBytesMax what a packet may have
     */
    Channel bindDatagrams(InetSocketAddress address, boolean isShared, int packetBytesMax) throws IOException {
        Socket made = newDatagrams(isShared);
        try {
            bind(made, address);
            return overDatagrams(made.intValue(), packetBytesMax);
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** A UDP socket that is to be bound. */
    static Socket newDatagrams(boolean isShared) throws IOException {
        Socket made = Socket.newSocketDgram();
        try {
            made.setReusePort(isShared);
            made.setReceiveBufferSize(DATAGRAM_BUFFER_BYTES);
            made.setSendBufferSize(DATAGRAM_BUFFER_BYTES);
            return made;
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    static void bind(Socket datagrams, InetSocketAddress address) throws IOException {
        // A socket for both families takes neither by the wildcard of the older one.
        datagrams.bind(
                address.getAddress().isAnyLocalAddress() && Socket.isIPv6Preferred()
                        ? new InetSocketAddress("::", address.getPort())
                        : address);
    }

    /**
     * A channel over a UDP socket that is bound, its owner from here on.
     *
     * @throws UnsupportedOperationException if this interface makes no channels of descriptors
     */
    Channel overDatagrams(int descriptor, int packetBytesMax) {
        return new RingDatagramChannel(new Socket(descriptor), packetBytesMax);
    }

    /** A channel over a socket of the system. */
    abstract SocketChannel over(NettyLoop loop, Socket socket, ChannelHandler handler);

    /**
     * A channel that is to connect.
     *
     * @throws ChannelException if the system has no socket for it
     */
    LoopChannel newChannel(NettyLoop loop, boolean isUnix, ChannelHandler handler) {
        try {
            if (isUnix) {
                return over(loop, Socket.newSocketDomain(), handler);
            }
            Socket socket = LinuxSocket.newSocketStream();
            socket.setTcpNoDelay(true);
            return over(loop, socket, handler);
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    /**
     * A channel over a connection that Netty has accepted. Of Netty's channel only the socket is used, which has TCP_NODELAY already;
     * no loop ever knew of it.
     */
    LoopChannel accepted(NettyLoop loop, Channel channel, ChannelHandler handler) {
        SocketChannel made = over(loop, (Socket) ((UnixChannel) channel).fd(), handler);
        return channel instanceof io.netty.channel.socket.SocketChannel inet
                ? made.between(inet.remoteAddress(), inet.localAddress())
                : made.between(null, null);
    }

    /** Lets the socket bind where others of this process are bound. */
    void shareAddress(ServerChannel channel) {
        channel.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
    }

    boolean hasUnixSockets() {
        return true;
    }
}
