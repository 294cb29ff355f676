package io.penstock.admin.store;

import static io.penstock.admin.store.StoreFixture.NOW;
import static io.penstock.admin.store.StoreFixture.put;
import static io.penstock.admin.store.StoreFixture.remove;
import static io.penstock.admin.store.StoreFixture.route;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteConfigStoreTest {

    @TempDir
    private Path folder;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(folder.resolve("data"));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void beginsEmptyWhereNothingWasStored() {
        StoredConfig loaded = fixture.store().load();

        assertThat(loaded.isEmpty()).isTrue();
        assertThat(fixture.store().nextRevision()).isEqualTo(1);
        assertThat(fixture.recovery()).isEmpty();
    }

    @Test
    void loadsTheNewestRevisionAfterBeingClosedAndOpened() {
        fixture.commit(put("a", "1"), put("b", "1"));
        fixture.commit(put("a", "2"), remove("b"), put("c", "1"));

        StoredConfig loaded = fixture.reopen().load();

        assertThat(loaded.revision()).isEqualTo(2);
        assertThat(loaded.resources().keySet()).containsExactly(route("a"), route("c"));
        assertThat(StoreFixture.json(loaded, "a")).contains("\"value\":\"2\"");
    }

    @Test
    void remembersForEachResourceWhichRevisionLastChangedIt() {
        fixture.commit(put("a", "1"), put("b", "1"));
        fixture.commit(put("b", "2"));

        StoredConfig loaded = fixture.reopen().load();

        assertThat(StoreFixture.lastChanged(loaded, "a")).isEqualTo(1);
        assertThat(StoreFixture.lastChanged(loaded, "b")).isEqualTo(2);
    }

    @Test
    void fillsInWhatWasThereBefore() {
        fixture.commit(put("a", "1"));
        fixture.commit(put("a", "2"), put("b", "1"));

        RevisionRecord record = fixture.store().record(2).orElseThrow();

        assertThat(record.changes().getFirst().before().orElseThrow()).contains("\"value\":\"1\"");
        assertThat(record.changes().getLast().isCreation()).isTrue();
        assertThat(record.actor()).isEqualTo("token:test");
    }

    @Test
    void givesEqualContentsEqualHashes() {
        fixture.commit(put("a", "1"));
        fixture.commit(put("a", "2"));
        fixture.commit(put("a", "1"));

        List<RevisionSummary> all =
                fixture.store().revisions(Optional.empty(), 10).items();

        assertThat(all.get(0).contentHash()).isEqualTo(all.get(2).contentHash());
        assertThat(all.get(0).contentHash()).isNotEqualTo(all.get(1).contentHash());
        assertThat(all.get(0).chainHash()).isNotEqualTo(all.get(2).chainHash());
    }

    @Test
    void listsRevisionsNewestFirstByPages() {
        for (int i = 0; i < 5; i++) {
            fixture.commit(put("a", "v" + i));
        }

        Page<RevisionSummary> first = fixture.store().revisions(Optional.empty(), 2);
        Page<RevisionSummary> second = fixture.store().revisions(first.nextCursor(), 2);
        Page<RevisionSummary> third = fixture.store().revisions(second.nextCursor(), 2);

        assertThat(StoreFixture.numbers(first)).containsExactly(5L, 4L);
        assertThat(StoreFixture.numbers(second)).containsExactly(3L, 2L);
        assertThat(StoreFixture.numbers(third)).containsExactly(1L);
        assertThat(third.nextCursor()).isEmpty();
    }

    @Test
    void comparesRevisionsNetInBothDirections() {
        fixture.commit(put("a", "1"), put("b", "1"));
        fixture.commit(put("a", "2"), put("c", "1"));
        fixture.commit(put("a", "1"), remove("b"), remove("c"));

        List<ResourceChange> forward = fixture.store().diff(1, 3).orElseThrow();
        List<ResourceChange> backward = fixture.store().diff(3, 1).orElseThrow();

        assertThat(forward).hasSize(1);
        assertThat(forward.getFirst().isRemoval()).isTrue();
        assertThat(backward).hasSize(1);
        assertThat(backward.getFirst().isCreation()).isTrue();
        assertThat(fixture.store().diff(1, 9)).isEmpty();
    }

    @Test
    void refusesANumberThatDoesNotRise() {
        fixture.commit(put("a", "1"));

        assertThatThrownBy(() -> fixture.store()
                        .commit(new StoreCommit(
                                List.of(new NewRevision(1, NOW, "x", Optional.empty(), "edit", List.of(put("a", "2")))),
                                List.of(),
                                new ConfirmChange.Keep(),
                                List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the next is 2");
        assertThat(fixture.store().load().revision()).isEqualTo(1);
    }

    @Test
    void keepsAllOfACommitOrNothing() {
        fixture.commit(put("a", "1"));
        StoreCommit second = new StoreCommit(
                List.of(
                        new NewRevision(2, NOW, "x", Optional.empty(), "edit", List.of(put("a", "2"))),
                        new NewRevision(2, NOW, "x", Optional.empty(), "edit", List.of(put("a", "3")))),
                List.of(),
                new ConfirmChange.Keep(),
                List.of());

        assertThatThrownBy(() -> fixture.store().commit(second)).isInstanceOf(IllegalArgumentException.class);

        StoredConfig loaded = fixture.reopen().load();
        assertThat(loaded.revision()).isEqualTo(1);
        assertThat(StoreFixture.json(loaded, "a")).contains("\"value\":\"1\"");
    }

    @Test
    void keepsTheRevisionOnTrialOverARestart() {
        PendingConfirm pending = new PendingConfirm(1, 0, NOW.plus(Duration.ofSeconds(60)), "token:test");
        fixture.store()
                .commit(new StoreCommit(
                        List.of(new NewRevision(1, NOW, "x", Optional.empty(), "apply", List.of(put("a", "1")))),
                        List.of(),
                        new ConfirmChange.Begin(pending),
                        List.of()));

        assertThat(fixture.reopen().pendingConfirm()).contains(pending);

        fixture.store().commit(new StoreCommit(List.of(), List.of(), new ConfirmChange.End(), List.of()));
        assertThat(fixture.reopen().pendingConfirm()).isEmpty();
    }

    @Test
    void forgetsAnIdempotencyKeyWhenItsTimeIsOver() {
        KeyUse use = new KeyUse("token:test", "k", "f", 1, NOW.plus(Duration.ofHours(24)));
        fixture.store()
                .commit(new StoreCommit(
                        List.of(new NewRevision(1, NOW, "x", Optional.empty(), "edit", List.of(put("a", "1")))),
                        List.of(),
                        new ConfirmChange.Keep(),
                        List.of(use)));

        assertThat(fixture.store().keyUse("token:test", "k", NOW)).contains(use);
        assertThat(fixture.store().keyUse("token:other", "k", NOW)).isEmpty();
        assertThat(fixture.store().keyUse("token:test", "k", NOW.plus(Duration.ofHours(25))))
                .isEmpty();
    }

    @Test
    void keepsItsFilesFromOthersEyes() throws Exception {
        fixture.commit(put("a", "1"));
        fixture.close();

        for (String name : List.of("penstock.db", "last-good.1.json", "lock")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fixture.file(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data"))))
                .isEqualTo("rwx------");
    }

    @Test
    void findsARevisionThatWasAlteredLater() throws Exception {
        for (int i = 0; i < 5; i++) {
            fixture.commit(put("a", "v" + i));
        }
        assertThat(fixture.store().verify().isSound()).isTrue();
        fixture.close();
        try (StoreConnection connection =
                StoreConnection.openForWriting(fixture.file("penstock.db"), StoreFixture.options(10_000, 100))) {
            connection.execute("UPDATE change SET after_json = '{}' WHERE revision = 3");
            connection.execute("UPDATE change SET before_json = '{}' WHERE revision = 4");
        }

        ChainVerdict verdict = fixture.store().verify();

        assertThat(verdict.brokenAt()).contains(3L);
        assertThatThrownBy(() -> fixture.store().image(3))
                .isInstanceOf(StoreRefused.class)
                .hasMessageContaining("does not match its hash");
    }

    @Nested
    final class WhenManyWrite {

        @Test
        void letsWritersShareTransactionsAndLosesNone() throws Exception {
            ConfigStore store = fixture.store();
            fixture.commit(put("a", "0"));
            List<CompletableFuture<Void>> lines = new ArrayList<>();
            try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 200; i++) {
                    int number = i;
                    lines.add(CompletableFuture.runAsync(
                            () -> store.audit()
                                    .append(StoreFixture.event(
                                            "token:" + number % 7,
                                            "config.edit",
                                            "/routes/" + number,
                                            AuditEvent.Outcome.REFUSED,
                                            Optional.empty()))
                                    .toCompletableFuture()
                                    .join(),
                            writers));
                }
            }
            CompletableFuture.allOf(lines.toArray(CompletableFuture[]::new)).get();

            assertThat(store.audit().list(AuditQuery.newest(1000)).items()).hasSize(201);
            assertThat(store.audit().verify().isSound()).isTrue();
        }

        @Test
        void answersReadsWhileWritesWait() {
            ConfigStore store = fixture.store();
            for (int i = 0; i < 50; i++) {
                fixture.commit(put("r" + i, "x"));
                assertThat(store.load().revision()).isEqualTo(i + 1);
            }
        }

        @Test
        void exportsTheLastOfThemAndOneBefore() throws Exception {
            for (int i = 0; i < 30; i++) {
                fixture.commit(put("a", "v" + i));
            }
            Awaitility.await().until(() -> fixture.store().health().exportedRevision() == 30);

            List<SnapshotFile.Named> snapshots = SnapshotFile.list(folder.resolve("data"));

            assertThat(snapshots).hasSizeBetween(1, 2);
            assertThat(snapshots.getFirst().revision()).isEqualTo(30);
            assertThat(SnapshotFile.read(snapshots.getFirst().path()))
                    .isEqualTo(fixture.store().load());
        }
    }

    @Nested
    final class WhenPruning {

        @Test
        void keepsTheNewestRevisionsAndCanStillReadEachOfThem() {
            fixture.with(StoreFixture.options(20, 5));
            for (int i = 1; i <= 200; i++) {
                fixture.commit(put("a", "v" + i), put("r" + i % 9, "w" + i));
            }
            fixture.reopen();
            Awaitility.await()
                    .until(() -> fixture.store()
                                    .revisions(Optional.empty(), 1000)
                                    .items()
                                    .size()
                            == 20);

            assertThat(fixture.store().image(180)).isEmpty();
            for (long number = 181; number <= 200; number++) {
                StoredConfig image = fixture.store().image(number).orElseThrow();
                assertThat(StoreFixture.json(image, "a")).contains("\"v" + number + "\"");
                assertThat(StoreFixture.lastChanged(image, "a")).isEqualTo(number);
            }
            assertThat(fixture.store().verify().isSound()).isTrue();
            assertThat(fixture.store().verify().checked()).isEqualTo(20);
        }

        @Test
        void dropsWhatIsOlderThanItsAgeButNeverTheNewest() {
            fixture.commit(put("a", "1"));
            fixture.commit(put("a", "2"));
            fixture.at(NOW.plus(Duration.ofDays(91)));
            fixture.reopen();

            Awaitility.await()
                    .until(() -> fixture.store()
                                    .revisions(Optional.empty(), 10)
                                    .items()
                                    .size()
                            == 1);
            assertThat(fixture.store().load().revision()).isEqualTo(2);
            assertThat(fixture.reopen().load().resources()).hasSize(1);
        }

        @Test
        void keepsTheAuditChainVerifiable() {
            fixture.with(StoreFixture.options(10_000, 100).withAuditLinesMax(100));
            for (int i = 1; i <= 400; i++) {
                fixture.commit(put("a", "v" + i));
            }
            fixture.reopen();
            Awaitility.await()
                    .until(() -> fixture.store()
                                    .audit()
                                    .list(AuditQuery.newest(1000))
                                    .items()
                                    .size()
                            <= 100 + Retention.SLACK);

            ChainVerdict verdict = fixture.store().audit().verify();

            assertThat(verdict.isSound()).isTrue();
            assertThat(verdict.checked()).isBetween(100L, 164L);
        }
    }
}
