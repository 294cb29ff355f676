package io.penstock.admin.revision;

import io.penstock.admin.store.AuditEvent;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.io.JsonStringEncoder;

/** What the audit log says about edits. */
final class EditAudit {

    /** Kept free for the note of how many changes did not fit. */
    private static final int TAIL_CHARS = 32;

    private final ConfigCodec codec;
    private final Clock clock;

    EditAudit(ConfigCodec codec, Clock clock) {
        this.codec = codec;
        this.clock = clock;
    }

    Instant now() {
        return clock.instant();
    }

    AuditEvent event(
            Edit edit,
            AuditEvent.Outcome outcome,
            Optional<Long> revision,
            Optional<String> detail,
            List<PartChange> changes) {
        return new AuditEvent(
                now(),
                edit.actor(),
                edit.source(),
                "config." + edit.cause(),
                edit.target(),
                outcome,
                revision,
                edit.note(),
                detail,
                changes.isEmpty() ? Optional.empty() : Optional.of(toJson(changes)));
    }

    /** Before and after of as many changes as fit into a line; the revision itself holds all of them. */
    private String toJson(List<PartChange> changes) {
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; i < changes.size(); i++) {
            String one = toJson(changes.get(i));
            if (json.length() + one.length() + TAIL_CHARS > AuditEvent.CHANGES_CHARS_MAX) {
                json.append(i == 0 ? "" : ",")
                        .append("{\"more\":")
                        .append(changes.size() - i)
                        .append('}');
                break;
            }
            json.append(i == 0 ? "" : ",").append(one);
        }
        return json.append(']').toString();
    }

    private String toJson(PartChange change) {
        StringBuilder json = new StringBuilder("{\"path\":\"");
        JsonStringEncoder.getInstance().quoteAsString(change.key().path(), json);
        json.append('"');
        change.before().ifPresent(part -> json.append(",\"before\":").append(codec.toShownJson(part)));
        change.after().ifPresent(part -> json.append(",\"after\":").append(codec.toShownJson(part)));
        return json.append('}').toString();
    }

    /** Why an edit was refused, in a few words. */
    static String reason(EditResult.Rejected rejected) {
        return switch (rejected) {
            case EditResult.Refused refused -> {
                var first = refused.problems().getFirst();
                int more = refused.problems().size() - 1;
                yield "invalid: " + first.documentPointer() + " " + first.code() + ": " + first.detail()
                        + (more > 0 ? " (and " + more + " more)" : "");
            }
            case EditResult.NotFound missing -> "not found: " + missing.key();
            case EditResult.Exists exists -> "exists: " + exists.key();
            case EditResult.Stale stale -> "stale: now " + stale.currentETag();
            case EditResult.PreconditionRequired required -> "If-Match missing: now " + required.currentETag();
            case EditResult.InUse inUse ->
                "in use: " + inUse.key() + " by " + inUse.usedBy().size();
            case EditResult.OwnedBy owned ->
                "owned by \"" + owned.parts().getFirst().owner() + "\": "
                        + owned.parts().getFirst().key();
            case EditResult.Forbidden forbidden ->
                "forbidden: " + forbidden.keys().getFirst();
            case EditResult.KeyReused reused -> "idempotency key used for another request";
            case EditResult.TrialUnderWay trial ->
                "revision " + trial.trial().revision() + " waits for its confirmation";
            case EditResult.NothingToConfirm nothing -> "nothing to confirm";
            case EditResult.UnknownRevision unknown -> "unknown revision " + unknown.revision();
            case EditResult.StoreFailed failed -> failed.problem().text();
            case EditResult.Busy busy -> busy.waiting() + " edits wait already";
            case EditResult.Stopping stopping -> "stopping";
        };
    }
}
