package io.penstock.transport.tls;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What all TLS connections of a loop work in, one after the other: a connection holds memory of its own only while a record is
 * not whole, or its handler does not want what came.
 */
@WorkerConfined
public final class TlsMemory {
    /** A record as it lies on the wire: 2^14 bytes, what encryption may add (RFC 8446 section 5.2), and its head. */
    static final int RECORD_BYTES = (1 << 14) + 256 + 5;

    /** What a record carries at most. */
    static final int PLAIN_BYTES = 1 << 14;

    private static final int FREE_MAX = 256;

    /** Ciphertext that came: what a receive of the transport may bring, behind a record that was not whole. */
    final ByteBuffer incoming = ByteBuffer.allocateDirect(64 * 1024 + RECORD_BYTES);

    /** Decrypted. */
    final ByteBuffer plain = ByteBuffer.allocateDirect(2 * RECORD_BYTES);

    /** Ciphertext to send. */
    final ByteBuffer outgoing = ByteBuffer.allocateDirect(2 * RECORD_BYTES);

    final UnsafeBuffer outgoingView = new UnsafeBuffer(outgoing);
    final ReceivedPlain received = new ReceivedPlain();

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    /** An empty buffer that holds a record; to be given back. */
    ByteBuffer acquire() {
        ByteBuffer buffer = free.pollLast();
        return buffer == null ? ByteBuffer.allocateDirect(RECORD_BYTES) : buffer;
    }

    void giveBack(ByteBuffer buffer) {
        if (free.size() < FREE_MAX) {
            free.addLast(buffer.clear());
        } else {
            // Not when the collector runs: without garbage it does so seldom.
            BufferUtil.free(buffer);
        }
    }
}
