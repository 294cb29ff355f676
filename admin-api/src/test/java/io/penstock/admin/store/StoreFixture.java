package io.penstock.admin.store;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A store in a folder of a test, opened, closed and opened again. */
final class StoreFixture implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    private final Path path;
    private StoreOptions options = options(10_000, 100);
    private Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    private Optional<DataFolder> folder = Optional.empty();
    private Optional<OpenedStore> opened = Optional.empty();

    StoreFixture(Path path) {
        this.path = path;
    }

    static StoreOptions options(int revisionsMax, int imageEvery) {
        return new StoreOptions(
                1024,
                revisionsMax,
                Duration.ofDays(90),
                imageEvery,
                1_000_000,
                Duration.ZERO,
                Duration.ofSeconds(5),
                OptionalLong.empty());
    }

    StoreFixture with(StoreOptions other) {
        options = other;
        return this;
    }

    StoreFixture at(Instant now) {
        clock = Clock.fixed(now, ZoneOffset.UTC);
        return this;
    }

    /** Opens it if it is not open. */
    ConfigStore store() {
        try {
            if (opened.isEmpty()) {
                folder = Optional.of(DataFolder.hold(path));
                opened = Optional.of(SqliteConfigStore.open(folder.get(), options, clock));
            }
            return opened.get().store();
        } catch (DataFolderRefused | StoreUnusable failed) {
            close();
            throw new IllegalStateException(failed);
        }
    }

    ConfigStore reopen() {
        close();
        return store();
    }

    Optional<StoreRecovery> recovery() {
        store();
        return opened.orElseThrow().recovery();
    }

    Path file(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        opened.ifPresent(each -> each.store().close());
        opened = Optional.empty();
        folder.ifPresent(DataFolder::close);
        folder = Optional.empty();
    }

    /** Commits one revision that makes these writes; gives its number. */
    long commit(ResourceWrite... writes) {
        return commit(store(), NOW, writes);
    }

    static long commit(ConfigStore store, Instant at, ResourceWrite... writes) {
        long number = store.nextRevision();
        store.commit(new StoreCommit(
                List.of(new NewRevision(number, at, "token:test", Optional.empty(), "edit", List.of(writes))),
                List.of(line(number)),
                new ConfirmChange.Keep(),
                List.of()));
        return number;
    }

    static AuditEvent line(long revision) {
        return event("token:test", "config.edit", "/routes/r", AuditEvent.Outcome.APPLIED, Optional.of(revision));
    }

    static AuditEvent event(
            String actor, String action, String target, AuditEvent.Outcome outcome, Optional<Long> revision) {
        return new AuditEvent(
                NOW,
                actor,
                Optional.of("127.0.0.1"),
                action,
                target,
                outcome,
                revision,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static ResourceKey route(String name) {
        return new ResourceKey("routes", name);
    }

    static ResourceWrite put(String name, String value) {
        return ResourceWrite.put(route(name), "{\"name\":\"" + name + "\",\"value\":\"" + value + "\"}");
    }

    static ResourceWrite remove(String name) {
        return ResourceWrite.remove(route(name));
    }

    static String json(StoredConfig config, String name) {
        return Objects.requireNonNull(config.resources().get(route(name)), name).json();
    }

    static long lastChanged(StoredConfig config, String name) {
        return Objects.requireNonNull(config.resources().get(route(name)), name).lastChanged();
    }

    /** The JSON of everything, by key. */
    static Map<ResourceKey, String> texts(StoredConfig config) {
        Map<ResourceKey, String> texts = new TreeMap<>();
        config.resources().forEach((key, resource) -> texts.put(key, resource.json()));
        return texts;
    }

    static List<Long> numbers(Page<RevisionSummary> page) {
        List<Long> numbers = new ArrayList<>();
        page.items().forEach(each -> numbers.add(each.number()));
        return numbers;
    }
}
