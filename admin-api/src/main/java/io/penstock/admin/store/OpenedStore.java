package io.penstock.admin.store;

import java.util.Optional;

/**
 * A store ready for use, and the recovery that was needed to get there, if any.
 *
 * @param recovery present when the store was not sound; the caller must tell the operator
 */
public record OpenedStore(ConfigStore store, Optional<StoreRecovery> recovery) {}
