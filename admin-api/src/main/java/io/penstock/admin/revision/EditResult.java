package io.penstock.admin.revision;

import io.penstock.admin.store.PendingConfirm;
import io.penstock.admin.store.ResourceKey;
import io.penstock.admin.store.StoreProblem;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceUse;
import java.util.List;
import java.util.Optional;

/** How an edit ended. */
public sealed interface EditResult {

    /**
     * Stored, flushed to the disk, and given to the workers.
     *
     * @param revision what was made
     * @param config everything as of that revision
     * @param changes what it changed, by type and name
     * @param publication the adoption by the workers, under way
     * @param trial present if the revision waits for its confirmation
     */
    record Applied(
            long revision,
            ProxyConfig config,
            List<PartChange> changes,
            List<ConfigWarning> warnings,
            ConfigTarget.Publication publication,
            Optional<PendingConfirm> trial)
            implements EditResult {
        public Applied {
            changes = List.copyOf(changes);
            warnings = List.copyOf(warnings);
        }
    }

    /** A dry run that would be applied. */
    record WouldApply(long wouldBeRevision, ProxyConfig config, List<PartChange> changes, List<ConfigWarning> warnings)
            implements EditResult {
        public WouldApply {
            changes = List.copyOf(changes);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Nothing differs: no revision was made.
     *
     * @param revision the newest
     */
    record Unchanged(long revision, ProxyConfig config, List<ConfigWarning> warnings) implements EditResult {
        public Unchanged {
            warnings = List.copyOf(warnings);
        }
    }

    /** The idempotency key was used for this very request before; this is what it made then. */
    record Replayed(long revision) implements EditResult {}

    /** The trial ended well: the revision stays. */
    record Confirmed(long revision) implements EditResult {}

    /** Nothing was changed. */
    sealed interface Rejected extends EditResult {}

    /** The configuration would not be valid, or the engine cannot serve it: 422. */
    record Refused(List<ConfigProblem> problems) implements Rejected {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /** What should be patched or removed is not there: 404. */
    record NotFound(ResourceKey key) implements Rejected {}

    /** What should be new is there already: 412. */
    record Exists(ResourceKey key, long lastChanged) implements Rejected {
        public String currentETag() {
            return etag(lastChanged);
        }
    }

    /**
     * Someone changed it meanwhile: 412.
     *
     * @param key absent if the whole configuration is meant
     * @param lastChanged the revision that last changed it; 0 if it is not there
     */
    record Stale(Optional<ResourceKey> key, long lastChanged) implements Rejected {
        public String currentETag() {
            return etag(lastChanged);
        }
    }

    /** {@code If-Match} is missing: 428. */
    record PreconditionRequired(Optional<ResourceKey> key, long lastChanged) implements Rejected {
        public String currentETag() {
            return etag(lastChanged);
        }
    }

    /** Others refer to what should be removed: 409 {@code in-use}. */
    record InUse(ResourceKey key, List<ResourceUse> usedBy) implements Rejected {
        public InUse {
            usedBy = List.copyOf(usedBy);
        }
    }

    /** It belongs to another document: 409 {@code owned-by}. */
    record OwnedBy(List<OwnedPart> parts) implements Rejected {
        public OwnedBy {
            parts = List.copyOf(parts);
        }
    }

    /** A part and the document it belongs to. */
    record OwnedPart(ResourceKey key, String owner) {}

    /** The actor's token does not allow it: 403. */
    record Forbidden(List<ResourceKey> keys) implements Rejected {
        public Forbidden {
            keys = List.copyOf(keys);
        }
    }

    /** The idempotency key belongs to another request: 422. */
    record KeyReused(String key) implements Rejected {}

    /** A revision on trial waits for its confirmation; nothing is built on it before: 409. */
    record TrialUnderWay(PendingConfirm trial) implements Rejected {}

    /** There is no trial, or it is another revision's: 409. */
    record NothingToConfirm(Optional<PendingConfirm> trial) implements Rejected {}

    /** The revision never was, or was pruned: 404. */
    record UnknownRevision(long revision) implements Rejected {}

    /** The store did not take it; traffic is untouched: 507 if the disk is full, else 503. */
    record StoreFailed(StoreProblem problem) implements Rejected {}

    /** Too many edits wait already: 503 with {@code Retry-After}. */
    record Busy(int waiting) implements Rejected {}

    /** The process is stopping: 503. */
    record Stopping() implements Rejected {}

    /** The {@code ETag} of something last changed by this revision. */
    static String etag(long revision) {
        return "\"r" + revision + "\"";
    }
}
