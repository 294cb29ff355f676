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
import org.agrona.DirectBuffer;
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

    private final NettyLoop loop;
    private final Socket socket;
    private ChannelHandler handler;
    private @Nullable InetSocketAddress remoteAddress;
    private @Nullable InetSocketAddress localAddress;

    private @Nullable IoRegistration registration;
    private @Nullable Timer connectTimer;
    private @Nullable CloseCause cause;
    private boolean isConnecting;
    private boolean owesOpened;

    /** What the kernel told before the handler knew of the connection. It will not tell again. */
    private int early;

    private boolean isOpened;
    private boolean isGone;
    private boolean isTold;

    /** A channel that is to connect. */
    SocketChannel(NettyLoop loop, Socket socket, ChannelHandler handler) {
        this.loop = loop;
        this.socket = socket;
        this.handler = handler;
    }

    /** Makes it one of an accepted connection; addresses are null for a unix socket. */
    final SocketChannel between(@Nullable InetSocketAddress remote, @Nullable InetSocketAddress local) {
        remoteAddress = remote == null ? UNNAMED : remote;
        localAddress = local == null ? UNNAMED : local;
        return this;
    }

    // ---- what differs ----

    abstract SocketInput input();

    abstract SocketOutput output();

    /** What it wants to hear of now, of a descriptor that is registered. */
    abstract EpollIoOps watched();

    /** Says whether the kernel shall tell when it has room; if it has, it does so at once. */
    abstract void watchOutput(boolean wanted);

    /** The kernel shall close the socket. */
    abstract void closeSocket(Socket socket, @Nullable IoRegistration registered) throws IOException;

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
        if (isOpen() && register()) {
            try {
                tellOpened();
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        } else {
            fail(CloseCause.OURS);
        }
    }

    @Override
    void connect(SocketAddress remote, long timeoutNs) {
        loop.joined(this);
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
                    owesOpened = true;
                    loop.defer(this);
                } else {
                    isConnecting = true;
                    Timer timer = new ConnectTimer(this);
                    connectTimer = timer;
                    loop.wheel().arm(timer, loop.nowNs() + timeoutNs);
                }
            }
        } catch (IOException e) {
            fail(ConnectFailure.causeOf(e));
        }
    }

    private boolean register() {
        try {
            IoRegistration made = loop.register(new Watched()).getNow();
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

    private void tellOpened() {
        if (cause == null) {
            isOpened = true;
            handler.opened(this);
            // Bytes may be wanted, and output may wait, since before.
            input().opened();
            output().opened();
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
        disarmConnectTimer();
        watchOutput(false);
        tellOpened();
    }

    private void disarmConnectTimer() {
        if (connectTimer != null) {
            loop.wheel().disarm(connectTimer);
            connectTimer = null;
        }
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
        if (cause != null) {
            // The kernel had told before the socket was closed.
            return;
        }
        if (owesOpened) {
            early |= events;
            return;
        }
        try {
            if (isConnecting && (events & (OUT | HANG_UP)) != 0) {
                connected();
            }
            if (isOpened) {
                serve(events);
            }
        } catch (IOException | RuntimeException | Error e) {
            failed(e);
        }
    }

    private void serve(int events) throws IOException {
        if ((events & OUT) != 0 && cause == null) {
            output().ready();
        }
        if (cause == null) {
            input().ready(events);
        }
        if ((events & ERR) != 0 && cause == null && socket.getSoError() != 0) {
            fail(CloseCause.RESET);
        }
    }

    /** A call of the system failed, or a handler. */
    void failed(Throwable failure) {
        if (failure instanceof IOException) {
            LOG.debug("{} broke", socket, failure);
            fail(CloseCause.RESET);
        } else if (failure instanceof OutOfMemoryError) {
            fail(CloseCause.EXHAUSTED);
        } else {
            LOG.error("a handler of {} failed; the connection is dropped", socket, failure);
            abort();
        }
    }

    @Override
    void tellDeferred() {
        isDeferred = false;
        try {
            if (owesOpened) {
                owesOpened = false;
                tellOpened();
                serve(early);
            }
            output().tellSendable();
            input().proceed();
        } catch (IOException | RuntimeException | Error e) {
            failed(e);
        }
        if (isGone && !isTold) {
            isTold = true;
            loop.left(this);
            CloseCause why = cause == null ? CloseCause.RESET : cause;
            if (why == CloseCause.FINISHED) {
                input().tellEndAtLast();
            }
            handler.closed(this, why);
        }
    }

    // ---- receiving and sending ----

    @Override
    public void receive(boolean wanted) {
        input().receive(wanted);
    }

    @Override
    public void send(byte[] source, int offset, int length) {
        output().send(source, offset, length);
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        output().send(source, offset, length);
    }

    @Override
    public void send(Received source, int offset, int length) {
        output().send(source, offset, length);
    }

    @Override
    void flush() {
        try {
            output().flush();
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public boolean isSendable() {
        return output().isSendable();
    }

    @Override
    public int pendingBytes() {
        return output().pendingBytes();
    }

    // ---- ending ----

    /** Whether nothing that comes is of interest to anybody any more. */
    boolean isEnding() {
        return cause != null || output().isClosing();
    }

    /** Whether there is a reason already why it is no more. */
    boolean isBroken() {
        return cause != null;
    }

    boolean isOpened() {
        return isOpened;
    }

    ChannelHandler handler() {
        return handler;
    }

    @Override
    public void finish() {
        output().finish();
    }

    @Override
    public void close() {
        if (!isEnding()) {
            if (isOpened) {
                input().drop();
                output().close();
            } else {
                abort();
            }
        }
    }

    @Override
    public void abort() {
        if (cause == null) {
            if (isOpened) {
                reset();
            }
            fail(CloseCause.OURS);
        }
    }

    /** Has the socket reset when it closes. */
    private void reset() {
        try {
            socket.setSoLinger(0);
        } catch (IOException e) {
            LOG.debug("no reset of {}", socket, e);
        }
    }

    void closeIfFinished() {
        if (input().isEndTold() && output().isEnded() && cause == null) {
            fail(CloseCause.FINISHED);
        }
    }

    /** Closes the socket; the handler hears of it in the next turn. The first cause stands. */
    void fail(CloseCause why) {
        if (cause == null) {
            cause = why;
        }
        if (!isGone) {
            isGone = true;
            disarmConnectTimer();
            input().drop();
            output().drop();
            try {
                closeSocket(socket, registration);
            } catch (IOException e) {
                LOG.debug("{} could not be closed in order", socket, e);
            }
            loop.defer(this);
        }
    }

    // ---- what it is ----

    @Override
    public final NettyLoop loop() {
        return loop;
    }

    final Socket socket() {
        return socket;
    }

    @Override
    public void handler(ChannelHandler handler) {
        this.handler = handler;
    }

    @Override
    public boolean isOpen() {
        return !isEnding() && socket.isOpen();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remoteAddress == null ? UNNAMED : remoteAddress;
    }

    @Override
    public InetSocketAddress localAddress() {
        InetSocketAddress address = localAddress;
        if (address == null && isOpened && socket.isOpen()) {
            address = socket.localAddress();
            localAddress = address;
        }
        return address == null ? UNNAMED : address;
    }

    @Override
    public String toString() {
        return socket + " to " + remoteAddress();
    }

    private static final class ConnectTimer extends Timer {
        private final SocketChannel channel;

        ConnectTimer(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        protected void expired(long nowNs) {
            channel.fail(CloseCause.CONNECT_TIMEOUT);
        }
    }
}
