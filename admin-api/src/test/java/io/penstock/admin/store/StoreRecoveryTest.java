package io.penstock.admin.store;

import static io.penstock.admin.store.StoreFixture.put;
import static io.penstock.admin.store.StoreFixture.remove;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that is not sound at start: what was acknowledged is served, loudly, and never an empty configuration. */
final class StoreRecoveryTest {

    private static final int REVISIONS = 30;

    @TempDir
    private Path folder;

    private StoreFixture fixture;
    private Map<ResourceKey, String> before;

    @BeforeEach
    void fill() {
        fixture = new StoreFixture(folder);
        for (int i = 1; i <= REVISIONS; i++) {
            fixture.commit(
                    put("a", "v" + i), put("r" + i, "w"), i % 4 == 0 ? remove("r" + (i - 1)) : put("b", "x" + i));
        }
        fixture.store()
                .tokens()
                .put(
                        token("t1", "digest-1"),
                        StoreFixture.event(
                                "x", "token.issue", "/tokens/t1", AuditEvent.Outcome.APPLIED, Optional.empty()),
                        Optional.empty());
        before = StoreFixture.texts(fixture.store().load());
        fixture.close();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void servesTheSnapshotWhenTheFileIsCutInHalf() throws Exception {
        try (FileChannel file = FileChannel.open(db(), StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }

        assertServesWhatWasThere(StoreRecovery.Fault.CORRUPT);
    }

    @Test
    void servesTheSnapshotWhenTheFileIsCutWithinItsFirstPage() throws Exception {
        try (FileChannel file = FileChannel.open(db(), StandardOpenOption.WRITE)) {
            file.truncate(100);
        }

        assertServesWhatWasThere(StoreRecovery.Fault.CORRUPT);
    }

    @Test
    void servesTheSnapshotWhenTheFileIsEmpty() throws Exception {
        Files.write(db(), new byte[0]);

        assertServesWhatWasThere(StoreRecovery.Fault.EMPTY);
    }

    @Test
    void servesTheSnapshotWhenTheFileIsAllZero() throws Exception {
        Files.write(db(), new byte[(int) Files.size(db())]);

        assertServesWhatWasThere(StoreRecovery.Fault.NOT_A_STORE);
    }

    @Test
    void servesTheSnapshotWhenTheFileIsGone() throws Exception {
        Files.delete(db());

        assertServesWhatWasThere(StoreRecovery.Fault.MISSING);
    }

    @Test
    void servesTheSnapshotWhenANewerVersionWroteTheFile() throws Exception {
        try (StoreConnection connection = StoreConnection.openForWriting(db(), StoreFixture.options(10_000, 100))) {
            connection.execute("PRAGMA user_version=" + (Schema.FORMAT + 1));
        }

        assertServesWhatWasThere(StoreRecovery.Fault.NEWER_FORMAT);
    }

    @Test
    void servesTheSnapshotWhenOneResourceWasAltered() throws Exception {
        try (StoreConnection connection = StoreConnection.openForWriting(db(), StoreFixture.options(10_000, 100))) {
            connection.execute("UPDATE current SET json = '{\"name\":\"b\",\"value\":\"mixed\"}' WHERE name = 'b'");
        }

        assertServesWhatWasThere(StoreRecovery.Fault.CORRUPT);
    }

    @Test
    void readsWhatIsCurrentFromAStoreWhoseHistoryIsDamaged() throws Exception {
        deleteSnapshots();
        long page;
        try (StoreConnection connection = StoreConnection.openForReading(db(), StoreFixture.options(10_000, 100))) {
            page = connection.number("SELECT rootpage FROM sqlite_master WHERE name = 'audit'");
        }
        overwrite(db(), (page - 1) * 4096, new byte[64]);

        assertThat(fixture.recovery().orElseThrow().source()).isEqualTo(StoreRecovery.Source.SALVAGED);
        assertThat(StoreFixture.texts(fixture.store().load())).isEqualTo(before);
        assertThat(fixture.store().nextRevision()).isEqualTo(REVISIONS + 1);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void neverServesAnythingElseWhateverBytesFlip(long seed) throws Exception {
        Random random = new Random(seed);
        long size = Files.size(db());
        for (int i = random.nextInt(1, 60); i > 0; i--) {
            byte[] garbage = new byte[random.nextInt(1, 9)];
            random.nextBytes(garbage);
            overwrite(db(), random.nextLong(size - garbage.length), garbage);
        }

        StoredConfig loaded = fixture.store().load();

        assertThat(StoreFixture.texts(loaded)).as("seed %s", seed).isEqualTo(before);
        assertThat(loaded.revision()).as("seed %s", seed).isEqualTo(REVISIONS);
        long next = fixture.commit(put("after", "1"));
        assertThat(next).as("seed %s", seed).isGreaterThan(REVISIONS);
        assertThat(fixture.reopen().load().revision()).as("seed %s", seed).isEqualTo(next);
        assertThat(fixture.recovery()).as("seed %s: it stays mended", seed).isEmpty();
    }

    @Test
    void fallsBackToTheGenerationBeforeWhenTheNewestSnapshotIsDamagedToo() throws Exception {
        Awaitility.await().until(() -> {
            fixture.commit(put("a", "later"));
            fixture.close();
            return SnapshotFile.list(folder).size() == 2;
        });
        List<SnapshotFile.Named> snapshots = SnapshotFile.list(folder);
        overwrite(snapshots.getFirst().path(), Files.size(snapshots.getFirst().path()) / 2, new byte[] {'#'});
        Files.write(db(), new byte[4096]);

        assertThat(fixture.recovery().orElseThrow().revision())
                .isEqualTo(snapshots.getLast().revision());
        assertThat(fixture.store().load().resources()).isNotEmpty();
    }

    @Test
    void refusesToStartRatherThanToBeginEmpty() throws Exception {
        deleteSnapshots();
        Files.write(db(), new byte[4096]);

        assertThatThrownBy(() -> fixture.store())
                .hasCauseInstanceOf(StoreUnusable.class)
                .hasMessageContaining("nothing starts")
                .hasMessageContaining("to begin empty, move");
        assertThat(db()).exists();
    }

    @Test
    void doesNotReuseNumbersThatTheLostStoreMayHaveGivenOut() throws Exception {
        Files.write(db(), new byte[0]);

        assertThat(fixture.store().nextRevision()).isEqualTo(REVISIONS + StoreOpening.NUMBERS_SKIPPED);
        assertThat(fixture.reopen().nextRevision()).isEqualTo(REVISIONS + StoreOpening.NUMBERS_SKIPPED);
    }

    @Test
    void keepsETagsOfWhatTheSnapshotHeld() throws Exception {
        Files.write(db(), new byte[0]);

        assertThat(StoreFixture.lastChanged(fixture.store().load(), "r2")).isEqualTo(2);
    }

    @Test
    void catchesUpWithItsSnapshotWhenTheEndOfTheLogWasLost() throws Exception {
        Path old = folder.resolve("old");
        Files.copy(db(), old);
        fixture.commit(put("a", "acknowledged"));
        Map<ResourceKey, String> acknowledged =
                StoreFixture.texts(fixture.store().load());
        fixture.close();
        Files.copy(old, db(), StandardCopyOption.REPLACE_EXISTING);

        assertThat(fixture.recovery().orElseThrow().fault()).isEqualTo(StoreRecovery.Fault.BEHIND);
        assertThat(StoreFixture.texts(fixture.store().load())).isEqualTo(acknowledged);
        assertThat(fixture.store().load().revision()).isEqualTo(REVISIONS + 1);
        assertThat(fixture.store().image(REVISIONS).orElseThrow().resources()).hasSize(before.size());
    }

    @Test
    void keepsTokensWhenTheStoreIsLost() throws Exception {
        Files.write(db(), new byte[0]);

        assertThat(fixture.store().tokens().all()).containsExactly(token("t1", "digest-1"));
    }

    @Test
    void letsNoTokenBackInWhenTheirCopyIsDamaged() throws Exception {
        Files.write(db(), new byte[0]);
        overwrite(TokenCopy.path(folder), 30, "####".getBytes(StandardCharsets.US_ASCII));

        assertThat(fixture.store().tokens().all()).isEmpty();
    }

    @Test
    void tellsTheWholeStory() throws Exception {
        Files.write(db(), new byte[0]);

        String text = fixture.recovery().orElseThrow().text();

        assertThat(text)
                .startsWith("STORE RECOVERED: ")
                .contains("penstock.db has no content")
                .contains("Serving revision " + REVISIONS)
                .contains("last-good." + REVISIONS + ".json")
                .contains("Moved aside: penstock.db.empty-");
    }

    private void assertServesWhatWasThere(StoreRecovery.Fault fault) throws IOException {
        boolean wasThere = Files.exists(db());

        StoreRecovery recovery = fixture.recovery().orElseThrow();
        StoredConfig loaded = fixture.store().load();

        assertThat(recovery.fault()).isEqualTo(fault);
        assertThat(recovery.revision()).isEqualTo(REVISIONS);
        assertThat(StoreFixture.texts(loaded)).isEqualTo(before);
        assertThat(loaded.revision()).isEqualTo(REVISIONS);
        if (wasThere) {
            assertThat(recovery.movedAside())
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(file).exists());
        }
        long next = fixture.commit(put("after", "1"));
        assertThat(fixture.reopen().load().revision()).isEqualTo(next);
        assertThat(fixture.recovery()).isEmpty();
    }

    private Path db() {
        return fixture.file(StoreOpening.FILE);
    }

    private void deleteSnapshots() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (String.valueOf(file.getFileName()).matches("last-good\\.[0-9]+\\.json")) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void overwrite(Path file, long position, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        }
    }

    private static TokenRecord token(String id, String digest) {
        return new TokenRecord(
                id,
                "name",
                digest,
                List.of("admin", "viewer"),
                List.of(),
                "issued",
                Optional.of("note"),
                StoreFixture.NOW,
                "x",
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
