package io.penstock.admin.revision;

import io.penstock.admin.store.AuditQuery;
import io.penstock.admin.store.AuditRecord;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.DataFolderRefused;
import io.penstock.admin.store.SqliteConfigStore;
import io.penstock.admin.store.StoreOptions;
import io.penstock.admin.store.StoreUnusable;
import io.penstock.config.PathMatch;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** A pipeline with a real store, a fake engine and a clock that stands still until it is advanced. */
final class PipelineFixture implements AutoCloseable {

    static final String ACTOR = "token:test";

    final FakeCodec codec = new FakeCodec();
    FakeTarget target = new FakeTarget();

    private final Path path;
    private final AtomicLong nowNs = new AtomicLong(1_000_000_000L);
    private Optional<DataFolder> folder = Optional.empty();
    private Optional<FailingStore> store = Optional.empty();
    private Optional<RevisionPipeline> pipeline = Optional.empty();

    PipelineFixture(Path path) {
        this.path = path;
    }

    StartResult start(Optional<Edit> first) {
        try {
            folder = Optional.of(DataFolder.hold(path));
            store = Optional.of(new FailingStore(SqliteConfigStore.open(folder.get(), StoreOptions.defaults(), clock())
                    .store()));
            StartResult result = RevisionPipeline.start(
                    store.get(),
                    codec,
                    target,
                    ConfigCheck.standard(),
                    PipelineOptions.defaults().withClocks(clock(), nowNs::get),
                    first);
            if (result instanceof StartResult.Started started) {
                pipeline = Optional.of(started.pipeline());
            }
            return result;
        } catch (DataFolderRefused | StoreUnusable failed) {
            throw new IllegalStateException(failed);
        }
    }

    StartResult restart() {
        close();
        target = new FakeTarget();
        return start(Optional.empty());
    }

    private static Clock clock() {
        return Clock.fixed(Instant.parse("2026-11-20T12:00:00Z"), ZoneOffset.UTC);
    }

    void advance(Duration by) {
        nowNs.addAndGet(by.toNanos());
    }

    RevisionPipeline pipeline() {
        return pipeline.orElseThrow();
    }

    FailingStore store() {
        return store.orElseThrow();
    }

    List<AuditRecord> auditLines() {
        return store().audit().list(AuditQuery.newest(100)).items();
    }

    EditResult submit(Edit edit) {
        return await(pipeline().submit(edit));
    }

    EditResult put(Resource... resources) {
        EditOperation[] steps = new EditOperation[resources.length];
        for (int i = 0; i < resources.length; i++) {
            steps[i] = new EditOperation.Put(resources[i], Precondition.unconditional());
        }
        return submit(edit(steps));
    }

    static EditResult await(CompletionStage<EditResult> stage) {
        try {
            return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failed) {
            throw new IllegalStateException(failed);
        }
    }

    static Edit edit(EditOperation... steps) {
        return Edit.of(ACTOR, ChangeAuthority.all(), "edit", "/config", steps);
    }

    static RouteConfig route(String name, int status) {
        return routeBuilder(name, status).build();
    }

    static RouteConfig.Builder routeBuilder(String name, int status) {
        return RouteConfig.named(name)
                .matches(RouteMatch.of(PathMatch.prefix("/" + name)))
                .respond(new RespondConfig(
                        status,
                        RespondConfig.DEFAULTS.body(),
                        RespondConfig.DEFAULTS.contentType(),
                        RespondConfig.DEFAULTS.headers()));
    }

    static RouteConfig routeTo(String name, String service) {
        return RouteConfig.named(name)
                .matches(RouteMatch.of(PathMatch.prefix("/" + name)))
                .service(service)
                .build();
    }

    static ServiceConfig service(String name) {
        return ServiceConfig.named(name, name).build();
    }

    static UpstreamConfig upstream(String name) {
        return UpstreamConfig.named(name)
                .targets(TargetConfig.of("127.0.0.1:9000"))
                .build();
    }

    static EditOperation put(Resource resource, Precondition precondition) {
        return new EditOperation.Put(resource, precondition);
    }

    static EditOperation delete(ResourceType type, String name) {
        return new EditOperation.Delete(type, name, Precondition.unconditional());
    }

    @Override
    public void close() {
        pipeline.ifPresent(RevisionPipeline::close);
        pipeline = Optional.empty();
        store.ifPresent(FailingStore::close);
        store = Optional.empty();
        folder.ifPresent(DataFolder::close);
        folder = Optional.empty();
    }
}
