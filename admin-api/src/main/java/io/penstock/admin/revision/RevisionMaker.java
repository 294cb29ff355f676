package io.penstock.admin.revision;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.ConfirmChange;
import io.penstock.admin.store.KeyUse;
import io.penstock.admin.store.PendingConfirm;
import io.penstock.admin.store.ResourceKey;
import io.penstock.admin.store.StoreRefused;
import io.penstock.admin.store.StoredConfig;
import io.penstock.admin.store.StoredResource;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ProxyConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes revisions: judge, prepare, commit, publish. What the pipeline's thread does with a batch.
 *
 * <p>Only that thread, after {@link #boot}; {@link #current} and {@link #trial} may be read by any.
 *
 * <p>Results wait for the commit, refusals too: an edit that was refused because of what an edit before it in the batch
 * did must not be told so before that edit is on the disk.
 */
final class RevisionMaker {

    private static final Logger LOG = LoggerFactory.getLogger(RevisionMaker.class);

    private final ConfigStore store;
    private final ConfigCodec codec;
    private final ConfigTarget target;
    private final PipelineOptions options;
    private final EditEvaluation evaluation;
    private final EditAudit audit;
    private final EditAnswers answers;
    private final DraftCommit commit;
    private final Trial trial;

    private volatile CurrentConfig current = new CurrentConfig(0, ProxyConfig.empty(), LastChanged.NONE);

    RevisionMaker(
            ConfigStore store, ConfigCodec codec, ConfigTarget target, ConfigCheck check, PipelineOptions options) {
        this.store = store;
        this.codec = codec;
        this.target = target;
        this.options = options;
        this.evaluation = new EditEvaluation(store, codec, check);
        this.audit = new EditAudit(codec, options.clock());
        this.answers = new EditAnswers(store.audit(), audit);
        this.commit = new DraftCommit(store, codec, options, audit);
        this.trial = new Trial(store, options);
    }

    CurrentConfig current() {
        return current;
    }

    Optional<PendingConfirm> trial() {
        return trial.underWay();
    }

    /** Reads the newest stored revision; gives the reason if this version cannot read it. */
    Optional<EditResult.Rejected> load() {
        StoredConfig stored = store.load();
        List<ConfigProblem> problems = new ArrayList<>();
        ProxyConfig config = ProxyConfig.empty();
        LastChanged lastChanged = LastChanged.NONE;
        for (Map.Entry<ResourceKey, StoredResource> entry : stored.resources().entrySet()) {
            try {
                config = ConfigParts.with(
                        config, codec.fromJson(entry.getKey(), entry.getValue().json()));
                lastChanged = lastChanged.with(entry.getKey(), entry.getValue().lastChanged());
            } catch (IllegalArgumentException unreadable) {
                problems.add(EditEvaluation.unreadable(entry.getKey(), stored.revision(), unreadable));
            }
        }
        if (!problems.isEmpty()) {
            return Optional.of(new EditResult.Refused(problems));
        }
        current = new CurrentConfig(stored.revision(), config, lastChanged);
        trial.load();
        return Optional.empty();
    }

    /** The outcome of the first publication. */
    sealed interface Boot {}

    record Booted(ConfigTarget.Publication publication, Optional<EditResult> first) implements Boot {}

    record NotBooted(EditResult.Rejected reason) implements Boot {}

    /** Brings the loaded state up to date and publishes it once: workers never see what only led there. */
    Boot boot(Optional<Edit> first) {
        Draft draft = new Draft(current, store.nextRevision());
        ConfirmChange confirm = new ConfirmChange.Keep();
        if (current.revision() == 0) {
            ProxyConfig initial = ProxyConfig.initial();
            Edit edit = SystemEdits.initial(initial);
            draft.add(Optional.empty(), edit, initial, ConfigParts.diff(ProxyConfig.empty(), initial), List.of());
        }
        if (trial().isPresent()) {
            PendingConfirm cutShort = trial().get();
            LOG.warn(
                    "Revision {} was not confirmed before its process ended; revision {} comes back",
                    cutShort.revision(),
                    cutShort.revertTo());
            Edit revert = SystemEdits.revert(cutShort, "its process ended before it was confirmed");
            switch (evaluation.judge(revert, draft.state())) {
                case EditEvaluation.Acceptable accepted ->
                    draft.add(Optional.empty(), revert, accepted.next(), accepted.changes(), accepted.warnings());
                case EditEvaluation.Ended ended -> {
                    if (ended.result() instanceof EditResult.Rejected reason) {
                        return new NotBooted(reason);
                    }
                }
            }
            confirm = new ConfirmChange.End();
        }
        Optional<EditResult> firstEnded = Optional.empty();
        if (first.isPresent()) {
            switch (evaluation.judge(first.get(), draft.state())) {
                case EditEvaluation.Acceptable accepted ->
                    draft.add(Optional.empty(), first.get(), accepted.next(), accepted.changes(), accepted.warnings());
                case EditEvaluation.Ended ended -> {
                    if (ended.result() instanceof EditResult.Rejected reason) {
                        return new NotBooted(reason);
                    }
                    firstEnded = Optional.of(ended.result());
                }
            }
        }
        return publishFirst(draft, confirm, first.isPresent(), firstEnded);
    }

    private Boot publishFirst(Draft draft, ConfirmChange confirm, boolean hasFirst, Optional<EditResult> firstEnded) {
        switch (target.prepare(draft.state().config())) {
            case ConfigTarget.NotReady notReady -> {
                return new NotBooted(new EditResult.Refused(notReady.problems()));
            }
            case ConfigTarget.Ready ready -> {
                if (!draft.isEmpty() || confirm instanceof ConfirmChange.End) {
                    Optional<EditResult.StoreFailed> failed = commit.commit(draft, confirm);
                    if (failed.isPresent()) {
                        target.discard(ready.prepared());
                        return new NotBooted(failed.get());
                    }
                }
                trial.committed(Optional.empty(), Optional.empty());
                CurrentConfig state = draft.state();
                ConfigTarget.Publication publication = target.publish(ready.prepared(), state.revision());
                current = state;
                Optional<EditResult> result = firstEnded.isPresent() || !hasFirst
                        ? firstEnded
                        : Optional.of(draft.applied(draft.last(), publication, Optional.empty()));
                return new Booted(publication, result);
            }
        }
    }

    /** Makes what waits, in order. */
    void make(List<Waiting> batch) {
        List<Waiting.ForEdit> together = new ArrayList<>();
        for (Waiting next : batch) {
            if (next instanceof Waiting.ForEdit edit && edit.isShareable()) {
                together.add(edit);
                continue;
            }
            makeTogether(together);
            together.clear();
            switch (next) {
                case Waiting.ForConfirm confirm -> trial.confirm(confirm);
                case Waiting.ForEdit edit -> {
                    if (edit.edit().dryRun()) {
                        dryRun(edit);
                    } else {
                        makeTogether(List.of(edit));
                    }
                }
            }
        }
        makeTogether(together);
    }

    /** Takes the revision on trial back if its time is over. */
    void endTrialIfDue() {
        trial.due().ifPresent(this::endTrial);
    }

    private void endTrial(PendingConfirm over) {
        CompletableFuture<EditResult> done = new CompletableFuture<>();
        makeTogether(List.of(new Waiting.ForEdit(SystemEdits.revert(over, "it was not confirmed in time"), done)));
        EditResult result = done.getNow(new EditResult.Stopping());
        switch (result) {
            case EditResult.Applied applied ->
                LOG.warn(
                        "Revision {} was not confirmed in time; revision {} brings back what was before",
                        over.revision(),
                        applied.revision());
            case EditResult.Unchanged unchanged -> trial.end(over);
            default -> {
                LOG.error(
                        "Revision {} was not confirmed in time and could not be taken back yet: {}",
                        over.revision(),
                        result);
                trial.retryLater();
            }
        }
    }

    private void makeTogether(List<Waiting.ForEdit> edits) {
        if (edits.isEmpty()) {
            return;
        }
        Draft draft = new Draft(current, store.nextRevision());
        List<EditVerdict> verdicts = new ArrayList<>(edits.size());
        for (Waiting.ForEdit waiting : edits) {
            EditEvaluation.Judgement judgement;
            try {
                judgement = judge(waiting.edit(), draft);
            } catch (RuntimeException bug) {
                LOG.error(
                        "An edit of {} failed by a fault of ours",
                        waiting.edit().target(),
                        bug);
                waiting.done().completeExceptionally(bug);
                continue;
            }
            boolean rests = !draft.isEmpty();
            switch (judgement) {
                case EditEvaluation.Ended ended -> verdicts.add(new EditVerdict(waiting, ended.result(), rests));
                case EditEvaluation.Acceptable accepted ->
                    draft.add(
                            Optional.of(waiting),
                            waiting.edit(),
                            accepted.next(),
                            accepted.changes(),
                            accepted.warnings());
            }
        }
        if (draft.isEmpty()) {
            verdicts.forEach(answers::settle);
            return;
        }
        switch (target.prepare(draft.state().config())) {
            case ConfigTarget.NotReady notReady -> {
                if (edits.size() == 1) {
                    answers.settle(
                            new EditVerdict(edits.getFirst(), new EditResult.Refused(notReady.problems()), false));
                } else {
                    // One of them cannot be served, and which one only shows alone.
                    edits.forEach(each -> makeTogether(List.of(each)));
                }
            }
            case ConfigTarget.Ready ready -> {
                draft.warn(ready.warnings());
                commitAndPublish(draft, ready.prepared(), verdicts);
            }
        }
    }

    /** Judges one edit; whatever goes wrong with it is its own. */
    private EditEvaluation.Judgement judge(Edit edit, Draft draft) {
        try {
            return judgeOpen(edit, draft);
        } catch (StoreRefused refused) {
            return new EditEvaluation.Ended(new EditResult.StoreFailed(refused.problem()));
        }
    }

    private EditEvaluation.Judgement judgeOpen(Edit edit, Draft draft) {
        if (edit.key().isPresent()) {
            Optional<KeyUse> used = draft.keyUse(edit)
                    .or(() -> store.keyUse(
                            edit.actor(),
                            edit.key().get().key(),
                            options.clock().instant()));
            if (used.isPresent()) {
                boolean same = used.get().fingerprint().equals(edit.key().get().fingerprint());
                return new EditEvaluation.Ended(
                        same
                                ? new EditResult.Replayed(used.get().revision())
                                : new EditResult.KeyReused(edit.key().get().key()));
            }
        }
        Optional<PendingConfirm> pending = trial();
        if (pending.isPresent() && !edit.dryRun() && !SystemEdits.endsTrial(edit)) {
            return new EditEvaluation.Ended(new EditResult.TrialUnderWay(pending.get()));
        }
        return evaluation.judge(edit, draft.state());
    }

    private void commitAndPublish(Draft draft, ConfigTarget.Prepared prepared, List<EditVerdict> verdicts) {
        Optional<PendingConfirm> begun = draft.trial(options.clock().instant());
        ConfirmChange confirm = begun.<ConfirmChange>map(ConfirmChange.Begin::new)
                .orElse(trial().isPresent() ? new ConfirmChange.End() : new ConfirmChange.Keep());
        Optional<EditResult.StoreFailed> failed;
        try {
            failed = commit.commit(draft, confirm);
        } catch (RuntimeException bug) {
            target.discard(prepared);
            throw bug;
        }
        if (failed.isPresent()) {
            target.discard(prepared);
            EditResult.StoreFailed reason = failed.get();
            LOG.error("A revision was not stored: {}", reason.problem().text());
            draft.parts()
                    .forEach(
                            part -> part.waiting().ifPresent(each -> each.done().complete(reason)));
            // What was judged on top of an edit that failed was judged on what is not true.
            verdicts.forEach(verdict -> answers.settle(verdict.rests() ? verdict.with(reason) : verdict));
            return;
        }
        CurrentConfig state = draft.state();
        trial.committed(begun, draft.confirmWithin());
        ConfigTarget.Publication publication = target.publish(prepared, state.revision());
        current = state;
        draft.parts()
                .forEach(part -> part.waiting()
                        .ifPresent(each -> each.done().complete(draft.applied(part, publication, begun))));
        verdicts.forEach(answers::settle);
    }

    private void dryRun(Waiting.ForEdit waiting) {
        Draft draft = new Draft(current, store.nextRevision());
        switch (judge(waiting.edit(), draft)) {
            case EditEvaluation.Ended ended -> answers.settle(new EditVerdict(waiting, ended.result(), false));
            case EditEvaluation.Acceptable accepted -> {
                switch (target.prepare(accepted.next())) {
                    case ConfigTarget.NotReady notReady ->
                        answers.settle(new EditVerdict(waiting, new EditResult.Refused(notReady.problems()), false));
                    case ConfigTarget.Ready ready -> {
                        target.discard(ready.prepared());
                        answers.answerAudited(
                                waiting,
                                new EditResult.WouldApply(
                                        store.nextRevision(),
                                        accepted.next(),
                                        accepted.changes(),
                                        Draft.merged(accepted.warnings(), ready.warnings())),
                                audit.event(
                                        waiting.edit(),
                                        AuditEvent.Outcome.DRY_RUN,
                                        Optional.empty(),
                                        Optional.empty(),
                                        accepted.changes()));
                    }
                }
            }
        }
    }
}
