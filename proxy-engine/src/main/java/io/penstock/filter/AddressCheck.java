package io.penstock.filter;

import io.penstock.metrics.Reason;

/** A filter that decides by the client's address alone, so that {@code explain} can ask it too. */
public interface AddressCheck {
    /** Whether a client of this address of 16 bytes passes. */
    boolean passes(byte[] address);

    /** Why others do not. */
    Reason refusal();
}
