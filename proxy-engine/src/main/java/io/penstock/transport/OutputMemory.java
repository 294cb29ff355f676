package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * The buffers in which a loop's channels gather output. They come back at the end of the turn, and the last to come back is the
 * first to go out again, since the processor still has it at hand.
 */
@WorkerConfined
final class OutputMemory {
    /** Size of a buffer that is lent; a longer piece of output gets one of its own. */
    static final int BYTES = 16 * 1024;

    /** As many as that are held between turns: 4 MiB. */
    private static final int HELD_MAX = 256;

    private final ByteBufAllocator allocator;
    private final @Nullable ByteBuf[] held = new @Nullable ByteBuf[HELD_MAX];
    private int count;
    private boolean isClosed;

    OutputMemory(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** An empty buffer with room for so many bytes, which may grow. */
    ByteBuf acquire(int length) {
        if (length <= BYTES && count > 0) {
            ByteBuf buffer = held[--count];
            held[count] = null;
            if (buffer != null) {
                return buffer;
            }
        }
        return allocator.directBuffer(Math.max(BYTES, length));
    }

    /** Takes a buffer back whose bytes are gone. */
    void giveBack(ByteBuf buffer) {
        if (buffer.capacity() == BYTES && count < HELD_MAX && !isClosed) {
            held[count++] = buffer.clear();
        } else {
            buffer.release();
        }
    }

    void close() {
        isClosed = true;
        while (count > 0) {
            ByteBuf buffer = held[--count];
            held[count] = null;
            if (buffer != null) {
                buffer.release();
            }
        }
    }
}
