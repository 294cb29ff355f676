package io.penstock.snapshot;

import java.nio.charset.StandardCharsets;

/**
 * Which backend of a route with several a runtime is for.
 *
 * @param identity the service's name, and which of several entries it is; empty for a route without backends
 * @param identityBytes the same in UTF-8
 * @param seriesId the dense id of its metrics, -1 for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BackendRef(String identity, byte[] identityBytes, int seriesId) {
    /** For a route without backends. */
    public static final BackendRef NONE = new BackendRef("", new byte[0], -1);

    static BackendRef of(String identity, int seriesId) {
        return new BackendRef(identity, identity.getBytes(StandardCharsets.UTF_8), seriesId);
    }

    /** Whether there is one. */
    public boolean isOne() {
        return !identity.isEmpty();
    }
}
