package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import org.agrona.DirectBuffer;

/**
 * The sending half of a {@link LoopChannel}: output is gathered, leaves at the end of the loop's turn, and ends when all of it has
 * left.
 */
@WorkerConfined
abstract class ChannelOutput {
    /** What becomes of it when all that is pending has left. */
    private enum Ending {
        NONE,
        FINISH,
        CLOSE
    }

    private final NettyLoop loop;
    private final LoopChannel owner;
    private Ending ending = Ending.NONE;
    private boolean isEnded;
    private boolean isDirty;
    private boolean isUnsendableTold;
    private boolean owesSendable;

    ChannelOutput(LoopChannel owner) {
        this.owner = owner;
        loop = owner.loop();
    }

    // ---- what differs ----

    /** A buffer at the end of the turn's output that is to grow by so many bytes; it stays the output's. */
    abstract ByteBuf room(int length);

    /** Adds to the turn's output what is good for this call only; nothing where {@link #canSend()} denies it. */
    abstract void send(Received source, int offset, int length);

    /** Gives what was gathered to the kernel; it is opened, and not broken. */
    abstract void write() throws IOException;

    /** Bytes that the kernel has not taken. */
    abstract int pendingBytes();

    /** Whether nothing was sent that the kernel has not taken. */
    abstract boolean isEmpty();

    /** Sends FIN. */
    abstract void shutDown();

    /** Drops what has not left. */
    abstract void drop();

    // ---- sending ----

    /** Adds to the turn's output; nothing where {@link #canSend()} denies it. */
    final void send(byte[] source, int offset, int length) {
        if (canSend() && length > 0) {
            room(length).writeBytes(source, offset, length);
            markDirty();
        }
    }

    /** Adds to the turn's output; nothing where {@link #canSend()} denies it. */
    final void send(DirectBuffer source, int offset, int length) {
        if (canSend() && length > 0) {
            ByteBuf room = room(length);
            int end = room.writerIndex();
            room.ensureWritable(length);
            source.getBytes(offset, loop.window(room.memoryAddress() + end, length), 0, length);
            room.writerIndex(end + length);
            markDirty();
        }
    }

    final boolean canSend() {
        return !owner.isBroken() && ending == Ending.NONE;
    }

    /** Has {@link #flush()} called at the end of this turn. */
    final void markDirty() {
        if (!isDirty) {
            isDirty = true;
            loop.markDirty(owner);
        }
    }

    /** The connection is made: output, or its end, may wait since before. */
    final void opened() {
        if (!isEmpty() || ending != Ending.NONE) {
            markDirty();
        }
    }

    /** Gives the turn's output to the kernel. */
    final void flush() throws IOException {
        isDirty = false;
        if (!owner.isBroken() && owner.isOpened()) {
            write();
        }
    }

    final boolean isSendable() {
        if (pendingBytes() < Channel.HIGH_WATER_BYTES) {
            return true;
        }
        isUnsendableTold = true;
        return false;
    }

    /** The kernel may have taken enough for the handler to hear of it, once the loop is outside of every handler. */
    final void checkSendable() {
        if (isUnsendableTold && !owner.isBroken() && pendingBytes() < Channel.LOW_WATER_BYTES) {
            isUnsendableTold = false;
            owesSendable = true;
            loop.defer(owner);
        }
    }

    final void tellSendable() {
        if (owesSendable) {
            owesSendable = false;
            if (canSend()) {
                owner.handler().sendable(owner);
            }
        }
    }

    // ---- ending ----

    /** Whether somebody waits for the output to have left. */
    final boolean isAwaited() {
        return ending != Ending.NONE || isUnsendableTold;
    }

    final boolean isToEnd() {
        return ending != Ending.NONE;
    }

    /** Whether all of the channel closes when it has left. */
    final boolean isClosing() {
        return ending == Ending.CLOSE;
    }

    /** Whether FIN was sent. */
    final boolean isEnded() {
        return isEnded;
    }

    final void finish() {
        if (canSend()) {
            ending = Ending.FINISH;
            markDirty();
        }
    }

    final void close() {
        ending = Ending.CLOSE;
        markDirty();
    }

    /** All that it was to end behind has left. */
    final void ended() {
        if (owner.isBroken()) {
            return;
        }
        if (ending == Ending.CLOSE) {
            owner.fail(CloseCause.OURS);
        } else if (!isEnded) {
            isEnded = true;
            shutDown();
            owner.closeIfFinished();
        }
    }
}
