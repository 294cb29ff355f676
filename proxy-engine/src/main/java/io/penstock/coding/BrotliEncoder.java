package io.penstock.coding;

import com.aayushatharva.brotli4j.encoder.Encoder.Mode;
import com.aayushatharva.brotli4j.encoder.EncoderJNI;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/** Brotli (RFC 7932), at qualities that cost about what gzip costs. */
final class BrotliEncoder implements Encoder {
    private static final int INPUT_BYTES = 16 * 1024;
    private static final int[] QUALITIES = {1, 4, 6};
    private static final int WINDOW_LOG = 18;

    private final EncoderJNI.Wrapper encoder;

    BrotliEncoder(int effort) {
        try {
            encoder = new EncoderJNI.Wrapper(INPUT_BYTES, QUALITIES[effort], WINDOW_LOG, Mode.GENERIC);
        } catch (IOException refused) {
            throw new IllegalStateException("the Brotli library gives no encoder", refused);
        }
    }

    @Override
    public void encode(DirectBuffer source, int offset, int length, Output to) {
        for (int done = 0; done < length; ) {
            ByteBuffer input = encoder.getInputBuffer();
            input.clear();
            int taken = Math.min(length - done, input.remaining());
            source.getBytes(offset + done, input, 0, taken);
            push(EncoderJNI.Operation.PROCESS, taken, to);
            done += taken;
        }
    }

    @Override
    public void flush(Output to) {
        push(EncoderJNI.Operation.FLUSH, 0, to);
    }

    @Override
    public void finish(Output to) {
        push(EncoderJNI.Operation.FINISH, 0, to);
    }

    private void push(EncoderJNI.Operation operation, int count, Output to) {
        encoder.push(operation, count);
        while (true) {
            if (!encoder.isSuccess()) {
                throw new IllegalStateException("the Brotli library does not encode");
            }
            if (encoder.hasMoreOutput()) {
                ByteBuffer output = encoder.pull();
                byte[] coded = new byte[output.remaining()];
                output.get(coded);
                to.put(coded);
            } else if (encoder.hasRemainingInput()) {
                encoder.push(operation, 0);
            } else {
                return;
            }
        }
    }

    @Override
    public void close() {
        encoder.destroy();
    }
}
