package io.penstock.coding;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/** Zstandard (RFC 8878) by level. */
final class ZstdEncoder implements Encoder {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int[] LEVELS = {1, 3, 6};
    // 256 KiB: what one body keeps outside of the heap stays below 4 MiB.
    private static final int WINDOW_LOG = 18;

    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private final ByteBuffer input = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer output = ByteBuffer.allocateDirect(BUFFER_BYTES);

    ZstdEncoder(int effort) {
        context.setLevel(LEVELS[effort]).setWindowLog(WINDOW_LOG);
    }

    @Override
    public void encode(DirectBuffer source, int offset, int length, Output to) {
        for (int done = 0; done < length; ) {
            int taken = Math.min(length - done, BUFFER_BYTES);
            input.clear();
            source.getBytes(offset + done, input, 0, taken);
            input.position(0).limit(taken);
            while (input.hasRemaining()) {
                compress(EndDirective.CONTINUE, to);
            }
            done += taken;
        }
    }

    @Override
    public void flush(Output to) {
        drain(EndDirective.FLUSH, to);
    }

    @Override
    public void finish(Output to) {
        drain(EndDirective.END, to);
    }

    private void drain(EndDirective directive, Output to) {
        input.clear().flip();
        boolean isDone;
        do {
            isDone = compress(directive, to);
        } while (!isDone);
    }

    private boolean compress(EndDirective directive, Output to) {
        output.clear();
        boolean isDone = context.compressDirectByteBufferStream(output, input, directive);
        if (output.position() > 0) {
            byte[] coded = new byte[output.position()];
            output.flip().get(coded);
            to.put(coded);
        }
        return isDone;
    }

    @Override
    public void close() {
        context.close();
    }
}
