package io.penstock.admin.revision;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.AuditLog;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers edits that made no revision. What is answered is in the audit log by then. */
final class EditAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(EditAnswers.class);

    private final AuditLog log;
    private final EditAudit audit;

    EditAnswers(AuditLog log, EditAudit audit) {
        this.log = log;
        this.audit = audit;
    }

    /** Answers an edit that made no revision, after its audit line is on the disk. */
    void settle(EditVerdict verdict) {
        Edit edit = verdict.waiting().edit();
        switch (verdict.result()) {
            case EditResult.Rejected rejected -> {
                boolean ours = rejected instanceof EditResult.StoreFailed;
                answerAudited(
                        verdict.waiting(),
                        rejected,
                        audit.event(
                                edit,
                                ours ? AuditEvent.Outcome.FAILED : AuditEvent.Outcome.REFUSED,
                                Optional.empty(),
                                Optional.of(EditAudit.reason(rejected)),
                                List.of()));
            }
            case EditResult.Unchanged unchanged -> {
                if (edit.dryRun()) {
                    answerAudited(
                            verdict.waiting(),
                            unchanged,
                            audit.event(
                                    edit,
                                    AuditEvent.Outcome.DRY_RUN,
                                    Optional.empty(),
                                    Optional.of("nothing differs"),
                                    List.of()));
                } else {
                    verdict.waiting().done().complete(unchanged);
                }
            }
            default -> verdict.waiting().done().complete(verdict.result());
        }
    }

    void answerAudited(Waiting.ForEdit waiting, EditResult result, AuditEvent line) {
        log.append(line).whenComplete((done, refused) -> {
            if (refused != null) {
                LOG.error("An audit line was not stored: {}: {}", line.action(), refused.getMessage());
            }
            waiting.done().complete(result);
        });
    }
}
