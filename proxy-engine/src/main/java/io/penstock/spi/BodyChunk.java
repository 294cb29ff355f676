package io.penstock.spi;

import org.agrona.DirectBuffer;

/**
 * A part of a body on its way through the chain, without framing. Valid during the hook, and while the hook is suspended
 * until it resumes; the bytes are the gateway's and must not be written to.
 */
public interface BodyChunk {
    /** Where the bytes lie. */
    DirectBuffer buffer();

    /** The first byte. */
    int offset();

    /** How many bytes; 0 is possible where {@link #isLast()} is told by itself. */
    int length();

    /** Whether nothing of this body follows. */
    boolean isLast();

    /**
     * Sends other bytes instead of these; an empty array drops the chunk. Not copied: the array must not change until the
     * exchange has ended.
     */
    void replace(byte[] bytes);
}
