package io.penstock.metrics;

import java.nio.charset.StandardCharsets;

/**
 * Up to 24 bytes that are the same in every line, as three words: appending them is three stores and no branch, where a copy
 * would first find out how long they are. Words are little-endian; bytes behind {@code length} are zero.
 *
 * @param length how many bytes count
 */
record LinePiece(long first, long second, long third, int length) {
    static final int BYTES_MAX = 3 * Long.BYTES;

    /** The piece with these characters, all of them ASCII. */
    static LinePiece of(String ascii) {
        byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "\"" + ascii + "\" has " + bytes.length + " bytes, a piece at most " + BYTES_MAX);
        }
        return new LinePiece(word(bytes, 0), word(bytes, 8), word(bytes, 16), bytes.length);
    }

    private static long word(byte[] bytes, int from) {
        long word = 0;
        for (int i = Math.min(bytes.length, from + Long.BYTES) - 1; i >= from; i--) {
            word = word << 8 | bytes[i];
        }
        return word;
    }
}
