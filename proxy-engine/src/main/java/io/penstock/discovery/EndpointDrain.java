package io.penstock.discovery;

import java.time.Instant;

/**
 * A target that takes no new requests for a time, while those under way finish. State, not configuration: it holds over
 * revisions, also for a target that is written later.
 *
 * @param upstream the upstream's name
 * @param authority the target as written, {@code host:port}; all its addresses are drained
 * @param until when it takes requests again
 */
public record EndpointDrain(String upstream, String authority, Instant until) {}
