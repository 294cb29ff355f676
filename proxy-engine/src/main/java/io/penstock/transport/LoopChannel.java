package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.net.SocketAddress;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a channel, whatever it is made of: it opens, tells its handler what comes, and closes for the first cause that is
 * given, of which the handler hears last. What its handler cannot be told inside a call it owes until a turn of its own.
 */
@WorkerConfined
abstract class LoopChannel implements Channel {
    private static final Logger LOG = LoggerFactory.getLogger(LoopChannel.class);

    /** Set while this channel waits in the loop's list of channels with something to tell. */
    boolean isDeferred;

    @Nullable
    LoopChannel previousOpen;

    @Nullable
    LoopChannel nextOpen;

    private final NettyLoop loop;
    private ChannelHandler handler;
    private @Nullable Timer connectTimer;
    private @Nullable CloseCause cause;
    private boolean owesOpened;
    private boolean isOpened;
    private boolean isGone;
    private boolean isTold;

    LoopChannel(NettyLoop loop, ChannelHandler handler) {
        this.loop = loop;
        this.handler = handler;
    }

    // ---- what differs ----

    abstract ChannelInput input();

    abstract ChannelOutput output();

    /** The acceptor has taken it: has the loop serve it. */
    abstract void begin();

    /** Begins to connect; the handler hears how it went, but not within this call. */
    abstract void connect(SocketAddress remote, long timeoutNs);

    /** It was opened in a turn of its own: what came before that may be told now. */
    abstract void openedLate() throws IOException;

    /** Has the socket reset when it closes. */
    abstract void reset();

    /** Closes the socket, unless that was done; {@link #gone()} follows. */
    abstract void closeSocket();

    abstract boolean isSocketOpen();

    // ---- beginning ----

    /** Serves a connection just accepted. */
    final void adopt(Acceptor acceptor) {
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
            begin();
        } else {
            fail(CloseCause.OURS);
        }
    }

    final void awaitConnection(long timeoutNs) {
        Timer timer = new ConnectTimer(this);
        connectTimer = timer;
        loop.wheel().arm(timer, loop.nowNs() + timeoutNs);
    }

    /** Tells the handler that it is open, now or, inside a call of its owner, later. */
    final void opened(boolean isInCall) {
        disarmConnectTimer();
        if (isInCall) {
            owesOpened = true;
            loop.defer(this);
        } else if (cause == null) {
            isOpened = true;
            handler.opened(this);
            // Bytes may be wanted, and output may wait, since before.
            input().opened();
            output().opened();
        }
    }

    final boolean owesOpened() {
        return owesOpened;
    }

    private void disarmConnectTimer() {
        if (connectTimer != null) {
            loop.wheel().disarm(connectTimer);
            connectTimer = null;
        }
    }

    private static final class ConnectTimer extends Timer {
        private final LoopChannel channel;

        ConnectTimer(LoopChannel channel) {
            this.channel = channel;
        }

        @Override
        protected void expired(long nowNs) {
            channel.fail(CloseCause.CONNECT_TIMEOUT);
        }
    }

    // ---- telling ----

    /** Tells the handler what could not be told at once; called by the loop, outside of every handler. */
    final void tellDeferred() {
        isDeferred = false;
        try {
            if (owesOpened) {
                owesOpened = false;
                opened(false);
                openedLate();
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

    final ChannelHandler handler() {
        return handler;
    }

    @Override
    public final void handler(ChannelHandler next) {
        handler = next;
    }

    // ---- receiving and sending ----

    @Override
    public final void receive(boolean wanted) {
        input().receive(wanted);
    }

    @Override
    public final void send(byte[] source, int offset, int length) {
        output().send(source, offset, length);
    }

    @Override
    public final void send(DirectBuffer source, int offset, int length) {
        output().send(source, offset, length);
    }

    @Override
    public final void send(Received source, int offset, int length) {
        output().send(source, offset, length);
    }

    /** Gives the turn's output to the kernel. */
    final void flush() {
        try {
            output().flush();
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public final boolean isSendable() {
        return output().isSendable();
    }

    @Override
    public final int pendingBytes() {
        return output().pendingBytes();
    }

    // ---- ending ----

    /** Whether nothing that comes is of interest to anybody any more. */
    final boolean isEnding() {
        return cause != null || output().isClosing();
    }

    /** Whether there is a reason already why it is no more. */
    final boolean isBroken() {
        return cause != null;
    }

    final boolean isOpened() {
        return isOpened;
    }

    @Override
    public final boolean isOpen() {
        return !isEnding() && isSocketOpen();
    }

    @Override
    public final void finish() {
        output().finish();
    }

    @Override
    public final void close() {
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
    public final void abort() {
        if (cause == null) {
            if (isOpened) {
                reset();
            }
            fail(CloseCause.OURS);
        }
    }

    /** A call of the system failed, or a handler. */
    final void failed(Throwable failure) {
        if (failure instanceof IOException) {
            LOG.debug("{} broke", this, failure);
            fail(CloseCause.RESET);
        } else if (failure instanceof OutOfMemoryError) {
            fail(CloseCause.EXHAUSTED);
        } else {
            LOG.error("a handler of {} failed; the connection is dropped", this, failure);
            abort();
        }
    }

    /** Both directions may have ended, which ends the channel. */
    final void closeIfFinished() {
        if (input().isEndTold() && output().isEnded() && cause == null) {
            fail(CloseCause.FINISHED);
        }
    }

    /** Closes the socket; the handler hears of it in the next turn. The first cause stands. */
    final void fail(CloseCause why) {
        if (cause == null) {
            cause = why;
        }
        if (!isGone) {
            closeSocket();
        }
    }

    /** The socket is closed, or about to be. */
    final void gone() {
        if (!isGone) {
            isGone = true;
            disarmConnectTimer();
            input().drop();
            output().drop();
            loop.defer(this);
        }
    }

    @Override
    public final NettyLoop loop() {
        return loop;
    }
}
