package io.penstock.admin.revision;

import java.util.Set;

/** On what state an edit may act: {@code If-Match} and {@code If-None-Match} (RFC 9110, section 13.1). */
public sealed interface Precondition {

    /** The caller said nothing: what exists may not be replaced, patched or removed (428). */
    record NotGiven() implements Precondition {}

    /** None is asked for: edits of several resources, and the system's own. */
    record Unconditional() implements Precondition {}

    /** {@code If-Match: *}: whatever is there, but something must be. */
    record Existing() implements Precondition {}

    /** {@code If-None-Match: *}: nothing may be there. */
    record Absent() implements Precondition {}

    /**
     * {@code If-Match: "r41"}: what is there was last changed by one of these revisions.
     *
     * @param revisions one or more
     */
    record ChangedBy(Set<Long> revisions) implements Precondition {
        public ChangedBy {
            revisions = Set.copyOf(revisions);
        }
    }

    static Precondition notGiven() {
        return new NotGiven();
    }

    static Precondition unconditional() {
        return new Unconditional();
    }

    static Precondition changedBy(long revision) {
        return new ChangedBy(Set.of(revision));
    }
}
