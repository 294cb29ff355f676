package io.penstock.admin.revision;

import java.util.Optional;

/** How the start of a pipeline ended. */
public sealed interface StartResult {

    /**
     * The stored configuration, or the first edit on top of it, is being adopted.
     *
     * @param publication the adoption by the workers, under way: when it is done, the gateway is ready
     * @param first the result of the first edit, if there was one
     * @param reverted present if a revision on trial was taken back, since its process ended before it was confirmed
     */
    record Started(
            RevisionPipeline pipeline,
            ConfigTarget.Publication publication,
            Optional<EditResult> first,
            Optional<Long> reverted)
            implements StartResult {}

    /** What is stored, or the first edit, cannot be served; nothing runs. */
    record NotStarted(EditResult.Rejected reason) implements StartResult {}
}
