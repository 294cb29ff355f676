package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A piece of a body that waits until it is wanted: native memory of a worker's, as received bytes always are. */
@WorkerConfined
public final class HeldChunk implements Received {
    /** How many bytes one holds. */
    public static final int BYTES = 8 * 1024;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BYTES));
    private int length;

    /** Copies bytes in behind what is there. @return how many found room */
    public int append(DirectBuffer source, int offset, int count) {
        int copied = Math.min(count, BYTES - length);
        memory.putBytes(length, source, offset, copied);
        length += copied;
        return copied;
    }

    /** Forgets so many bytes at its beginning. */
    public void drop(int count) {
        length -= count;
        memory.putBytes(0, memory, count, length);
    }

    /** Makes it empty. */
    public void clear() {
        length = 0;
    }

    /** Gives its memory back; it is not used any more. */
    void free() {
        BufferUtil.free(memory.byteBuffer());
    }

    @Override
    public DirectBuffer buffer() {
        return memory;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public int length() {
        return length;
    }
}
