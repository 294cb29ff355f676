package io.penstock.coding;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/** Zstandard (RFC 8878): frames one after another. */
final class ZstdDecoder implements Decoder {
    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);
    private final ByteBuffer output = ByteBuffer.allocateDirect(INPUT_BYTES);
    private boolean isComplete;

    ZstdDecoder() {
        context.setLongMax(WINDOW_LOG_MAX);
        input.flip();
    }

    @Override
    public int feed(DirectBuffer source, int offset, int length) {
        int taken = Math.min(length, INPUT_BYTES);
        input.clear();
        source.getBytes(offset, input, 0, taken);
        input.position(0).limit(taken);
        return taken;
    }

    @Override
    public int decode(byte[] into) throws CodingException {
        try {
            while (true) {
                int before = input.position();
                output.clear().limit(Math.min(into.length, INPUT_BYTES));
                boolean isFrameEnd = context.decompressDirectByteBufferStream(output, input);
                int bytes = output.position();
                if (bytes > 0 || input.position() > before) {
                    isComplete = isFrameEnd;
                }
                if (bytes > 0) {
                    output.flip().get(into, 0, bytes);
                    return bytes;
                }
                if (!input.hasRemaining() || input.position() == before) {
                    return 0;
                }
            }
        } catch (ZstdException broken) {
            throw new CodingException("its Zstandard data is broken, or its window is larger than 8 MiB");
        }
    }

    @Override
    public boolean isComplete() {
        return isComplete;
    }

    @Override
    public void close() {
        context.close();
    }
}
