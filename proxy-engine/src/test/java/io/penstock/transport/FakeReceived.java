package io.penstock.transport;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Received bytes that lie somewhere in the middle of a buffer, as real ones do. */
public final class FakeReceived implements Received {
    private static final int BEFORE = 7;

    private final UnsafeBuffer buffer;
    private final int length;

    public FakeReceived(byte[] bytes) {
        buffer = new UnsafeBuffer(new byte[BEFORE + bytes.length + 3]);
        buffer.putBytes(BEFORE, bytes);
        length = bytes.length;
    }

    @Override
    public DirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int offset() {
        return BEFORE;
    }

    @Override
    public int length() {
        return length;
    }
}
