package io.penstock.coding;

import io.penstock.mark.WorkerConfined;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * One coded body on its way to plain bytes, with a bound on how much it grows: a body of a few kilobytes that means
 * gigabytes is given up early, however it is sent.
 */
@WorkerConfined
public final class BodyDecoder implements AutoCloseable {
    /** How many bytes one coded byte may come to, beyond {@link #FREE_BYTES}. */
    public static final int RATIO_MAX = 100;

    /** What any body may come to: short ones often repeat themselves. */
    public static final int FREE_BYTES = 1 << 20;

    private static final int OUTPUT_BYTES = 16 * 1024;

    private final Decoder decoder;
    private final byte[] output = new byte[OUTPUT_BYTES];
    private long codedBytes;
    private long plainBytes;

    /** Begins a body. */
    public BodyDecoder(ContentCoding coding) {
        this.decoder = coding.newDecoder();
    }

    /**
     * Takes input. Only when {@link #next} had nothing.
     *
     * @return how many bytes were taken, more than 0
     */
    public int feed(DirectBuffer source, int offset, int length) {
        int taken = decoder.feed(source, offset, length);
        codedBytes += taken;
        return taken;
    }

    /**
     * Gives the next plain bytes, in an array that is not written to any more; an empty one if more input is needed.
     *
     * @throws CodingException if the body is broken or grows too much
     */
    public byte[] next() throws CodingException {
        int count = decoder.decode(output);
        plainBytes += count;
        if (plainBytes > FREE_BYTES && plainBytes > codedBytes * RATIO_MAX) {
            throw CodingException.ofRatio("it comes to more than " + RATIO_MAX + " times its coded bytes");
        }
        return Arrays.copyOf(output, count);
    }

    /**
     * The body is over.
     *
     * @throws CodingException if it was cut off; a body without any byte is taken as an empty one, as endpoints send it
     */
    public void end() throws CodingException {
        if (codedBytes > 0 && !decoder.isComplete()) {
            throw new CodingException("it ends too early");
        }
    }

    @Override
    public void close() {
        decoder.close();
    }
}
