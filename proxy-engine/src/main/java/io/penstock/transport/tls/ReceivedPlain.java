package io.penstock.transport.tls;

import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Decrypted bytes on their way to a handler. */
@WorkerConfined
final class ReceivedPlain implements Received {
    private final UnsafeBuffer memory = new UnsafeBuffer(0, 0);
    private int length;

    /** From the buffer's position to its limit. */
    void wrap(ByteBuffer bytes) {
        length = bytes.remaining();
        memory.wrap(bytes, bytes.position(), length);
    }

    void unwrap() {
        length = 0;
        memory.wrap(0, 0);
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
