package io.penstock.admin.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A revision that asks to be stored; what was there before is filled in by the store.
 *
 * @param number the revision's number: the store's {@link ConfigStore#nextRevision} or above, rising within one commit
 * @param actor who made it, e.g. the name of a token
 * @param note the operator's words, from {@code Change-Note}
 * @param cause what kind of change it was, e.g. {@code edit}, {@code apply}, {@code rollback}
 * @param writes what it leaves of each resource it touches; at most one entry per resource
 */
public record NewRevision(
        long number, Instant timestamp, String actor, Optional<String> note, String cause, List<ResourceWrite> writes) {

    public NewRevision {
        writes = List.copyOf(writes);
        if (number < 1) {
            throw new IllegalArgumentException("revisions count from 1, found " + number);
        }
    }
}
