package io.penstock.coding;

import org.agrona.DirectBuffer;

/** Does one coding to one body. Memory outside of the heap is held until it is closed. */
public interface Encoder extends AutoCloseable {
    /** Where coded bytes go. */
    interface Output {
        /** Takes bytes, which are not written to any more. */
        void put(byte[] coded);
    }

    /** Takes a part of the body; some of it may stay inside. */
    void encode(DirectBuffer source, int offset, int length, Output output);

    /** Lets out all that a reader needs to read what came so far. */
    void flush(Output output);

    /** Lets out the end. */
    void finish(Output output);

    @Override
    void close();
}
