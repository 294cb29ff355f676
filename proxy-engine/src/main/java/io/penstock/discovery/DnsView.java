package io.penstock.discovery;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one name, for people.
 *
 * @param addresses served now, perhaps stale
 * @param ttlLeft until the addresses are asked for again; empty if there are none, or they are stale
 * @param age since the addresses were learned; empty if there are none
 * @param lastSuccess when the name service last gave addresses
 * @param lastError what went wrong last; empty if the last answer was good
 * @param lastErrorAt when that was
 * @param why one sentence about how it came to this
 * @param usedBy upstreams that have a target of this name
 */
public record DnsView(
        String name,
        State state,
        List<String> addresses,
        Optional<Duration> ttlLeft,
        Optional<Duration> age,
        Optional<Instant> lastSuccess,
        Optional<String> lastError,
        Optional<Instant> lastErrorAt,
        String why,
        List<String> usedBy) {
    /** How good the addresses are. */
    public enum State {
        /** Asked for the first time. */
        PENDING,
        /** Within their time to live. */
        FRESH,
        /** Beyond it, and served until the name service answers again. */
        STALE,
        /** There are none: the name service gave an error and never an address that could be kept. */
        NEGATIVE
    }
}
