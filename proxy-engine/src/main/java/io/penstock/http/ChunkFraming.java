package io.penstock.http;

import java.nio.charset.StandardCharsets;

/** Writes the framing of a chunked body, RFC 9112 section 7.1: no extensions. */
public final class ChunkFraming {
    private static final byte[] END = "\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST = "0\r\n".getBytes(StandardCharsets.US_ASCII);

    private ChunkFraming() {}

    /**
     * Opens a chunk.
     *
     * @param size bytes that follow, at least 1: a chunk of 0 would end the body
     */
    public static void begin(int size, ByteBuilder into) {
        if (size < 1) {
            throw new IllegalArgumentException("a chunk of " + size + " bytes");
        }
        into.appendHex(size).append(END);
    }

    /** Closes a chunk. */
    public static void end(ByteBuilder into) {
        into.append(END);
    }

    /**
     * Ends the body.
     *
     * @param trailers may be empty
     */
    public static void last(Fields trailers, ByteBuilder into) {
        into.append(LAST);
        for (int i = 0; i < trailers.count(); i++) {
            if (!TrailerRules.isDropped(trailers, i)) {
                HeadWriter.copy(trailers, i, into);
            }
        }
        into.append(END);
    }
}
