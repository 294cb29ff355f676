package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of an {@link EpollChannel}: bytes go to the handler while it wants them, and stay in the kernel while it
 * does not; only what it leaves of bytes received is kept.
 */
@WorkerConfined
final class EpollInput {
    private final NettyLoop loop;
    private final EpollChannel owner;
    private final Socket socket;

    /** What the handler left; at most one receive's bytes. */
    private @Nullable ByteBuf kept;

    private boolean isWanted;

    /** Whether there may be bytes in the kernel: an edge-triggered event tells of them only once. */
    private boolean isReadable;

    /** Whether the peer has said that there is an end to its bytes. */
    private boolean isHungUp;

    private boolean isEnded;
    private boolean isEndTold;

    EpollInput(NettyLoop loop, EpollChannel owner, Socket socket) {
        this.loop = loop;
        this.owner = owner;
        this.socket = socket;
    }

    /** An event tells that there are bytes, or the end of them. */
    void ready(boolean hungUp) throws IOException {
        isReadable = true;
        isHungUp |= hungUp;
        // The end is looked for even where no bytes are wanted: who waits for an answer may have gone.
        if (kept == null && (isWanted || isHungUp)) {
            read();
        }
    }

    /** Receives once; what is left comes after the other channels had their turn. */
    private void read() throws IOException {
        if (isEnded) {
            return;
        }
        ByteBuf memory = loop.receiveMemory().acquire();
        try {
            int count = socket.recvAddress(memory.memoryAddress(), 0, ReceiveMemory.BYTES);
            if (count > 0) {
                memory.writerIndex(count);
                // A receive that did not fill the memory has emptied the kernel's: the next bytes are a new event.
                isReadable = isHungUp || count == ReceiveMemory.BYTES;
                if (owner.isEnding()) {
                    return;
                }
                if (isWanted) {
                    hand(memory);
                } else {
                    kept = copyOf(memory);
                }
                if (isReadable && isWanted) {
                    loop.defer(owner);
                }
            } else if (count == 0) {
                isReadable = false;
                isHungUp = false;
            } else {
                isReadable = false;
                isEnded = true;
                tellEnd();
            }
        } finally {
            memory.release();
        }
    }

    /** Hands bytes to the handler and keeps what it leaves. */
    private void hand(ByteBuf bytes) {
        int length = bytes.readableBytes();
        int taken = offer(bytes);
        if (taken < length && !owner.isEnding()) {
            isWanted = false;
            kept = copyOf(bytes.skipBytes(taken));
        }
    }

    private ByteBuf copyOf(ByteBuf bytes) {
        int length = bytes.readableBytes();
        return loop.allocator().directBuffer(length, length).writeBytes(bytes);
    }

    private int offer(ByteBuf bytes) {
        int length = bytes.readableBytes();
        ReceivedRegion region = loop.region();
        region.wrap(bytes);
        try {
            int taken = owner.handler().received(owner, region);
            if (taken < 0 || taken > length) {
                throw new IllegalStateException("handler took " + taken + " of " + length + " bytes");
            }
            return taken;
        } finally {
            region.unwrap();
        }
    }

    /** Whether bytes are wanted. */
    void receive(boolean wanted) {
        if (wanted != isWanted) {
            isWanted = wanted;
            if (wanted && owner.isOpened() && owner.isOpen()) {
                resume();
            }
        }
    }

    /** Goes on in a turn of its own where bytes are wanted and there are some. */
    void resume() {
        if (isWanted && (kept != null || isReadable)) {
            loop.defer(owner);
        }
    }

    /** Hands over what was kept, then what is in the kernel, where it is wanted; called outside of every handler. */
    void proceed() throws IOException {
        ByteBuf rest = kept;
        if (rest != null && isWanted && owner.isOpen()) {
            kept = null;
            try {
                hand(rest);
            } finally {
                rest.release();
            }
        }
        if (kept == null && owner.isOpened() && owner.isOpen()) {
            if (isEnded) {
                tellEnd();
            } else if (isReadable && (isWanted || isHungUp)) {
                read();
            }
        }
    }

    private void tellEnd() {
        if (kept == null && !isEndTold && !owner.isEnding()) {
            isEndTold = true;
            owner.handler().endOfInput(owner);
            owner.closeIfFinished();
        }
    }

    boolean isEndTold() {
        return isEndTold;
    }

    /** Both directions have ended: the handler hears of this one's end now, if it did not before. */
    void tellEndAtLast() {
        if (!isEndTold) {
            isEndTold = true;
            owner.handler().endOfInput(owner);
        }
    }

    void drop() {
        ByteBuf rest = kept;
        if (rest != null) {
            kept = null;
            rest.release();
        }
    }
}
