package io.penstock.admin.store;

import java.util.List;

/**
 * Overrides on the disk. Any thread but a worker; a call that returns is durable, else it throws {@link StoreRefused}.
 *
 * <p>They are not in the snapshot beside the store: who loses the store drains again.
 */
public interface OverrideRecords {

    /** Every override, those that are over too. */
    List<OverrideRecord> all();

    /** Adds an override in place of one of the same target, with the audit line that says so; drops those that are over. */
    void put(OverrideRecord override, AuditEvent event);

    /** Removes the override of a target, with the audit line that says so. */
    void remove(OverrideRecord override, AuditEvent event);
}
