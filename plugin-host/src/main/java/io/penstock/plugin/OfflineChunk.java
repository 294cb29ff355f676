package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.BodyChunk;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A part of a body that nobody sent. */
@WorkerConfined
final class OfflineChunk implements BodyChunk {
    private final boolean isLast;
    private byte[] bytes;

    OfflineChunk(byte[] bytes, boolean isLast) {
        this.bytes = bytes;
        this.isLast = isLast;
    }

    /** What goes on. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public DirectBuffer buffer() {
        return new UnsafeBuffer(bytes);
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public int length() {
        return bytes.length;
    }

    @Override
    public boolean isLast() {
        return isLast;
    }

    @Override
    public void replace(byte[] other) {
        bytes = other;
    }
}
