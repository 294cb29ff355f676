package io.penstock.transport.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Buffers that the kernel takes when bytes come, so that no connection holds one while it waits: a provided buffer ring
 * (io_uring_register_buf_ring(3)). Each goes back as soon as its bytes were looked at.
 */
@WorkerConfined
final class ReceiveRing {
    /** The only group of a loop's ring. */
    static final int GROUP = 0;

    /**
     * So many bytes come at most before somebody is asked whether they are wanted: a receive that goes on by itself takes as many
     * buffers as there are, up to 32.
     */
    static final int BUFFERS = 256;

    /** What one receive takes at most. Measured: 4 KiB makes large bodies a third slower than 16, 64 KiB a fifth faster. */
    static final int BUFFER_BYTES = 16 * 1024;

    /** {@code struct io_uring_buf}: address, length, number. The tail is in the last two bytes of the first. */
    private static final int ENTRY_BYTES = 16;

    private static final int TAIL_AT = 14;
    private static final long MEMORY_BYTES = (long) BUFFERS * ENTRY_BYTES;

    private final RingCalls calls;
    private final long address;
    private final UnsafeBuffer entries = new UnsafeBuffer(0, 0);
    private final ByteBuf[] buffers = new ByteBuf[BUFFERS];
    private short tail;

    ReceiveRing(Ring ring, ByteBufAllocator allocator) throws IOException {
        calls = ring.calls();
        address = calls.map(MEMORY_BYTES);
        entries.wrap(address, (int) MEMORY_BYTES);
        try {
            ring.registerBuffers(address, BUFFERS, GROUP);
        } catch (IOException e) {
            calls.unmap(address, MEMORY_BYTES);
            throw e;
        }
        for (int i = 0; i < BUFFERS; i++) {
            buffers[i] = allocator.directBuffer(BUFFER_BYTES, BUFFER_BYTES);
            giveBack(i);
        }
    }

    /** The bytes in a buffer that the kernel has filled; good until it is given back. */
    ByteBuf filled(int buffer, int bytes) {
        return buffers[buffer].setIndex(0, bytes);
    }

    void giveBack(int buffer) {
        int at = (tail & BUFFERS - 1) * ENTRY_BYTES;
        entries.putLong(at, buffers[buffer].memoryAddress());
        entries.putInt(at + 8, BUFFER_BYTES);
        entries.putShort(at + 12, (short) buffer);
        tail++;
        // The kernel reads it when the ring is entered, by this thread.
        entries.putShort(TAIL_AT, tail);
    }

    /** After the ring is closed. */
    void close() {
        calls.unmap(address, MEMORY_BYTES);
        for (ByteBuf buffer : buffers) {
            buffer.release();
        }
    }
}
