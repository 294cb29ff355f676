package io.penstock.coding;

import org.agrona.DirectBuffer;

/**
 * Undoes one coding of one body. It holds a part of the input and gives output only when asked, so that whoever cannot
 * take more simply stops asking. Memory outside of the heap is held until it is closed.
 */
interface Decoder extends AutoCloseable {
    /** How much input is held at most. */
    int INPUT_BYTES = 16 * 1024;

    /** The largest window of a coded body that is accepted, as a power of two: 8 MiB, as RFC 9659 says of zstd. */
    int WINDOW_LOG_MAX = 23;

    /**
     * Takes input. Only when {@link #decode} has said that it needs more.
     *
     * @return how many bytes were taken, more than 0
     */
    int feed(DirectBuffer source, int offset, int length);

    /**
     * Gives what the input held comes to.
     *
     * @return how many bytes; 0 if there is nothing more without more input
     */
    int decode(byte[] into) throws CodingException;

    /** Whether the input so far is a whole body. */
    boolean isComplete();

    @Override
    void close();
}
