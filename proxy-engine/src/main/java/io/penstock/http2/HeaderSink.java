package io.penstock.http2;

/** Hears of each field of a header block, in order. Offsets are into the bytes that the block was decoded into. */
public interface HeaderSink {
    void header(int nameOffset, int nameLength, int valueOffset, int valueLength);
}
