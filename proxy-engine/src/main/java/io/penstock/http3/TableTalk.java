package io.penstock.http3;

import io.penstock.mark.WorkerConfined;

/**
 * What a client says of tables of fields that neither side has: as an encoder nothing but that its table has no room, as a decoder
 * nothing but that it has given up a stream (RFC 9204 sections 4.3 and 4.4).
 */
@WorkerConfined
public final class TableTalk {
    /** Set Dynamic Table Capacity, to 0. */
    private static final int NO_ROOM = 0x20;

    private static final int CANCELLATION = 0x40;
    private static final int CANCELLATION_MASK = 0xc0;
    private static final int STREAM_MASK = 0x3f;

    /** More octets than the id of any stream needs. */
    private static final int CONTINUATIONS_MAX = 10;

    private int continuations;
    private boolean isInside;

    /** Whether an octet of the client's encoder may stand. */
    public static boolean isEncoders(byte octet) {
        return octet == NO_ROOM;
    }

    /** Takes an octet of the client's decoder. @return whether it may stand */
    public boolean isDecoders(byte octet) {
        if (isInside) {
            isInside = octet < 0;
            return ++continuations <= CONTINUATIONS_MAX;
        }
        // Else it acknowledges what was never sent.
        continuations = 0;
        isInside = (octet & STREAM_MASK) == STREAM_MASK;
        return (octet & CANCELLATION_MASK) == CANCELLATION;
    }
}
