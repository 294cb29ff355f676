package io.penstock.admin.revision;

import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.ConfirmChange;
import io.penstock.admin.store.PendingConfirm;
import io.penstock.admin.store.StoreCommit;
import io.penstock.admin.store.StoreRefused;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revision that is taken back unless somebody confirms it in time: whether there is one, and until when.
 *
 * <p>Only the pipeline's thread; {@link #underWay} may be read by any.
 */
final class Trial {
    private static final Logger LOG = LoggerFactory.getLogger(Trial.class);
    private static final long RETRY_NS = Duration.ofSeconds(1).toNanos();

    private final ConfigStore store;
    private final PipelineOptions options;
    private volatile Optional<PendingConfirm> underWay = Optional.empty();

    // Only while one is under way.
    private long endsNs;

    Trial(ConfigStore store, PipelineOptions options) {
        this.store = store;
        this.options = options;
    }

    Optional<PendingConfirm> underWay() {
        return underWay;
    }

    /** Reads whether one was under way when the process before ended. */
    void load() {
        underWay = store.pendingConfirm();
    }

    /** What a commit brought, which is stored already: a trial with its time, or the end of one. */
    void committed(Optional<PendingConfirm> begun, Optional<Duration> within) {
        underWay = begun;
        within.ifPresent(time -> endsNs = options.nanoClock().getAsLong() + time.toNanos());
    }

    /** The trial whose time is over. */
    Optional<PendingConfirm> due() {
        return underWay.filter(pending -> endsNs - options.nanoClock().getAsLong() <= 0);
    }

    /** It could not be taken back: it is due again in a while. */
    void retryLater() {
        endsNs = options.nanoClock().getAsLong() + RETRY_NS;
    }

    /** Keeps the revision on trial, by somebody's wish. */
    void confirm(Waiting.ForConfirm confirm) {
        Optional<PendingConfirm> pending = underWay;
        if (pending.isEmpty()
                || (confirm.revision().isPresent()
                        && confirm.revision().getAsLong() != pending.get().revision())) {
            confirm.done().complete(new EditResult.NothingToConfirm(pending));
            return;
        }
        long revision = pending.get().revision();
        AuditEvent line = new AuditEvent(
                options.clock().instant(),
                confirm.actor(),
                confirm.source(),
                "config.confirm",
                "/config/revisions/" + revision,
                AuditEvent.Outcome.APPLIED,
                Optional.of(revision),
                confirm.note(),
                Optional.empty(),
                Optional.empty());
        try {
            store.commit(new StoreCommit(List.of(), List.of(line), new ConfirmChange.End(), List.of()));
            underWay = Optional.empty();
            confirm.done().complete(new EditResult.Confirmed(revision));
        } catch (StoreRefused refused) {
            confirm.done().complete(new EditResult.StoreFailed(refused.problem()));
        }
    }

    /** Ends one whose revision left nothing to take back. */
    void end(PendingConfirm over) {
        try {
            store.commit(new StoreCommit(List.of(), List.of(), new ConfirmChange.End(), List.of()));
            underWay = Optional.empty();
        } catch (StoreRefused refused) {
            LOG.error("The trial of revision {} could not be ended yet: {}", over.revision(), refused.getMessage());
            retryLater();
        }
    }
}
