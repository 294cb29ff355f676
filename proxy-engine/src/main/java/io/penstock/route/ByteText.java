package io.penstock.route;

import io.penstock.mark.WorkerConfined;
import java.nio.charset.StandardCharsets;

/** A run of bytes as text for the regex engine, each byte a character from 0 to 255; moved from run to run. */
@WorkerConfined
final class ByteText implements CharSequence {
    private byte[] bytes = new byte[0];
    private int offset;
    private int length;

    ByteText of(byte[] source, int from, int count) {
        bytes = source;
        offset = from;
        length = count;
        return this;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public char charAt(int index) {
        return (char) (bytes[offset + index] & 0xff);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new String(bytes, offset + start, end - start, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    }
}
