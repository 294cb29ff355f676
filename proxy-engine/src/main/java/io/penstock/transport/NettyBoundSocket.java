package io.penstock.transport;

import io.netty.channel.ServerChannel;
import io.netty.channel.unix.UnixChannel;
import java.net.InetSocketAddress;

/** A server socket whose address is held by a {@link Reservation} until a loop listens on it; one from another process listens already. */
final class NettyBoundSocket implements BoundSocket {
    private final Reservation reservation;
    private final ServerChannel channel;
    private final int backlog;
    private final boolean isListening;
    private boolean isTaken;

    NettyBoundSocket(Reservation reservation, ServerChannel channel, int backlog, boolean isListening) {
        this.reservation = reservation;
        this.channel = channel;
        this.backlog = backlog;
        this.isListening = isListening;
    }

    /** Hands it over to a loop. */
    synchronized void take() {
        if (isTaken) {
            throw new IllegalStateException(reservation + " is closed or accepted from already");
        }
        isTaken = true;
    }

    Reservation reservation() {
        return reservation;
    }

    ServerChannel channel() {
        return channel;
    }

    int backlog() {
        return backlog;
    }

    /** Whether the kernel takes connections for it before a loop does. */
    boolean isListening() {
        return isListening;
    }

    @Override
    public InetSocketAddress localAddress() {
        return reservation.localAddress();
    }

    @Override
    public int descriptor() {
        if (channel instanceof UnixChannel unix) {
            return unix.fd().intValue();
        }
        throw new IllegalStateException("transport nio has no descriptors to hand over");
    }

    @Override
    public synchronized void close() {
        if (!isTaken) {
            isTaken = true;
            channel.unsafe().closeForcibly();
            reservation.release();
        }
    }
}
