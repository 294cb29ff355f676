package io.penstock.admin.revision;

import io.penstock.admin.store.KeyUse;
import io.penstock.admin.store.PendingConfirm;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The revisions of one batch before they are stored, each on top of the one before it. One thread. */
final class Draft {

    private final CurrentConfig base;
    private final long firstNumber;
    private final List<Part> parts = new ArrayList<>();
    private List<ConfigWarning> compiledWarnings = List.of();

    /** @param firstNumber the number that the first revision gets */
    Draft(CurrentConfig base, long firstNumber) {
        this.base = base;
        this.firstNumber = firstNumber;
    }

    /** What the next edit is judged on. */
    CurrentConfig state() {
        return parts.isEmpty() ? base : parts.getLast().after();
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    List<Part> parts() {
        return Collections.unmodifiableList(parts);
    }

    Part last() {
        return parts.getLast();
    }

    void add(
            Optional<Waiting.ForEdit> waiting,
            Edit edit,
            ProxyConfig next,
            List<PartChange> changes,
            List<ConfigWarning> warnings) {
        long number = firstNumber + parts.size();
        LastChanged lastChanged = state().lastChanged();
        for (PartChange change : changes) {
            lastChanged = change.after().isPresent()
                    ? lastChanged.with(change.key(), number)
                    : lastChanged.without(change.key());
        }
        parts.add(new Part(waiting, edit, new CurrentConfig(number, next, lastChanged), changes, warnings));
    }

    /** What the target says of the whole batch. */
    void warn(List<ConfigWarning> compiled) {
        compiledWarnings = List.copyOf(compiled);
    }

    /** What becomes of a part that is published. */
    EditResult.Applied applied(Part part, ConfigTarget.Publication publication, Optional<PendingConfirm> begun) {
        return new EditResult.Applied(
                part.after().revision(),
                part.after().config(),
                part.changes(),
                merged(part.warnings(), compiledWarnings),
                publication,
                begun);
    }

    /** The warnings of both, each once. */
    static List<ConfigWarning> merged(List<ConfigWarning> checked, List<ConfigWarning> compiled) {
        Set<ConfigWarning> all = new LinkedHashSet<>(checked);
        all.addAll(compiled);
        return List.copyOf(all);
    }

    /** The use of the edit's key by an earlier edit of this batch. */
    Optional<KeyUse> keyUse(Edit edit) {
        return parts.stream()
                .filter(part -> part.edit().actor().equals(edit.actor()))
                .flatMap(part -> keyUse(part, Instant.MAX).stream())
                .filter(use -> edit.key().isPresent()
                        && use.key().equals(edit.key().get().key()))
                .findFirst();
    }

    /** The use of a key by one edit of this batch. */
    Optional<KeyUse> keyUse(Part part, Instant expires) {
        return part.edit()
                .key()
                .map(key -> new KeyUse(
                        part.edit().actor(),
                        key.key(),
                        key.fingerprint(),
                        part.after().revision(),
                        expires));
    }

    /** How long the batch's revision is on trial; such a revision is alone in its batch. */
    Optional<Duration> confirmWithin() {
        return parts.isEmpty() ? Optional.empty() : parts.getLast().edit().confirmWithin();
    }

    /** The trial that the batch begins. */
    Optional<PendingConfirm> trial(Instant now) {
        return confirmWithin()
                .map(within -> new PendingConfirm(
                        parts.getLast().after().revision(),
                        base.revision(),
                        now.plus(within),
                        parts.getLast().edit().actor()));
    }

    /**
     * One revision to be.
     *
     * @param waiting who waits for it; absent for the first edits of a process
     */
    record Part(
            Optional<Waiting.ForEdit> waiting,
            Edit edit,
            CurrentConfig after,
            List<PartChange> changes,
            List<ConfigWarning> warnings) {}
}
