package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.penstock.mark.WorkerConfined;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Bytes that a channel received and that nobody has taken yet, in their order. */
@WorkerConfined
final class KeptInput {
    /** From this many on, the channel asks the kernel for no more. */
    static final int BYTES_MAX = 256 * 1024;

    private final ByteBufAllocator allocator;

    /** Absent while empty: most channels never keep anything. */
    private @Nullable ArrayDeque<ByteBuf> parts;

    private int bytes;

    KeptInput(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    boolean isEmpty() {
        return parts == null;
    }

    boolean isFull() {
        return bytes >= BYTES_MAX;
    }

    /** Adds a part at the end, and owns it. */
    void add(ByteBuf part) {
        int length = part.readableBytes();
        ByteBuf right = part;
        if (heldBytes(part) > 2 * length) {
            // A few bytes must not hold a large buffer.
            right = allocator.directBuffer(length, length).writeBytes(part);
            part.release();
        }
        if (parts == null) {
            parts = new ArrayDeque<>(2);
        }
        parts.addLast(right);
        bytes += length;
    }

    private static int heldBytes(ByteBuf part) {
        ByteBuf whole = part.unwrap();
        return whole == null ? part.maxCapacity() : whole.maxCapacity();
    }

    /** The first part, retained for the caller, so that it outlives a {@link #drop()}; null if there is none. */
    @Nullable
    ByteBuf retainedFirst() {
        return parts == null ? null : parts.getFirst().retain();
    }

    /** Removes bytes from the first part, at most as many as it has; nothing if all was dropped since. */
    void take(int count) {
        if (parts != null) {
            bytes -= count;
            if (!parts.getFirst().skipBytes(count).isReadable()) {
                parts.removeFirst().release();
                if (parts.isEmpty()) {
                    parts = null;
                }
            }
        }
    }

    void drop() {
        if (parts != null) {
            parts.forEach(ByteBuf::release);
            parts = null;
            bytes = 0;
        }
    }
}
