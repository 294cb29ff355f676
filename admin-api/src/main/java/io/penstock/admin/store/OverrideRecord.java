package io.penstock.admin.store;

import java.time.Instant;
import java.util.Optional;

/**
 * State that overrides the configuration for a time: a target that is drained.
 *
 * @param upstream the upstream's name
 * @param target the target's address as written, {@code host:port}
 * @param until when it ends
 * @param since when it began
 * @param actor who began it
 * @param note the operator's words
 */
public record OverrideRecord(
        String upstream, String target, Instant until, Instant since, String actor, Optional<String> note) {

    public boolean isInForce(Instant now) {
        return now.isBefore(until);
    }

    /** Whether both are about the same target. */
    public boolean isOfSameTarget(OverrideRecord other) {
        return upstream.equals(other.upstream) && target.equals(other.target);
    }
}
