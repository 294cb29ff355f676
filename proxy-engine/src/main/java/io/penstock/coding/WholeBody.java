package io.penstock.coding;

import java.io.ByteArrayOutputStream;
import org.agrona.concurrent.UnsafeBuffer;

/** Codings of a body that is here as a whole. */
public final class WholeBody {
    private WholeBody() {}

    /**
     * Undoes a coding.
     *
     * @param bytesMax how many plain bytes are wanted
     * @return the plain bytes; more than {@code bytesMax}, and not all, if there are more
     * @throws CodingException if the body is broken or grows too much
     */
    public static byte[] decoded(ContentCoding coding, byte[] body, int bytesMax) throws CodingException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream(Math.min(body.length * 4, bytesMax) + 1);
        UnsafeBuffer source = new UnsafeBuffer(body);
        try (BodyDecoder decoder = new BodyDecoder(coding)) {
            int fed = 0;
            while (plain.size() <= bytesMax) {
                byte[] next = decoder.next();
                if (next.length > 0) {
                    plain.writeBytes(next);
                } else if (fed < body.length) {
                    fed += decoder.feed(source, fed, body.length - fed);
                } else {
                    decoder.end();
                    return plain.toByteArray();
                }
            }
        }
        return plain.toByteArray();
    }

    /** Does a coding. */
    public static byte[] encoded(ContentCoding coding, byte[] body) {
        return encoded(coding, ContentCoding.BALANCED, body);
    }

    /** Does a coding with an effort of {@link ContentCoding}. */
    public static byte[] encoded(ContentCoding coding, int effort, byte[] body) {
        ByteArrayOutputStream coded = new ByteArrayOutputStream(body.length / 2 + 64);
        try (Encoder encoder = coding.newEncoder(effort)) {
            encoder.encode(new UnsafeBuffer(body), 0, body.length, coded::writeBytes);
            encoder.finish(coded::writeBytes);
        }
        return coded.toByteArray();
    }
}
