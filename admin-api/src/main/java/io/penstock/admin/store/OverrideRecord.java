package io.penstock.admin.store;

import java.time.Instant;
import java.util.Optional;

/**
 * State that overrides the configuration for a time: a target that is drained, or whose health an operator says.
 *
 * @param kind what it does
 * @param upstream the upstream's name
 * @param target the target's address as written, {@code host:port}
 * @param until when it ends
 * @param since when it began
 * @param actor who began it
 * @param note the operator's words
 */
public record OverrideRecord(
        OverrideKind kind,
        String upstream,
        String target,
        Instant until,
        Instant since,
        String actor,
        Optional<String> note) {

    public boolean isInForce(Instant now) {
        return now.isBefore(until);
    }

    /** Whether it is a drain; else it says something of health. */
    public boolean isDrain() {
        return kind == OverrideKind.DRAIN;
    }

    /** Whether both are about the same of the same target, so that one takes the place of the other. */
    public boolean isOfSameTarget(OverrideRecord other) {
        return isDrain() == other.isDrain() && upstream.equals(other.upstream) && target.equals(other.target);
    }
}
