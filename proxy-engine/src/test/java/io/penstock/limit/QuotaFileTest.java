package io.penstock.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.CalendarUnit;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the file counts again after a restart, whatever became of the process and of parts of the file. */
final class QuotaFileTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final long MINUTE = NOON.getEpochSecond() / 60;
    private static final long DAY_START = MINUTE - 12 * 60;
    private static final QuotaPlan PLAN =
            new QuotaPlan(1000, new QuotaWindow(CalendarUnit.DAY, ZoneId.of("UTC"), NOON));
    private static final int SLOTS = 3000;
    private static final int KEYS = 200;

    @TempDir
    private Path folder;

    private QuotaFile open(long minute) throws IOException {
        return QuotaFile.open(folder.resolve("quotas"), SLOTS, 11, 22, minute);
    }

    private static long take(QuotaFile file, long key, long minute) {
        return file.table().take(PLAN, key * 0x9e3779b97f4a7c15L, key * 0xc2b2ae3d27d4eb4fL, DAY_START, minute);
    }

    // As a process that is killed: nothing more is written.
    private static void kill(QuotaFile file) throws IOException {
        file.close();
        file.table().close();
    }

    private void fill(int each) throws IOException {
        QuotaFile file = open(MINUTE);
        for (int i = 0; i < each; i++) {
            for (long key = 1; key <= KEYS; key++) {
                take(file, key, MINUTE);
            }
        }
        file.write(MINUTE);
        kill(file);
    }

    @Test
    void everyCountGoesOnAfterARestart() throws IOException {
        fill(7);

        QuotaFile again = open(MINUTE + 60);

        assertThat(again.restored()).isEqualTo(KEYS);
        for (long key = 1; key <= KEYS; key++) {
            assertThat(take(again, key, MINUTE + 60)).isEqualTo(8);
        }
        kill(again);
    }

    @Test
    void aKilledProcessLosesOnlyWhatItCountedSinceTheLastWrite() throws IOException {
        fill(2);
        QuotaFile file = open(MINUTE);
        take(file, 1, MINUTE);
        file.write(MINUTE);
        take(file, 1, MINUTE);
        take(file, 2, MINUTE);
        kill(file);

        QuotaFile again = open(MINUTE);

        assertThat(take(again, 1, MINUTE)).isEqualTo(4);
        assertThat(take(again, 2, MINUTE)).isEqualTo(3);
        kill(again);
    }

    @Test
    void writesOnlyWhatHasChanged() throws IOException {
        QuotaFile file = open(MINUTE);
        assertThat(file.write(MINUTE)).isZero();
        take(file, 1, MINUTE);

        assertThat(file.write(MINUTE)).isEqualTo(1);
        assertThat(file.write(MINUTE)).isZero();
        take(file, 1, MINUTE);
        assertThat(file.write(MINUTE)).isEqualTo(1);
        kill(file);
    }

    @Test
    void windowsThatHavePassedAreLeftOut() throws IOException {
        fill(3);

        QuotaFile later = open(MINUTE + 3 * 1440);

        assertThat(later.restored()).isZero();
        assertThat(later.write(MINUTE + 3 * 1440)).isPositive();
        kill(later);
        QuotaFile again = open(MINUTE + 3 * 1440);
        assertThat(again.restored()).isZero();
        kill(again);
    }

    @Test
    void theSizeIsTheFilesOwn() throws IOException {
        fill(1);

        QuotaFile again = QuotaFile.open(folder.resolve("quotas"), SLOTS * 10, 11, 22, MINUTE);

        assertThat(again.table().slots()).isLessThan(SLOTS * 3);
        assertThat(again.restored()).isEqualTo(KEYS);
        kill(again);
    }

    @Test
    void countsOfAnotherSeedArePutAside() throws IOException {
        fill(1);

        QuotaFile other = QuotaFile.open(folder.resolve("quotas"), SLOTS, 11, 23, MINUTE);

        assertThat(other.restored()).isZero();
        assertThat(folder.resolve("quotas.bad")).exists();
        kill(other);
    }

    @Test
    void onlyTheOwnerReadsIt() throws IOException {
        fill(1);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("quotas"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aTornBlockIsLeftOutAndWrittenAnew() throws IOException {
        fill(5);
        try (RandomAccessFile torn =
                new RandomAccessFile(folder.resolve("quotas").toFile(), "rw")) {
            torn.seek(2 * 4096 + 2000);
            torn.write(new byte[600]);
        }

        QuotaFile again = open(MINUTE);

        assertThat(again.damagedBlocks()).isEqualTo(1);
        assertThat(again.restored()).isBetween(1L, KEYS - 1L);
        again.write(MINUTE);
        kill(again);
        QuotaFile healed = open(MINUTE);
        assertThat(healed.damagedBlocks()).isZero();
        kill(healed);
    }

    @Test
    void aFileThatIsCutShortCountsAsFarAsItGoes() throws IOException {
        fill(5);
        try (RandomAccessFile cut =
                new RandomAccessFile(folder.resolve("quotas").toFile(), "rw")) {
            cut.setLength(3 * 4096 + 77);
        }

        QuotaFile again = open(MINUTE);

        assertThat(again.restored()).isBetween(1L, KEYS - 1L);
        kill(again);
    }

    @Test
    void aFileThatIsNoneOfOursIsPutAside() throws IOException {
        Files.writeString(folder.resolve("quotas"), "not a table of quotas");

        QuotaFile fresh = open(MINUTE);

        assertThat(fresh.restored()).isZero();
        assertThat(folder.resolve("quotas.bad")).hasContent("not a table of quotas");
        kill(fresh);
    }
}
