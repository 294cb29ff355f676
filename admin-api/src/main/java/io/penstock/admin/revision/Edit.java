package io.penstock.admin.revision;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A wish to change the configuration: one revision or none.
 *
 * @param operations in order, each on what the ones before it left
 * @param config the precondition on the whole configuration, compared with the newest revision
 * @param actor who asks, as the audit log names them
 * @param source the address the request came from
 * @param note the operator's words
 * @param cause what kind of change it is, e.g. {@code edit}, {@code apply}, {@code rollback}
 * @param target what it is about as a path of the API, for the audit log
 * @param dryRun checked and compiled aside, then forgotten
 * @param key used up when the edit makes a revision
 * @param confirmWithin if not confirmed by then, what it changed comes back
 * @param authority asked for every change
 */
public record Edit(
        List<EditOperation> operations,
        Precondition config,
        String actor,
        Optional<String> source,
        Optional<String> note,
        String cause,
        String target,
        boolean dryRun,
        Optional<IdempotencyKey> key,
        Optional<Duration> confirmWithin,
        ChangeAuthority authority) {

    /** The longest trial. */
    public static final Duration CONFIRM_WITHIN_MAX = Duration.ofHours(1);

    public Edit {
        operations = List.copyOf(operations);
        if (operations.isEmpty()) {
            throw new IllegalArgumentException("an edit needs at least one operation");
        }
        confirmWithin.ifPresent(within -> {
            if (within.compareTo(Duration.ofSeconds(1)) < 0 || within.compareTo(CONFIRM_WITHIN_MAX) > 0) {
                throw new IllegalArgumentException("confirm_within lies between 1s and 1h, found " + within);
            }
        });
    }

    /** An edit of one actor, with nothing said yet beyond the operations. */
    public static Edit of(
            String actor, ChangeAuthority authority, String cause, String target, EditOperation... steps) {
        return new Edit(
                List.of(steps),
                Precondition.unconditional(),
                actor,
                Optional.empty(),
                Optional.empty(),
                cause,
                target,
                false,
                Optional.empty(),
                Optional.empty(),
                authority);
    }

    public Edit from(String address) {
        return new Edit(
                operations,
                config,
                actor,
                Optional.of(address),
                note,
                cause,
                target,
                dryRun,
                key,
                confirmWithin,
                authority);
    }

    public Edit withNote(Optional<String> words) {
        return new Edit(operations, config, actor, source, words, cause, target, dryRun, key, confirmWithin, authority);
    }

    public Edit withConfigPrecondition(Precondition wanted) {
        return new Edit(operations, wanted, actor, source, note, cause, target, dryRun, key, confirmWithin, authority);
    }

    public Edit withDryRun(boolean aside) {
        return new Edit(operations, config, actor, source, note, cause, target, aside, key, confirmWithin, authority);
    }

    public Edit withKey(Optional<IdempotencyKey> used) {
        return new Edit(operations, config, actor, source, note, cause, target, dryRun, used, confirmWithin, authority);
    }

    public Edit withConfirmWithin(Optional<Duration> within) {
        return new Edit(operations, config, actor, source, note, cause, target, dryRun, key, within, authority);
    }
}
