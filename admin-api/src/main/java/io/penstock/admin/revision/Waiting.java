package io.penstock.admin.revision;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Someone who waits for the pipeline. */
sealed interface Waiting {

    CompletableFuture<EditResult> done();

    /** Waits for an edit. */
    record ForEdit(Edit edit, CompletableFuture<EditResult> done) implements Waiting {

        /**
         * Whether the edit may share a batch. A dry run must see what is served and leaves nothing; a trial, and the way
         * back, concern everything.
         */
        boolean isShareable() {
            return !edit.dryRun()
                    && edit.confirmWithin().isEmpty()
                    && edit.operations().stream().noneMatch(EditOperation.Rollback.class::isInstance);
        }
    }

    /** Waits for a confirmation. */
    record ForConfirm(
            OptionalLong revision,
            String actor,
            Optional<String> source,
            Optional<String> note,
            CompletableFuture<EditResult> done)
            implements Waiting {}
}
