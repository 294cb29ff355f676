package io.penstock.http;

/**
 * Which fields may stand in a trailer section, RFC 9110 section 6.5.1: none that frames, directs, authenticates or
 * describes the message, since whoever handled the head has acted already.
 */
final class TrailerRules {
    private static final long KEPT = KnownField.OTHER.bit()
            | KnownField.ETAG.bit()
            | KnownField.LAST_MODIFIED.bit()
            | KnownField.SERVER.bit()
            | KnownField.ACCEPT_RANGES.bit();

    private TrailerRules() {}

    /** Whether a trailer is left out. */
    static boolean isDropped(Fields trailers, int index) {
        return (1L << trailers.knownId(index) & KEPT) == 0
                || InternalNames.isInternal(trailers, index)
                || InternalNames.isOfConsumer(trailers, index)
                || InternalNames.isForwarded(trailers, index);
    }
}
