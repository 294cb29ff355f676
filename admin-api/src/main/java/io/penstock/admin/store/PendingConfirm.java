package io.penstock.admin.store;

import java.time.Instant;

/**
 * A revision on trial: unless it is confirmed in time, the one before it comes back.
 *
 * @param revision the revision that waits for its {@code :confirm}
 * @param revertTo the revision whose content comes back otherwise
 * @param actor who made the revision on trial
 */
public record PendingConfirm(long revision, long revertTo, Instant deadline, String actor) {}
