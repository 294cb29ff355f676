package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sending half of an {@link SocketChannel}: output is gathered in one buffer and leaves at the end of the loop's turn; what the
 * kernel does not take waits for it to say that it has room.
 */
@WorkerConfined
class SocketOutput extends ChannelOutput {
    private static final Logger LOG = LoggerFactory.getLogger(SocketOutput.class);

    /** How much is gathered in one buffer, since growing copies. */
    private static final int GATHERED_BYTES_MAX = 64 * 1024;

    /**
     * Received parts of at least this size leave at once, from where they lie; below it they are copied and leave with all
     * others at the end of the turn, since each single wake-up of a peer costs more than the copy.
     */
    private static final int SEND_NOW_BYTES = 32 * 1024;

    private final NettyLoop loop;
    private final SocketChannel owner;
    private final Socket socket;

    /** This turn's output, behind that which waits. */
    private @Nullable ByteBuf gathered;

    /** What the kernel did not take; absent while there is nothing, as it is with most channels at most times. */
    private @Nullable ArrayDeque<ByteBuf> waiting;

    private int waitingBytes;

    SocketOutput(SocketChannel owner) {
        super(owner);
        this.owner = owner;
        loop = owner.loop();
        socket = owner.socket();
    }

    // ---- sending ----

    @Override
    void send(Received source, int offset, int length) {
        if (length < SEND_NOW_BYTES || waiting != null || isUnderWay() || !canSend() || !owner.isOpened()) {
            send(source.buffer(), offset, length);
            return;
        }
        // Received memory is good for this call only, so that what is large leaves now, with what was gathered before
        // it.
        try {
            int sent = sendNow(source.buffer().addressOffset() + offset, length);
            if (sent < length) {
                wait(loop.allocator().directBuffer(length - sent), source.buffer(), offset + sent, length - sent);
                markDirty();
            }
        } catch (IOException e) {
            owner.failed(e);
        }
    }

    /** Sends what is gathered and then these bytes, and tells how many of these have left. */
    private int sendNow(long address, int length) throws IOException {
        ByteBuf head = gathered;
        if (head == null) {
            return Math.max(0, socket.sendAddress(address, 0, length));
        }
        int headBytes = head.readableBytes();
        long sent = loop.twoParts().send(socket, head.memoryAddress() + head.readerIndex(), headBytes, address, length);
        gathered = null;
        if (sent >= headBytes) {
            loop.outputMemory().giveBack(head);
            return (int) (sent - headBytes);
        }
        wait(head.skipBytes((int) sent));
        return 0;
    }

    private void wait(ByteBuf copy, DirectBuffer source, int offset, int length) {
        source.getBytes(offset, loop.window(copy.memoryAddress(), length), 0, length);
        wait(copy.writerIndex(length));
    }

    private void wait(ByteBuf bytes) {
        queue().addLast(bytes);
        waitingBytes += bytes.readableBytes();
    }

    private ArrayDeque<ByteBuf> queue() {
        ArrayDeque<ByteBuf> queue = waiting;
        if (queue == null) {
            queue = new ArrayDeque<>(4);
            waiting = queue;
        }
        return queue;
    }

    @Override
    ByteBuf room(int length) {
        ByteBuf room = gathered;
        if (room != null) {
            if (room.readableBytes() + length <= GATHERED_BYTES_MAX) {
                return room;
            }
            wait(room);
        }
        room = loop.outputMemory().acquire(length);
        gathered = room;
        return room;
    }

    /** The kernel has room, as far as it knows. */
    void ready() throws IOException {
        if (waiting != null) {
            write();
        }
    }

    @Override
    void write() throws IOException {
        if (!isUnderWay() && sendWaiting()) {
            ByteBuf bytes = gathered;
            if (bytes != null) {
                gathered = null;
                sendTurn(bytes);
            }
        }
        settle();
    }

    /** Sends a turn's output behind which nothing waits. */
    void sendTurn(ByteBuf bytes) throws IOException {
        boolean isSent;
        try {
            isSent = send(bytes);
        } catch (IOException e) {
            bytes.release();
            throw e;
        }
        if (isSent) {
            loop.outputMemory().giveBack(bytes);
        } else {
            wait(bytes);
        }
    }

    /** The rest of a turn's output, which goes before all that came since. */
    final void waitFirst(ByteBuf rest) {
        ArrayDeque<ByteBuf> queue = queue();
        queue.addFirst(rest);
        waitingBytes += rest.readableBytes();
    }

    /** Goes on once that which was under way has left, or waits. */
    final void proceed() {
        if (!owner.isBroken()) {
            settle();
            if (gathered != null) {
                markDirty();
            }
        }
    }

    /** Whether output is on its way that has neither left nor waits. */
    boolean isUnderWay() {
        return false;
    }

    /** Output has left, or has to wait: does what depends on that. */
    private void settle() {
        owner.watchOutput(waiting != null);
        checkSendable();
        if (isToEnd() && isEmpty()) {
            ended();
        }
    }

    /** Sends what waits, in its order; whether nothing does any more. */
    private boolean sendWaiting() throws IOException {
        ArrayDeque<ByteBuf> queue = waiting;
        if (queue == null) {
            return true;
        }
        while (!queue.isEmpty()) {
            ByteBuf first = queue.getFirst();
            int before = first.readableBytes();
            boolean isSent = send(first);
            waitingBytes -= before - first.readableBytes();
            if (!isSent) {
                return false;
            }
            queue.removeFirst().release();
        }
        waiting = null;
        return true;
    }

    /** Whether all of it has left; goes on until the kernel refuses, for only then does it tell when it has room again. */
    private boolean send(ByteBuf bytes) throws IOException {
        while (bytes.isReadable()) {
            int sent = socket.sendAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
            if (sent <= 0) {
                return false;
            }
            bytes.skipBytes(sent);
        }
        return true;
    }

    @Override
    boolean isEmpty() {
        return gathered == null && waiting == null && !isUnderWay();
    }

    @Override
    int pendingBytes() {
        return waitingBytes + (gathered == null ? 0 : gathered.readableBytes());
    }

    @Override
    void shutDown() {
        try {
            socket.shutdown(false, true);
        } catch (IOException | NotYetConnectedException e) {
            // Reset meanwhile, of which an event tells.
            LOG.debug("{} could not be half closed", socket, e);
        }
    }

    @Override
    void drop() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
        if (waiting != null) {
            waiting.forEach(ByteBuf::release);
            waiting = null;
            waitingBytes = 0;
        }
    }
}
