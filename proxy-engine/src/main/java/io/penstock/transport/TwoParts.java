package io.penstock.transport;

import io.netty.channel.unix.FileDescriptor;
import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The array of two parts that writev(2) takes: lets a head and a body leave by one call from where they lie. */
@WorkerConfined
final class TwoParts {
    private static final int PARTS = 2;

    /** {@code struct iovec}: an address and a length. */
    private static final int PART_BYTES = 2 * Long.BYTES;

    private final UnsafeBuffer parts = new UnsafeBuffer(ByteBuffer.allocateDirect(PARTS * PART_BYTES));

    /**
     * Sends both.
     *
     * @return how many bytes of both together the kernel took; 0 if it has no room
     */
    long send(FileDescriptor to, long firstAddress, int firstBytes, long secondAddress, int secondBytes)
            throws IOException {
        parts.putLong(0, firstAddress);
        parts.putLong(Long.BYTES, firstBytes);
        parts.putLong(PART_BYTES, secondAddress);
        parts.putLong(PART_BYTES + Long.BYTES, secondBytes);
        return Math.max(0, to.writevAddresses(parts.addressOffset(), PARTS));
    }
}
