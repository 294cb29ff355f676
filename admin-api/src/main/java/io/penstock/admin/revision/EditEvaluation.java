package io.penstock.admin.revision;

import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.ResourceChange;
import io.penstock.admin.store.ResourceKey;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One edit judged against a state: what comes next, or why nothing does. Changes nothing anywhere.
 *
 * <p>The order of judgement is the order of the API's answers: preconditions and steps, then "nothing differs", then the
 * actor's authority, then references, then validity.
 */
final class EditEvaluation {

    private final ConfigStore store;
    private final ConfigCodec codec;
    private final ConfigCheck check;

    EditEvaluation(ConfigStore store, ConfigCodec codec, ConfigCheck check) {
        this.store = store;
        this.codec = codec;
        this.check = check;
    }

    /** The outcome of a judgement. */
    sealed interface Judgement {}

    /** The edit may be made. */
    record Acceptable(ProxyConfig next, List<PartChange> changes, List<ConfigWarning> warnings) implements Judgement {}

    /** The edit ends here. */
    record Ended(EditResult result) implements Judgement {}

    Judgement judge(Edit edit, CurrentConfig state) {
        Optional<EditResult.Rejected> stale = checkConfigPrecondition(edit.config(), state);
        if (stale.isPresent()) {
            return new Ended(stale.get());
        }
        ProxyConfig next = state.config();
        for (EditOperation operation : edit.operations()) {
            switch (apply(operation, next, state)) {
                case EditOperation.Not<ProxyConfig> not -> {
                    return new Ended(not.reason());
                }
                case EditOperation.Next<ProxyConfig> changed -> next = changed.value();
            }
        }
        next = check.complete(state.config(), next);
        List<PartChange> changes = ConfigParts.diff(state.config(), next);
        if (changes.isEmpty()) {
            return new Ended(new EditResult.Unchanged(state.revision(), state.config(), List.of()));
        }
        List<ResourceKey> forbidden = changes.stream()
                .filter(change -> !edit.authority().mayMake(change))
                .map(PartChange::key)
                .toList();
        if (!forbidden.isEmpty()) {
            return new Ended(new EditResult.Forbidden(forbidden));
        }
        Optional<EditResult.Rejected> inUse = checkRemoved(edit, next);
        if (inUse.isPresent()) {
            return new Ended(inUse.get());
        }
        List<ConfigProblem> problems = check.problems(state.config(), next);
        if (!problems.isEmpty()) {
            return new Ended(new EditResult.Refused(problems));
        }
        return new Acceptable(next, changes, check.warnings(state.config(), next));
    }

    // Only what the edit names one by one, since each costs a walk over all that may refer to it; what a transformation
    // removes is found by the check, at the cost of one walk.
    private Optional<EditResult.Rejected> checkRemoved(Edit edit, ProxyConfig next) {
        for (EditOperation operation : edit.operations()) {
            if (operation instanceof EditOperation.Delete delete
                    && next.find(delete.type(), delete.name()).isEmpty()) {
                List<ResourceUse> users = check.usedBy(next, delete.type(), delete.name());
                if (!users.isEmpty()) {
                    return Optional.of(new EditResult.InUse(ConfigParts.key(delete.type(), delete.name()), users));
                }
            }
        }
        return Optional.empty();
    }

    private EditOperation.Outcome<ProxyConfig> apply(EditOperation operation, ProxyConfig next, CurrentConfig base) {
        return switch (operation) {
            case EditOperation.Put put -> put(put, next, base);
            case EditOperation.Patch patch -> patch(patch, next, base);
            case EditOperation.Delete delete -> delete(delete, next, base);
            case EditOperation.Transform transform -> transform.transformer().transform(next);
            case EditOperation.Rollback rollback -> rollback(rollback.revision(), next, base);
        };
    }

    private EditOperation.Outcome<ProxyConfig> put(EditOperation.Put put, ProxyConfig next, CurrentConfig base) {
        ResourceKey key = ConfigParts.key(put.resource());
        boolean exists = ConfigParts.find(next, key).isPresent();
        Optional<EditResult.Rejected> reason = checkPrecondition(put.precondition(), key, exists, base);
        return reason.isPresent()
                ? new EditOperation.Not<>(reason.get())
                : new EditOperation.Next<>(next.with(put.resource()));
    }

    private EditOperation.Outcome<ProxyConfig> patch(EditOperation.Patch patch, ProxyConfig next, CurrentConfig base) {
        ResourceKey key = ConfigParts.key(patch.type(), patch.name());
        Optional<Resource> before = next.find(patch.type(), patch.name());
        if (before.isEmpty()) {
            return new EditOperation.Not<>(new EditResult.NotFound(key));
        }
        Optional<EditResult.Rejected> reason = checkPrecondition(patch.precondition(), key, true, base);
        if (reason.isPresent()) {
            return new EditOperation.Not<>(reason.get());
        }
        return switch (patch.patcher().patch(before.get())) {
            case EditOperation.Not<Resource> not -> new EditOperation.Not<>(not.reason());
            case EditOperation.Next<Resource> patched -> {
                Resource after = patched.value();
                if (ResourceType.of(after) != patch.type() || !after.name().equals(patch.name())) {
                    throw new IllegalArgumentException("a patch of " + key + " gave " + ConfigParts.key(after));
                }
                yield new EditOperation.Next<>(next.with(after));
            }
        };
    }

    private EditOperation.Outcome<ProxyConfig> delete(
            EditOperation.Delete delete, ProxyConfig next, CurrentConfig base) {
        ResourceKey key = ConfigParts.key(delete.type(), delete.name());
        if (next.find(delete.type(), delete.name()).isEmpty()) {
            return new EditOperation.Not<>(new EditResult.NotFound(key));
        }
        Optional<EditResult.Rejected> reason = checkPrecondition(delete.precondition(), key, true, base);
        return reason.isPresent()
                ? new EditOperation.Not<>(reason.get())
                : new EditOperation.Next<>(next.without(delete.type(), delete.name()));
    }

    // The way back is read as a net difference, so that a rollback costs what it changes, not what is configured.
    private EditOperation.Outcome<ProxyConfig> rollback(long revision, ProxyConfig next, CurrentConfig base) {
        Optional<List<ResourceChange>> wayBack = store.diff(base.revision(), revision);
        if (wayBack.isEmpty()) {
            return new EditOperation.Not<>(new EditResult.UnknownRevision(revision));
        }
        ProxyConfig config = next;
        List<ConfigProblem> problems = new ArrayList<>();
        for (ResourceChange change : wayBack.get()) {
            try {
                config = change.after().isPresent()
                        ? ConfigParts.with(
                                config,
                                codec.fromJson(change.key(), change.after().get()))
                        : ConfigParts.without(config, change.key());
            } catch (IllegalArgumentException unreadable) {
                problems.add(unreadable(change.key(), revision, unreadable));
            }
        }
        return problems.isEmpty()
                ? new EditOperation.Next<>(config)
                : new EditOperation.Not<>(new EditResult.Refused(problems));
    }

    static ConfigProblem unreadable(ResourceKey key, long revision, IllegalArgumentException reason) {
        boolean known = key.equals(ConfigParts.DEFAULTS)
                || ResourceType.byApiName(key.type()).isPresent();
        return new ConfigProblem(
                known ? ConfigParts.ref(key) : ResourceRef.DEFAULTS,
                "",
                ConfigProblem.NOT_IN_THIS_VERSION,
                key + " as stored in revision " + revision + " cannot be read by this version: " + reason.getMessage(),
                Optional.of("start the version that wrote it, or choose another revision"));
    }

    private static Optional<EditResult.Rejected> checkConfigPrecondition(Precondition wanted, CurrentConfig state) {
        return switch (wanted) {
            case Precondition.Unconditional free -> Optional.empty();
            case Precondition.Existing any -> Optional.empty();
            case Precondition.NotGiven missing ->
                Optional.of(new EditResult.PreconditionRequired(Optional.empty(), state.revision()));
            // There always is a configuration.
            case Precondition.Absent absent -> Optional.of(new EditResult.Stale(Optional.empty(), state.revision()));
            case Precondition.ChangedBy changedBy ->
                changedBy.revisions().contains(state.revision())
                        ? Optional.empty()
                        : Optional.of(new EditResult.Stale(Optional.empty(), state.revision()));
        };
    }

    private static Optional<EditResult.Rejected> checkPrecondition(
            Precondition wanted, ResourceKey key, boolean exists, CurrentConfig base) {
        OptionalLong changed = base.lastChanged(key);
        long lastChanged = changed.orElse(0);
        return switch (wanted) {
            case Precondition.Unconditional free -> Optional.empty();
            case Precondition.NotGiven missing ->
                exists
                        ? Optional.of(new EditResult.PreconditionRequired(Optional.of(key), lastChanged))
                        : Optional.empty();
            case Precondition.Existing any ->
                exists ? Optional.empty() : Optional.of(new EditResult.Stale(Optional.of(key), 0));
            case Precondition.Absent absent ->
                exists ? Optional.of(new EditResult.Exists(key, lastChanged)) : Optional.empty();
            case Precondition.ChangedBy changedBy ->
                exists && changedBy.revisions().contains(lastChanged)
                        ? Optional.empty()
                        : Optional.of(new EditResult.Stale(Optional.of(key), exists ? lastChanged : 0));
        };
    }
}
