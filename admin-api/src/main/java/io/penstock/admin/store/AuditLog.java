package io.penstock.admin.store;

import java.util.concurrent.CompletionStage;

/**
 * Who did or tried what: append-only and hash-chained, so that a line changed or removed later is found.
 *
 * <p>Any thread but a worker. Lines that belong to a revision are stored with it, by {@link ConfigStore#commit}.
 */
public interface AuditLog {

    /**
     * Adds a line that belongs to no revision: a dry run, a refused attempt, a failed one.
     *
     * @return completes when the line is on the disk, exceptionally with {@link StoreRefused} if it is not
     */
    CompletionStage<Void> append(AuditEvent event);

    Page<AuditRecord> list(AuditQuery query);

    /** Recomputes the whole chain, from the oldest line kept. */
    ChainVerdict verify();
}
