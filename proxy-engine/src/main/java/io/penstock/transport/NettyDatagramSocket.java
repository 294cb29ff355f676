package io.penstock.transport;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/** A UDP socket in a channel of Netty's. */
final class NettyDatagramSocket implements DatagramSocket {
    private final Channel channel;
    private final InetSocketAddress localAddress;
    private final HeldAddresses held;
    private final QuicServices services;
    private boolean isTaken;

    NettyDatagramSocket(Channel channel, InetSocketAddress localAddress, HeldAddresses held, QuicServices services) {
        this.channel = channel;
        this.localAddress = localAddress;
        this.held = held;
        this.services = services;
        held.add(localAddress);
    }

    /** Hands it over to a loop. */
    synchronized Channel take() {
        if (isTaken) {
            throw new IllegalStateException(localAddress + " is closed or served already");
        }
        isTaken = true;
        return channel;
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
    public synchronized void close() {
        if (!isTaken) {
            isTaken = true;
            channel.unsafe().closeForcibly();
            released();
        }
    }
}
