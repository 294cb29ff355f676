package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A piece of a request body that waits until it is wanted; native memory of the worker's, as received bytes always are. */
@WorkerConfined
final class HeldChunk implements Received {
    static final int BYTES = 8 * 1024;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BYTES));
    private int length;

    /** Copies bytes in behind what is there. @return how many found room */
    int append(DirectBuffer source, int offset, int count) {
        int copied = Math.min(count, BYTES - length);
        memory.putBytes(length, source, offset, copied);
        length += copied;
        return copied;
    }

    void clear() {
        length = 0;
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
