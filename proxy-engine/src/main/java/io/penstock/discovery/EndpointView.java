package io.penstock.discovery;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * One address of one target, or a target without one, and whether it takes requests now.
 *
 * @param target as written, {@code host:port}
 * @param name the target's name, or {@code target}
 * @param address where it is; empty while a name is not resolved
 * @param weight as written
 * @param source where the address comes from
 * @param drainedUntil when its drain ends, if it is drained, whatever else holds requests back
 */
public record EndpointView(
        String target,
        String name,
        Optional<InetSocketAddress> address,
        int weight,
        Optional<String> zone,
        Source source,
        State state,
        Optional<Instant> drainedUntil) {
    /** Where an address comes from. */
    public enum Source {
        /** The target says it. */
        STATIC,
        /** The name service. */
        DNS
    }

    /** Whether it takes requests; if not, the first reason of these, from the top. */
    public enum State {
        /** Its upstream is disabled. */
        DISABLED,
        /** Nothing is known of its name yet. */
        UNRESOLVED,
        /** No backend grant covers its address. */
        NOT_GRANTED,
        /** It is drained. */
        DRAINING,
        /** Its weight is 0. */
        WEIGHTLESS,
        /** It takes requests. */
        READY
    }
}
