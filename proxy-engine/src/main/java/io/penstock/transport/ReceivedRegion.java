package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.penstock.mark.WorkerConfined;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The one {@link Received} of a loop: calls to handlers never nest, so that no two are out at a time. */
@WorkerConfined
final class ReceivedRegion implements Received {
    private final UnsafeBuffer memory = new UnsafeBuffer(0, 0);
    private ByteBuf source = Unpooled.EMPTY_BUFFER;
    private int length;

    void wrap(ByteBuf bytes) {
        source = bytes;
        length = bytes.readableBytes();
        memory.wrap(bytes.memoryAddress() + bytes.readerIndex(), length);
    }

    /** Makes a use after the call that handed it over fail instead of reading memory that has another owner. */
    void unwrap() {
        source = Unpooled.EMPTY_BUFFER;
        length = 0;
        memory.wrap(0, 0);
    }

    ByteBuf retainedSlice(int offset, int count) {
        return source.retainedSlice(source.readerIndex() + offset, count);
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
