package io.penstock.transport.ring;

import io.netty.buffer.ByteBuf;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connected socket whose bytes are received and sent by a ring. Of the thread of that ring's loop. */
@WorkerConfined
public abstract class RingSocket extends RingUser {
    /** What one call of {@link #received} brings at most. */
    public static final int RECEIVED_BYTES_MAX = ReceiveRing.BUFFER_BYTES;

    private final int descriptor;

    private @Nullable ByteBuf sent;
    private long sentAfter;
    private boolean isReceiving;
    private boolean isWanted;

    private boolean isCancelled;

    /**
     * Whether one receive goes on until it is told to stop, which saves an operation for each message. It takes all that is there,
     * so that where no buffer was left the next takes one.
     */
    private boolean goesOn = true;

    /**
     * A socket for operations; it stays its maker's to close, after {@link #stop()}.
     *
     * @param handler of the loop whose thread calls
     */
    protected RingSocket(RingHandler handler, int descriptor) {
        super(handler);
        this.descriptor = descriptor;
    }

    // ---- receiving ----

    /** Has {@link #received} called with what comes, until {@link #stopReceiving()}. */
    public final void receive() {
        isWanted = true;
        if (!isReceiving && !isClosed()) {
            isReceiving = true;
            began();
            handler().queueReceive(descriptor, goesOn, userData(RingHandler.RECEIVE));
        }
    }

    /** Asks for no more. What the kernel had taken before it heard of this still comes. */
    public final void stopReceiving() {
        isWanted = false;
        if (goesOn) {
            cancelReceive();
        }
    }

    private void cancelReceive() {
        if (isReceiving && !isCancelled) {
            isCancelled = true;
            handler().queueCancel(userData(RingHandler.RECEIVE));
        }
    }

    /** Whether it receives, or has not yet stopped. */
    public final boolean isReceiving() {
        return isReceiving || isWanted;
    }

    /** Bytes have come, good for this call only. Throws nothing. */
    protected abstract void received(ByteBuf bytes);

    /** What came before {@link #stopReceiving()} was handed over. */
    protected abstract void stoppedReceiving();

    /** The peer has sent all it had to send. */
    protected abstract void endOfInput();

    /** The connection is broken. */
    protected abstract void broken(IOException failure);

    private void receiveCompleted(int result, int flags) {
        boolean isOver = (flags & RingHandler.MORE) == 0;
        if (isOver) {
            isReceiving = false;
            isCancelled = false;
            goesOn = result != -RingCalls.ENOBUFS;
        }
        if (result > 0 && !isClosed()) {
            received(handler().buffers().filled(flags >>> RingHandler.BUFFER_SHIFT, result));
        }
        if ((flags & RingHandler.BUFFER) != 0) {
            handler().buffers().giveBack(flags >>> RingHandler.BUFFER_SHIFT);
        }
        // Where there was no buffer, there is one after this turn.
        if (result <= 0 && result != -RingCalls.ENOBUFS && result != -RingCalls.ECANCELED && !isClosed()) {
            isWanted = false;
            if (result == 0) {
                endOfInput();
            } else {
                broken(new IOException("receiving failed, error " + -result));
            }
        }
        if (isOver) {
            ended();
            if (isWanted) {
                receive();
            } else if (!isClosed()) {
                stoppedReceiving();
            }
        }
    }

    // ---- sending ----

    /**
     * Sends bytes when the ring is entered next, by then as many as the kernel has room for: {@link #sent} tells that it took all,
     * {@link #sentInPart} that it did not. One at a time.
     *
     * @param bytes lent until either is called, even where the socket is stopped meanwhile
     * @param isAwaited whether the loop shall not sleep before it told so
     */
    public final void send(ByteBuf bytes, boolean isAwaited) {
        sent = bytes;
        sentAfter = handler().takings();
        began();
        handler()
                .queueSend(
                        this,
                        isAwaited,
                        descriptor,
                        bytes.memoryAddress() + bytes.readerIndex(),
                        bytes.readableBytes(),
                        userData(RingHandler.SEND));
    }

    /** All bytes are with the kernel. */
    protected abstract void sent(ByteBuf bytes);

    /** The kernel took so many of the bytes, 0 or more, or failed. */
    protected abstract void sentInPart(ByteBuf bytes, int count, @Nullable IOException failure);

    private void sendCompleted(int result) {
        ByteBuf bytes = sent;
        sent = null;
        if (bytes != null) {
            if (result >= 0) {
                sentInPart(bytes, result, null);
            } else if (result == -RingCalls.EAGAIN) {
                sentInPart(bytes, 0, null);
            } else {
                sentInPart(bytes, 0, new IOException("sending failed, error " + -result));
            }
        }
    }

    /** The kernel has taken one of its sends, and said so if that failed, whereupon the next may have been queued. */
    final void settle() {
        ByteBuf bytes = sent;
        if (bytes != null && sentAfter < handler().takings()) {
            sent = null;
            sent(bytes);
        }
        ended();
    }

    // ---- ending ----

    /** Receives and sends no more; to be called before the socket is closed, which happens once the kernel let go of it. */
    public final void stop() {
        if (!isClosed()) {
            isWanted = false;
            cancelReceive();
            leave();
        }
    }

    @Override
    final void completed(int operation, int result, int flags) {
        if (operation == RingHandler.RECEIVE) {
            receiveCompleted(result, flags);
        } else {
            sendCompleted(result);
        }
    }
}
