package io.penstock.coding;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** The coding {@code deflate}: zlib (RFC 1950), or bare deflate data (RFC 1951) where the first two bytes are no zlib header. */
final class ZlibDecoder implements Decoder {
    private static final int METHOD_MASK = 0x0f;
    private static final int METHOD_DEFLATE = 8;
    private static final int CHECK_MODULUS = 31;

    private final byte[] input = new byte[INPUT_BYTES];
    // Bytes of the header that came by themselves.
    private int kept;
    private int limit;
    private @Nullable Inflater inflater;

    @Override
    public int feed(DirectBuffer source, int offset, int length) {
        int taken = Math.min(length, INPUT_BYTES - kept);
        source.getBytes(offset, input, kept, taken);
        limit = kept + taken;
        kept = 0;
        Inflater begun = inflater;
        if (begun != null) {
            begun.setInput(input, 0, limit);
        } else if (limit < 2) {
            kept = limit;
        } else {
            begun = new Inflater(!hasZlibHeader());
            begun.setInput(input, 0, limit);
            inflater = begun;
        }
        return taken;
    }

    private boolean hasZlibHeader() {
        int first = input[0] & 0xff;
        int second = input[1] & 0xff;
        return (first & METHOD_MASK) == METHOD_DEFLATE && ((first << 8) | second) % CHECK_MODULUS == 0;
    }

    @Override
    public int decode(byte[] into) throws CodingException {
        Inflater begun = inflater;
        if (begun == null) {
            return 0;
        }
        try {
            int bytes = begun.inflate(into);
            if (bytes == 0 && (begun.needsDictionary() || (begun.finished() && begun.getRemaining() > 0))) {
                throw new CodingException(
                        begun.finished() ? "bytes follow its end" : "it needs a dictionary that is not known");
            }
            return bytes;
        } catch (DataFormatException broken) {
            throw new CodingException("its deflate data is broken");
        }
    }

    @Override
    public boolean isComplete() {
        Inflater begun = inflater;
        return begun != null && begun.finished();
    }

    @Override
    public void close() {
        Inflater begun = inflater;
        if (begun != null) {
            begun.end();
        }
    }
}
