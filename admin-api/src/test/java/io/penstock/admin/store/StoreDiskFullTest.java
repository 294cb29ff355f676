package io.penstock.admin.store;

import static io.penstock.admin.store.StoreFixture.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room: writes are refused with what, where and the way out; nothing is lost; it heals by itself. */
final class StoreDiskFullTest {

    @TempDir
    private Path folder;

    @Test
    void refusesAWriteAtItsBoundOfPagesAndKeepsWhatWasThere() {
        try (StoreFixture fixture =
                new StoreFixture(folder).with(StoreFixture.options(10_000, 100).withPagesMax(60))) {
            fixture.commit(put("a", "1"));
            Map<ResourceKey, String> before = StoreFixture.texts(fixture.store().load());

            assertThatThrownBy(() -> fixture.commit(put("large", "x".repeat(400_000))))
                    .isInstanceOfSatisfying(
                            StoreRefused.class,
                            refused -> assertThat(refused.problem().kind()).isEqualTo(StoreProblem.Kind.DISK_FULL))
                    .hasMessageContaining("penstock.db")
                    .hasMessageContaining("full")
                    .hasMessageContaining("free space");

            assertThat(StoreFixture.texts(fixture.store().load())).isEqualTo(before);
            assertThat(fixture.store().health().isHealthy()).isFalse();
            assertThat(fixture.commit(put("small", "1"))).isEqualTo(2);
            assertThat(fixture.store().health().lastProblem()).isEmpty();
            assertThat(fixture.store().health().writesRefused()).isEqualTo(1);
        }
    }

    @Test
    void healsByItselfWhenARealDiskHasRoomAgain() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=3m", "none", disk.toString()))
                .as("mounting a small disk needs root")
                .isZero();
        try (StoreFixture fixture = new StoreFixture(disk.resolve("data"))) {
            fixture.commit(put("a", "1"));
            fixture.store()
                    .audit()
                    .append(StoreFixture.event(
                            "x", "config.edit", "/routes/a", AuditEvent.Outcome.REFUSED, Optional.empty()))
                    .toCompletableFuture()
                    .get();
            Awaitility.await().until(() -> fixture.store().health().exportedRevision() == 1);
            Path filler = disk.resolve("filler");
            fill(filler);

            assertThatThrownBy(() -> fixture.commit(put("b", "x".repeat(100_000))))
                    .isInstanceOfSatisfying(
                            StoreRefused.class,
                            refused -> assertThat(refused.problem().kind())
                                    .isIn(StoreProblem.Kind.DISK_FULL, StoreProblem.Kind.IO_ERROR));
            assertThat(fixture.store().load().revision()).isEqualTo(1);

            Files.delete(filler);
            assertThat(fixture.commit(put("b", "x".repeat(100_000)))).isEqualTo(2);
            assertThat(fixture.store().health().lastProblem()).isEmpty();
            Awaitility.await().until(() -> fixture.store().health().exportedRevision() == 2);
            assertThat(fixture.reopen().load().revision()).isEqualTo(2);
            assertThat(fixture.recovery()).isEmpty();
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void tellsAReadOnlyFileFromAFullDisk() throws Exception {
        try (StoreFixture fixture = new StoreFixture(folder)) {
            fixture.commit(put("a", "1"));
        }
        Path file = folder.resolve(StoreOpening.FILE);
        try (StoreConnection connection = StoreConnection.openForReading(file, StoreOptions.defaults())) {
            assertThatThrownBy(() -> connection.execute("DELETE FROM current"))
                    .isInstanceOfSatisfying(SQLException.class, refused -> {
                        StoreProblem problem = SqliteFault.problem(refused, "store a revision", file);
                        assertThat(problem.kind()).isEqualTo(StoreProblem.Kind.READ_ONLY);
                        assertThat(problem.text()).contains("make it writable");
                    });
        }
    }

    private static void fill(Path filler) throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            // That is the point.
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
