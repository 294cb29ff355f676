package io.penstock.admin.revision;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.ConfirmChange;
import io.penstock.admin.store.KeyUse;
import io.penstock.admin.store.NewRevision;
import io.penstock.admin.store.ResourceWrite;
import io.penstock.admin.store.StoreCommit;
import io.penstock.admin.store.StoreRefused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts the revisions of a draft on the disk, with their audit lines and used keys: all of it or nothing. */
final class DraftCommit {

    private final ConfigStore store;
    private final ConfigCodec codec;
    private final PipelineOptions options;
    private final EditAudit audit;

    DraftCommit(ConfigStore store, ConfigCodec codec, PipelineOptions options, EditAudit audit) {
        this.store = store;
        this.codec = codec;
        this.options = options;
        this.audit = audit;
    }

    /** Stores a draft, and what becomes of the trial with it; gives the reason if nothing was stored. */
    Optional<EditResult.StoreFailed> commit(Draft draft, ConfirmChange confirm) {
        List<NewRevision> revisions = new ArrayList<>();
        List<AuditEvent> lines = new ArrayList<>();
        List<KeyUse> keyUses = new ArrayList<>();
        Instant now = options.clock().instant();
        for (Draft.Part part : draft.parts()) {
            Edit edit = part.edit();
            long number = part.after().revision();
            revisions.add(
                    new NewRevision(number, now, edit.actor(), edit.note(), edit.cause(), writes(part.changes())));
            lines.add(audit.event(
                    edit, AuditEvent.Outcome.APPLIED, Optional.of(number), Optional.empty(), part.changes()));
            draft.keyUse(part, now.plus(options.keyLife())).ifPresent(keyUses::add);
        }
        try {
            store.commit(new StoreCommit(revisions, lines, confirm, keyUses));
            return Optional.empty();
        } catch (StoreRefused refused) {
            return Optional.of(new EditResult.StoreFailed(refused.problem()));
        }
    }

    private List<ResourceWrite> writes(List<PartChange> changes) {
        return changes.stream()
                .map(change -> new ResourceWrite(change.key(), change.after().map(codec::toJson)))
                .toList();
    }
}
