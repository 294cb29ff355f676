package io.penstock.admin.store;

import java.util.List;
import java.util.Optional;

/**
 * Roles on the disk. Any thread but a worker; a call that returns is durable, else it throws {@link StoreRefused}.
 *
 * <p>They are not in the copy of the tokens beside the store: after the loss of a store, a token may do nothing by a role
 * until the role is made again.
 */
public interface RoleRecords {

    /** Every role, by name. */
    List<RoleRecord> all();

    /** Adds a role, with the audit line that says so and the answer to be given again. */
    void put(RoleRecord role, AuditEvent event, Optional<KeptAnswer> answer);

    /** Removes a role, with the audit line that says so. */
    void remove(String name, AuditEvent event);
}
