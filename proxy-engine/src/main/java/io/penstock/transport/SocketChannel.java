package io.penstock.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel straight over a socket: bytes go between the kernel and memory that the loop has anyway. Netty brings the loop and the
 * calls of the system; none of its channels, pipelines and queues is on the way. How it hears of bytes and of room for them, and
 * how they go, differs between {@link EpollChannel} and {@link RingChannel}.
 */
@WorkerConfined
abstract class SocketChannel extends LoopChannel {
    private static final Logger LOG = LoggerFactory.getLogger(SocketChannel.class);

    private static final int OUT = EpollIoOps.EPOLLOUT.value();
    private static final int ERR = EpollIoOps.EPOLLERR.value();

    /** EPOLLHUP: both directions have ended. Netty has no name for it. */
    private static final int HUP = 0x10;

    static final int HANG_UP = EpollIoOps.EPOLLRDHUP.value() | HUP | ERR;

    private static final InetSocketAddress UNNAMED = new InetSocketAddress(0);

    private final Socket socket;
    private @Nullable InetSocketAddress remoteAddress;
    private @Nullable InetSocketAddress localAddress;
    private @Nullable IoRegistration registration;
    private boolean isConnecting;

    /** What the kernel told before the handler knew of the connection. It will not tell again. */
    private int early;

    /** A channel that is to connect, or accepted {@link #between} two addresses. */
    SocketChannel(NettyLoop loop, Socket socket, ChannelHandler handler) {
        super(loop, handler);
        this.socket = socket;
    }

    /** Makes it one of an accepted connection; addresses are null for a unix socket. */
    final SocketChannel between(@Nullable InetSocketAddress remote, @Nullable InetSocketAddress local) {
        remoteAddress = remote == null ? UNNAMED : remote;
        localAddress = local == null ? UNNAMED : local;
        return this;
    }

    // ---- what differs ----

    @Override
    abstract SocketInput input();

    @Override
    abstract SocketOutput output();

    /** What it wants to hear of now, of a descriptor that is registered. */
    abstract EpollIoOps watched();

    /** Says whether the kernel shall tell when it has room; if it has, it does so at once. */
    abstract void watchOutput(boolean wanted);

    /** The kernel shall close the socket. */
    abstract void closeSocket(Socket socket, @Nullable IoRegistration registered) throws IOException;

    // ---- beginning ----

    @Override
    void begin() {
        if (register()) {
            try {
                opened(false);
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }
    }

    @Override
    void connect(SocketAddress remote, long timeoutNs) {
        loop().joined(this);
        if (remote instanceof InetSocketAddress inet) {
            remoteAddress = inet;
        } else {
            remoteAddress = UNNAMED;
            localAddress = UNNAMED;
        }
        try {
            boolean isConnected = socket.connect(remote);
            if (!isConnected) {
                watchOutput(true);
            }
            if (register()) {
                if (isConnected) {
                    opened(true);
                } else {
                    isConnecting = true;
                    awaitConnection(timeoutNs);
                }
            }
        } catch (IOException e) {
            fail(ConnectFailure.causeOf(e));
        }
    }

    private boolean register() {
        try {
            IoRegistration made = loop().register(new Watched()).getNow();
            if (made != null) {
                registration = made;
                watch();
                return true;
            }
        } catch (UncheckedIOException e) {
            LOG.debug("{} cannot be watched", socket, e);
        }
        fail(CloseCause.EXHAUSTED);
        return false;
    }

    /** Tells the kernel what is watched, once it knows the descriptor. */
    final void watch() {
        IoRegistration made = registration;
        if (made != null && made.isValid()) {
            made.submit(watched());
        }
    }

    private void connected() {
        try {
            if (!socket.finishConnect()) {
                watch();
                return;
            }
        } catch (IOException e) {
            fail(ConnectFailure.causeOf(e));
            return;
        }
        isConnecting = false;
        watchOutput(false);
        opened(false);
    }

    @Override
    void openedLate() throws IOException {
        serve(early);
    }

    // ---- events ----

    /** What the loop's epoll knows of this channel. */
    private final class Watched implements EpollIoHandle {
        @Override
        public Socket fd() {
            return socket;
        }

        @Override
        public void handle(IoRegistration registered, IoEvent event) {
            ready(((EpollIoEvent) event).ops().value());
        }

        /** The loop ends, and all that it watched with it. */
        @Override
        public void close() {
            fail(CloseCause.OURS);
        }
    }

    private void ready(int events) {
        if (isBroken()) {
            // The kernel had told before the socket was closed.
            return;
        }
        if (owesOpened()) {
            early |= events;
            return;
        }
        try {
            if (isConnecting && (events & (OUT | HANG_UP)) != 0) {
                connected();
            }
            if (isOpened()) {
                serve(events);
            }
        } catch (IOException | RuntimeException | Error e) {
            failed(e);
        }
    }

    private void serve(int events) throws IOException {
        if ((events & OUT) != 0 && !isBroken()) {
            output().ready();
        }
        if (!isBroken()) {
            input().ready(events);
        }
        if ((events & ERR) != 0 && !isBroken() && socket.getSoError() != 0) {
            fail(CloseCause.RESET);
        }
    }

    // ---- ending ----

    @Override
    void reset() {
        try {
            socket.setSoLinger(0);
        } catch (IOException e) {
            LOG.debug("no reset of {}", socket, e);
        }
    }

    @Override
    void closeSocket() {
        gone();
        try {
            closeSocket(socket, registration);
        } catch (IOException e) {
            LOG.debug("{} could not be closed in order", socket, e);
        }
    }

    // ---- what it is ----

    final Socket socket() {
        return socket;
    }

    @Override
    boolean isSocketOpen() {
        return socket.isOpen();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remoteAddress == null ? UNNAMED : remoteAddress;
    }

    @Override
    public InetSocketAddress localAddress() {
        InetSocketAddress address = localAddress;
        if (address == null && isOpened() && socket.isOpen()) {
            address = socket.localAddress();
            localAddress = address;
        }
        return address == null ? UNNAMED : address;
    }

    @Override
    public String toString() {
        return socket + " to " + remoteAddress();
    }
}
