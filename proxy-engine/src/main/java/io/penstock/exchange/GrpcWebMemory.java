package io.penstock.exchange;

import io.penstock.http.Base64Parts;
import io.penstock.http.ByteBuilder;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.Received;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where a worker's calls of gRPC-Web are put into other words. What lies here is passed on within the same call, as received
 * bytes are, so that one for a worker is enough; it grows to what a channel receives at once, and no call keeps any of it.
 */
@WorkerConfined
public final class GrpcWebMemory implements Received {
    private static final int INITIAL_BYTES = 4 * 1024;

    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer octets = new UnsafeBuffer(0, 0);
    private final ByteBuilder frame = new ByteBuilder(0);
    private final ByteBuilder text = new ByteBuilder(0);
    private ByteBuffer decoded = ByteBuffer.allocateDirect(0);

    /** Makes one that grows when it is used. */
    public GrpcWebMemory() {}

    /** Decodes a part of a text to lie here. @return whether it is one */
    boolean decode(Base64Parts decoder, Received bytes, int offset, int length) {
        int most = Base64Parts.decodedBytesMax(length + 3);
        if (decoded.capacity() < most) {
            decoded = ByteBuffer.allocateDirect(Math.max(INITIAL_BYTES, Integer.highestOneBit(most - 1) << 1));
        }
        decoded.clear();
        boolean isText = decoder.decode(bytes.buffer(), offset, length, decoded);
        decoded.flip();
        view.wrap(decoded);
        return isText;
    }

    /** What a frame of trailers is composed in. */
    ByteBuilder frame() {
        frame.clear();
        return frame;
    }

    /** Octets as a text. */
    ByteBuilder encode(DirectBuffer bytes, int offset, int length) {
        text.clear();
        Base64Parts.encode(bytes, offset, length, text);
        return text;
    }

    /** Octets as a text. */
    ByteBuilder encode(byte[] bytes, int offset, int length) {
        octets.wrap(bytes);
        return encode(octets, offset, length);
    }

    @Override
    public DirectBuffer buffer() {
        return view;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public int length() {
        return decoded.limit();
    }
}
