package io.penstock.admin.revision;

import io.penstock.admin.store.PendingConfirm;
import io.penstock.config.ProxyConfig;
import java.util.Optional;

/** The edits that nobody asked for. */
final class SystemEdits {

    /** Who reverts what nobody confirmed, and who writes the first revision. */
    static final String SYSTEM = "penstock";

    private SystemEdits() {}

    /** The first revision of a new instance. */
    static Edit initial(ProxyConfig initial) {
        return system(
                "initial",
                "/config",
                new EditOperation.Transform(empty -> new EditOperation.Next<>(initial)),
                "what a new instance starts with");
    }

    /** Takes a revision on trial back. */
    static Edit revert(PendingConfirm over, String why) {
        return system(
                "revert",
                "/config/revisions/" + over.revision(),
                new EditOperation.Rollback(over.revertTo()),
                "revision " + over.revision() + " by " + over.actor() + ": " + why);
    }

    /** Whether an edit may be made while a trial is under way: it goes back to what was before. */
    static boolean endsTrial(Edit edit) {
        return edit.operations().stream().anyMatch(EditOperation.Rollback.class::isInstance);
    }

    private static Edit system(String cause, String target, EditOperation operation, String note) {
        return Edit.of(SYSTEM, ChangeAuthority.all(), cause, target, operation).withNote(Optional.of(note));
    }
}
