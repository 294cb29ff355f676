package io.penstock.transport;

import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A UDP socket in a channel of Netty's, or one for which there will be a channel once it is bound. */
final class NettyDatagramSocket implements DatagramSocket {
    private static final Logger LOG = LoggerFactory.getLogger(NettyDatagramSocket.class);

    private final SystemInterface system;
    private final InetSocketAddress localAddress;
    private final HeldAddresses held;
    private final QuicServices services;
    private final @Nullable Socket unbound;
    private @Nullable Channel channel;
    private boolean isTaken;

    private NettyDatagramSocket(
            SystemInterface system,
            @Nullable Channel channel,
            @Nullable Socket unbound,
            InetSocketAddress localAddress,
            HeldAddresses held,
            QuicServices services) {
        this.system = system;
        this.channel = channel;
        this.unbound = unbound;
        this.localAddress = localAddress;
        this.held = held;
        this.services = services;
        held.add(localAddress);
    }

    /** One that is bound. */
    static NettyDatagramSocket bound(
            SystemInterface system,
            Channel channel,
            InetSocketAddress localAddress,
            HeldAddresses held,
            QuicServices services) {
        return new NettyDatagramSocket(system, channel, null, localAddress, held, services);
    }

    /** One that is bound when a loop serves it. */
    static NettyDatagramSocket later(
            SystemInterface system,
            Socket unbound,
            InetSocketAddress localAddress,
            HeldAddresses held,
            QuicServices services) {
        return new NettyDatagramSocket(system, null, unbound, localAddress, held, services);
    }

    /** Hands it over to a loop. */
    synchronized Channel take() throws BindRefused {
        if (isTaken) {
            throw new IllegalStateException(localAddress + " is closed or served already");
        }
        Channel open = channel;
        if (open == null && unbound != null) {
            try {
                SystemInterface.bind(unbound, localAddress);
                open = system.overDatagrams(unbound.intValue(), Transport.PACKET_BYTES_MAX);
                channel = open;
            } catch (IOException failed) {
                close();
                throw Transport.datagramsRefused(localAddress, failed);
            }
        }
        if (open == null) {
            throw new IllegalStateException(localAddress + " has neither a channel nor a socket");
        }
        isTaken = true;
        return open;
    }

    QuicServices services() {
        return services;
    }

    /** It is closed. */
    void released() {
        held.remove(localAddress);
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public synchronized boolean isOpen() {
        return channel != null && channel.isOpen();
    }

    @Override
    public synchronized int descriptor() {
        if (channel instanceof UnixChannel unix) {
            return unix.fd().intValue();
        }
        if (channel instanceof RingDatagramChannel ring) {
            return ring.descriptor();
        }
        throw new IllegalStateException("transport nio has no descriptors to hand over");
    }

    @Override
    public synchronized void close() {
        if (!isTaken) {
            isTaken = true;
            if (channel != null) {
                channel.unsafe().closeForcibly();
            } else if (unbound != null) {
                closeUnbound(unbound);
            }
            released();
        }
    }

    private void closeUnbound(Socket socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            LOG.debug("a socket for {} could not be closed", localAddress, failed);
        }
    }
}
