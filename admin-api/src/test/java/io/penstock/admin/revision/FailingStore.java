package io.penstock.admin.revision;

import io.penstock.admin.store.AuditLog;
import io.penstock.admin.store.ChainVerdict;
import io.penstock.admin.store.ConfigStore;
import io.penstock.admin.store.KeptAnswer;
import io.penstock.admin.store.KeyUse;
import io.penstock.admin.store.OverrideRecords;
import io.penstock.admin.store.Page;
import io.penstock.admin.store.PendingConfirm;
import io.penstock.admin.store.PluginRecords;
import io.penstock.admin.store.ResourceChange;
import io.penstock.admin.store.RevisionRecord;
import io.penstock.admin.store.RevisionSummary;
import io.penstock.admin.store.RoleRecords;
import io.penstock.admin.store.StoreCommit;
import io.penstock.admin.store.StoreHealth;
import io.penstock.admin.store.StoreProblem;
import io.penstock.admin.store.StoreRefused;
import io.penstock.admin.store.StoredConfig;
import io.penstock.admin.store.TokenRecords;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A real store whose disk can be full. */
final class FailingStore implements ConfigStore {

    private final ConfigStore real;
    private volatile boolean isFull;

    FailingStore(ConfigStore real) {
        this.real = real;
    }

    void setFull(boolean full) {
        isFull = full;
    }

    @Override
    public List<RevisionRecord> commit(StoreCommit commit) {
        if (isFull) {
            throw new StoreRefused(new StoreProblem(StoreProblem.Kind.DISK_FULL, "full", "here", "free space"));
        }
        return real.commit(commit);
    }

    @Override
    public StoredConfig load() {
        return real.load();
    }

    @Override
    public long revision() {
        return real.revision();
    }

    @Override
    public long nextRevision() {
        return real.nextRevision();
    }

    @Override
    public Optional<StoredConfig> image(long revision) {
        return real.image(revision);
    }

    @Override
    public Optional<RevisionRecord> record(long revision) {
        return real.record(revision);
    }

    @Override
    public Optional<List<ResourceChange>> diff(long from, long to) {
        return real.diff(from, to);
    }

    @Override
    public Page<RevisionSummary> revisions(Optional<String> cursor, int limit) {
        return real.revisions(cursor, limit);
    }

    @Override
    public Optional<PendingConfirm> pendingConfirm() {
        return real.pendingConfirm();
    }

    @Override
    public Optional<KeyUse> keyUse(String actor, String key, Instant now) {
        return real.keyUse(actor, key, now);
    }

    @Override
    public Optional<KeptAnswer> keptAnswer(String owner, String key, Instant now) {
        return real.keptAnswer(owner, key, now);
    }

    @Override
    public RoleRecords roles() {
        return real.roles();
    }

    @Override
    public OverrideRecords overrides() {
        return real.overrides();
    }

    @Override
    public PluginRecords plugins() {
        return real.plugins();
    }

    @Override
    public ChainVerdict verify() {
        return real.verify();
    }

    @Override
    public void copyTo(Path target) {
        real.copyTo(target);
    }

    @Override
    public AuditLog audit() {
        return real.audit();
    }

    @Override
    public TokenRecords tokens() {
        return real.tokens();
    }

    @Override
    public StoreHealth health() {
        return real.health();
    }

    @Override
    public void close() {
        real.close();
    }
}
