package io.penstock.admin.store;

import java.util.List;

/**
 * What is stored in one transaction: all of it or nothing.
 *
 * @param revisions in rising order; several share one flush to the disk
 * @param audit the audit lines that belong to them
 * @param keyUses idempotency keys used up by these revisions
 */
public record StoreCommit(
        List<NewRevision> revisions, List<AuditEvent> audit, ConfirmChange confirm, List<KeyUse> keyUses) {

    public StoreCommit {
        revisions = List.copyOf(revisions);
        audit = List.copyOf(audit);
        keyUses = List.copyOf(keyUses);
    }
}
