package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.BodyChunk;
import io.penstock.transport.Received;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** The part of a body that filters look at now: bytes of a channel as long as nobody waits, bytes of our own afterwards. */
@WorkerConfined
final class BodyPart implements BodyChunk {
    private static final byte[] NOTHING = {};

    private final UnsafeBuffer view = new UnsafeBuffer(NOTHING);
    private int offset;
    private int length;
    private boolean isLast;
    private boolean isOpen;

    // At most one of them is set: where the bytes are, when they can be passed on without looking at them.
    private @Nullable Received received;
    private byte @Nullable [] own;

    void begin(Received bytes, int from, int count) {
        received = bytes;
        own = null;
        show(bytes.buffer(), from, count, false);
    }

    void begin(byte[] bytes, boolean last) {
        received = null;
        own = bytes;
        show(bytes, last);
    }

    private void show(DirectBuffer bytes, int from, int count, boolean last) {
        view.wrap(bytes, from, count);
        offset = from;
        length = count;
        isLast = last;
    }

    private void show(byte[] bytes, boolean last) {
        view.wrap(bytes);
        offset = 0;
        length = bytes.length;
        isLast = last;
    }

    /** Takes a copy of bytes that would not outlive the call; the view stays the same object. */
    void keep() {
        if (own == null) {
            byte[] copy = new byte[length];
            view.getBytes(0, copy);
            received = null;
            own = copy;
            show(copy, isLast);
        }
    }

    void open() {
        isOpen = true;
    }

    void close() {
        isOpen = false;
    }

    /** The channel's bytes; null where they are our own. */
    @Nullable
    Received received() {
        return received;
    }

    /** Our own bytes, all of them the part. */
    byte[] own() {
        byte[] bytes = own;
        return bytes == null ? NOTHING : bytes;
    }

    /** Where the bytes begin in {@link #received()}. */
    int receivedOffset() {
        return offset;
    }

    /** The bytes, from 0. */
    DirectBuffer bytes() {
        return view;
    }

    int count() {
        return length;
    }

    boolean isEnd() {
        return isLast;
    }

    void reset() {
        view.wrap(NOTHING);
        received = null;
        own = null;
        isOpen = false;
    }

    private void requireOpen() {
        if (!isOpen) {
            throw new IllegalStateException("the hook is over; its part of the body can no longer be used");
        }
    }

    @Override
    public DirectBuffer buffer() {
        requireOpen();
        return view;
    }

    @Override
    public int offset() {
        requireOpen();
        return 0;
    }

    @Override
    public int length() {
        requireOpen();
        return length;
    }

    @Override
    public boolean isLast() {
        requireOpen();
        return isLast;
    }

    @Override
    public void replace(byte[] bytes) {
        requireOpen();
        received = null;
        own = bytes;
        show(bytes, isLast);
    }
}
