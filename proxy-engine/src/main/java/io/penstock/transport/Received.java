package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import org.agrona.DirectBuffer;

/**
 * Bytes that a channel received: a region of native memory that is valid only during the call that hands it over.
 *
 * <p>To pass bytes on without copying, give a part of it to {@link Channel#send(Received, int, int)} within that call.
 */
@WorkerConfined
public interface Received {
    /** The memory; only the region from {@link #offset()} for {@link #length()} bytes may be read. */
    DirectBuffer buffer();

    /** Where the bytes begin in {@link #buffer()}. */
    int offset();

    /** How many bytes there are, at least 1. */
    int length();
}
