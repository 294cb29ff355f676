package io.penstock.metrics;

/** The texts of an access record, as bytes. */
public enum AccessText {
    /** 26 characters. */
    REQUEST_ID(64),
    /** The client's canonical address, 4 or 16 bytes, not text. */
    CLIENT_ADDRESS(16),
    /** As sent. */
    METHOD(24),
    /** The canonical host, with the port if there was one. */
    HOST(256),
    /** The canonical path. */
    PATH(1024),
    /** What follows the question mark. */
    QUERY(1024),
    /** As in {@code HTTP/1.1}. */
    PROTOCOL(16),
    /** As in {@code TLSv1.3}, absent in clear text. */
    TLS_VERSION(16),
    /** The name that the client asked for in the handshake. */
    SERVER_NAME(256),
    /** Name of the listener. */
    LISTENER(128),
    /** Name of the route, absent if none was found. */
    ROUTE(128),
    /** Name of the upstream, absent if none was asked. */
    UPSTREAM(128),
    /** Address of the last endpoint that was tried. */
    ENDPOINT(128),
    /** Who calls: the consumer, or the subject that only its authenticator knows. */
    CONSUMER(128),
    /** {@link TrailSteps}, binary. */
    STEPS(TrailSteps.BYTES_MAX),
    /** {@link HookCosts}, binary. */
    COSTS(HookCosts.BYTES_MAX),
    /** The header. */
    USER_AGENT(256),
    /** The header. */
    REFERER(256);

    private final int bytesMax;

    AccessText(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Longer ones are cut. */
    public int bytesMax() {
        return bytesMax;
    }

    /** Its place in tables of all of them, from 0. */
    @SuppressWarnings("EnumOrdinal") // an array on the request path; nothing of it is kept
    int index() {
        return ordinal();
    }
}
