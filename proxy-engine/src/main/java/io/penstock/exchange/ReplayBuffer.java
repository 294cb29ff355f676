package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.upstream.UpstreamStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The part of a request body already sent, kept while the request may have to be sent again: only where another try may
 * follow what the endpoint has seen, only up to a bound, and only until an answer begins that the client gets.
 */
@WorkerConfined
final class ReplayBuffer {
    private static final int FIRST_BYTES = 4096;
    private static final byte[] NOTHING = {};

    private final UnsafeBuffer kept = new UnsafeBuffer(NOTHING);
    private int length;
    private int bytesMax;
    private boolean isKeeping;
    private boolean isWhole;

    void begin(boolean wanted, int bound) {
        isKeeping = wanted;
        isWhole = wanted;
        bytesMax = bound;
    }

    void keep(DirectBuffer source, int offset, int count) {
        if (!isKeeping) {
            return;
        }
        if (length + count > bytesMax) {
            drop();
            return;
        }
        if (length + count > kept.capacity()) {
            byte[] larger =
                    new byte[Math.min(bytesMax, Math.max(FIRST_BYTES, Integer.highestOneBit(length + count) * 2))];
            kept.getBytes(0, larger, 0, length);
            kept.wrap(larger);
        }
        kept.putBytes(length, source, offset, count);
        length += count;
    }

    void sendTo(UpstreamStream stream) {
        if (length > 0) {
            stream.sendBody(kept, 0, length);
        }
    }

    /** Whether all that was sent so far is here. */
    boolean isWhole() {
        return isWhole;
    }

    /** Nothing will be sent again. */
    void drop() {
        isKeeping = false;
        isWhole = false;
        length = 0;
    }

    void reset() {
        drop();
        if (kept.capacity() > 0) {
            // Few requests need it: the memory goes back rather than staying with every pooled exchange.
            kept.wrap(NOTHING);
        }
    }
}
