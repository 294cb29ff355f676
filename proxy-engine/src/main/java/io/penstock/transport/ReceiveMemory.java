package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * The buffer that a loop receives into, one for all its channels: a channel holds memory only while bytes wait in it.
 * Where somebody keeps a part of it, it is theirs, and the loop goes on with a new one.
 */
@WorkerConfined
final class ReceiveMemory {
    /** What one system call takes at most. */
    static final int BYTES = 64 * 1024;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf shared;
    private boolean isClosed;

    ReceiveMemory(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** A buffer to receive into; the caller releases it. */
    ByteBuf acquire() {
        ByteBuf buffer = shared;
        if (buffer != null) {
            if (buffer.refCnt() == 1) {
                return buffer.clear().retain();
            }
            buffer.release();
        }
        buffer = allocator.directBuffer(BYTES, BYTES);
        if (isClosed) {
            return buffer;
        }
        shared = buffer;
        return buffer.retain();
    }

    void close() {
        isClosed = true;
        if (shared != null) {
            shared.release();
            shared = null;
        }
    }
}
