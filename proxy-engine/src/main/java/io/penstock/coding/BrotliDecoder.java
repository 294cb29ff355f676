package io.penstock.coding;

import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/** Brotli (RFC 7932) by the library of its authors. Its window is at most 16 MiB: larger ones are another format. */
final class BrotliDecoder implements Decoder {
    private final DecoderJNI.Wrapper decoder;
    private boolean isComplete;
    private boolean isFollowed;

    BrotliDecoder() {
        try {
            decoder = new DecoderJNI.Wrapper(INPUT_BYTES);
        } catch (IOException refused) {
            throw new IllegalStateException("the Brotli library gives no decoder", refused);
        }
    }

    @Override
    public int feed(DirectBuffer source, int offset, int length) {
        if (isComplete) {
            isFollowed = true;
            return length;
        }
        ByteBuffer input = decoder.getInputBuffer();
        input.clear();
        int taken = Math.min(length, input.remaining());
        source.getBytes(offset, input, 0, taken);
        decoder.push(taken);
        return taken;
    }

    @Override
    public int decode(byte[] into) throws CodingException {
        while (true) {
            if (isFollowed) {
                throw new CodingException("bytes follow its end");
            }
            if (decoder.hasOutput()) {
                ByteBuffer output = decoder.pull(into.length);
                int bytes = output.remaining();
                output.get(into, 0, bytes);
                if (bytes > 0) {
                    return bytes;
                }
            }
            switch (decoder.getStatus()) {
                case DONE -> {
                    isComplete = !decoder.hasOutput();
                    if (isComplete) {
                        return 0;
                    }
                }
                case OK -> decoder.push(0);
                case NEEDS_MORE_INPUT -> {
                    return 0;
                }
                case NEEDS_MORE_OUTPUT -> {
                    if (!decoder.hasOutput()) {
                        throw new CodingException("its Brotli data is broken");
                    }
                }
                case ERROR -> throw new CodingException("its Brotli data is broken");
            }
        }
    }

    @Override
    public boolean isComplete() {
        return isComplete;
    }

    @Override
    public void close() {
        decoder.destroy();
    }
}
