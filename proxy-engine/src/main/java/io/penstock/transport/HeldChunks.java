package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import java.util.ArrayDeque;

/** The idle chunks of one worker. So many are kept; the memory of others goes back at once, not when the collector runs. */
@WorkerConfined
public final class HeldChunks {
    private static final int IDLE_MAX = 256;

    private final ArrayDeque<HeldChunk> idle = new ArrayDeque<>();

    /** Empty; grows when it is first used. */
    public HeldChunks() {}

    HeldChunk take() {
        HeldChunk chunk = idle.pollLast();
        return chunk == null ? new HeldChunk() : chunk;
    }

    void giveBack(HeldChunk chunk) {
        if (idle.size() < IDLE_MAX) {
            chunk.clear();
            idle.addLast(chunk);
        } else {
            chunk.free();
        }
    }
}
