package io.penstock.plugin.bridge;

import java.nio.charset.StandardCharsets;
import org.graalvm.polyglot.Value;

/** Bytes that come out of a script: a string as UTF-8, or a view on a buffer; always copied. */
final class GuestBytes {
    private static final byte[] NONE = {};

    private GuestBytes() {}

    /** The bytes of a value that is a string, bytes, or null. */
    static byte[] of(Value value) {
        if (value.isNull()) {
            return NONE;
        }
        if (value.isString()) {
            return value.asString().getBytes(StandardCharsets.UTF_8);
        }
        if (value.hasBufferElements()) {
            return read(value, 0, Math.toIntExact(value.getBufferSize()));
        }
        Value buffer = value.hasMembers() ? value.getMember("buffer") : null;
        if (buffer != null && buffer.hasBufferElements()) {
            return read(
                    buffer,
                    value.getMember("byteOffset").asInt(),
                    value.getMember("byteLength").asInt());
        }
        throw new IllegalArgumentException("wanted a string or bytes");
    }

    private static byte[] read(Value buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.readBuffer(offset, bytes, 0, length);
        return bytes;
    }
}
