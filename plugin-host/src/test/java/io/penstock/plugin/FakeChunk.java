package io.penstock.plugin;

import io.penstock.spi.BodyChunk;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A part of a body somewhere in a larger buffer. */
final class FakeChunk implements BodyChunk {
    private static final int OFFSET = 3;

    private final UnsafeBuffer buffer;
    private final int length;
    private final boolean isLast;
    private byte @Nullable [] replacement;

    FakeChunk(String text, boolean isLast) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        this.buffer = new UnsafeBuffer(new byte[bytes.length + 2 * OFFSET]);
        buffer.putBytes(OFFSET, bytes);
        this.length = bytes.length;
        this.isLast = isLast;
    }

    /** What goes on. */
    String sent() {
        byte[] kept = new byte[length];
        buffer.getBytes(OFFSET, kept);
        return new String(replacement == null ? kept : replacement, StandardCharsets.UTF_8);
    }

    boolean isReplaced() {
        return replacement != null;
    }

    @Override
    public DirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int offset() {
        return OFFSET;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public boolean isLast() {
        return isLast;
    }

    @Override
    public void replace(byte[] bytes) {
        replacement = bytes;
    }
}
