package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;

/** The part of a body that has come and is not wanted yet, in chunks of a worker. */
@WorkerConfined
public final class HeldBody {
    private final HeldChunks chunks;
    private final ArrayDeque<HeldChunk> held = new ArrayDeque<>(1);

    /** Nothing, to be kept in chunks of these. */
    public HeldBody(HeldChunks chunks) {
        this.chunks = chunks;
    }

    /** Whether nothing is kept. */
    public boolean isEmpty() {
        return held.isEmpty();
    }

    /** Keeps bytes behind those that are kept. */
    public void hold(DirectBuffer bytes, int offset, int length) {
        int kept = 0;
        while (kept < length) {
            HeldChunk last = held.peekLast();
            if (last == null || last.length() == HeldChunk.BYTES) {
                last = chunks.take();
                held.addLast(last);
            }
            kept += last.append(bytes, offset + kept, length - kept);
        }
    }

    /** Takes the first bytes out; to be given to {@link #release} or {@link #putBack}. There are some. */
    public HeldChunk removeFirst() {
        return held.removeFirst();
    }

    /** The rest of what was taken out comes first again. */
    public void putBack(HeldChunk chunk) {
        held.addFirst(chunk);
    }

    /** What was taken out is used up. */
    public void release(HeldChunk chunk) {
        chunks.giveBack(chunk);
    }

    /** Forgets everything. @return how many bytes that was */
    public int drop() {
        int bytes = 0;
        while (!held.isEmpty()) {
            HeldChunk chunk = held.removeFirst();
            bytes += chunk.length();
            chunks.giveBack(chunk);
        }
        return bytes;
    }
}
