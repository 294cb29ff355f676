package io.penstock.admin.store;

/** What a commit does to the revision on trial. */
public sealed interface ConfirmChange {

    /** Leaves it as it is. */
    record Keep() implements ConfirmChange {}

    /** Ends the trial: it was confirmed, or is being reverted by this very commit. */
    record End() implements ConfirmChange {}

    /** Puts a revision on trial. */
    record Begin(PendingConfirm pending) implements ConfirmChange {}
}
