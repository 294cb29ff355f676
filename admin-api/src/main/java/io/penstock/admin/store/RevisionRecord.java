package io.penstock.admin.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One stored revision with all it changed.
 *
 * @param changes sorted by key
 */
public record RevisionRecord(RevisionSummary summary, List<ResourceChange> changes) {

    public RevisionRecord {
        changes = List.copyOf(changes);
    }

    public long number() {
        return summary.number();
    }

    public Instant timestamp() {
        return summary.timestamp();
    }

    public String actor() {
        return summary.actor();
    }

    public Optional<String> note() {
        return summary.note();
    }
}
