package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.BodyChunk;
import java.nio.ByteBuffer;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;

/** A part of a live body, as a script sees it through one call. */
@WorkerConfined
public final class HostChunk {
    private final ScriptCall call;
    private final BodyChunk chunk;

    HostChunk(ScriptCall call, BodyChunk chunk) {
        this.call = call;
        this.chunk = chunk;
    }

    @HostAccess.Export
    public ByteBuffer bytes() {
        call.requireLive();
        byte[] bytes = new byte[chunk.length()];
        chunk.buffer().getBytes(chunk.offset(), bytes);
        return ByteBuffer.wrap(bytes);
    }

    @HostAccess.Export
    public boolean isLast() {
        call.requireLive();
        return chunk.isLast();
    }

    @HostAccess.Export
    public void replace(Value bytes) {
        call.requireLive();
        chunk.replace(GuestBytes.of(bytes));
    }
}
