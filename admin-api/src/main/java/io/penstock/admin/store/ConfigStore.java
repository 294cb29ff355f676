package io.penstock.admin.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The durable home of the configuration: revisions, and what must be stored in one transaction with them.
 *
 * <p>Any thread; every call may block for the disk, so never a worker. A call that returns normally is durable: it was
 * flushed to the disk. A call that throws {@link StoreRefused} left nothing behind.
 */
public interface ConfigStore extends AutoCloseable {

    /** The last good revision with everything in it. */
    StoredConfig load();

    /** The newest stored revision; 0 before the first. Does not block. */
    long revision();

    /** The lowest number that the next revision may have. Does not block. */
    long nextRevision();

    /**
     * Stores revisions, audit lines, the trial and used keys: all of it or nothing.
     *
     * @return the stored revisions with what was there before, in order
     * @throws IllegalArgumentException if numbers do not rise from {@link #nextRevision} (a bug in the caller)
     */
    List<RevisionRecord> commit(StoreCommit commit);

    /** Everything that a revision held, or absent if it never was or was pruned. */
    Optional<StoredConfig> image(long revision);

    /** One revision with what it changed, or absent if it never was or was pruned. */
    Optional<RevisionRecord> record(long revision);

    /**
     * What leads from one revision to another, net: a resource that ends as it began is not in it.
     *
     * @return sorted by key; absent if either revision never was or was pruned
     */
    Optional<List<ResourceChange>> diff(long from, long to);

    /**
     * Revisions, newest first.
     *
     * @param cursor the {@code nextCursor} of the page before
     * @param limit at least 1; more than 1000 is taken as 1000
     */
    Page<RevisionSummary> revisions(Optional<String> cursor, int limit);

    /** The revision on trial, if one is. */
    Optional<PendingConfirm> pendingConfirm();

    /** The unexpired use of an idempotency key. */
    Optional<KeyUse> keyUse(String actor, String key, Instant now);

    /** The unexpired answer to a request with an idempotency key. */
    Optional<KeptAnswer> keptAnswer(String owner, String key, Instant now);

    /** Recomputes the chain of all kept revisions. */
    ChainVerdict verify();

    /**
     * Copies everything as of one moment into a file, while reads and writes go on.
     *
     * @param target empty or absent
     * @throws StoreRefused if it cannot be copied; what is in the target then is of no use
     */
    void copyTo(Path target);

    AuditLog audit();

    TokenRecords tokens();

    RoleRecords roles();

    OverrideRecords overrides();

    PluginRecords plugins();

    StoreHealth health();

    /** Finishes what waits, exports a last snapshot, closes the file. */
    @Override
    void close();
}
