package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.appliance.command.CommandLines;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What a gateway makes of a machine; {@code LauncherTest} has the launcher agree. */
final class SizeProfileTest {
    private static final long GIB = 1L << 30;

    @Test
    void hasTheRowsThatTheDocumentShows() throws Exception {
        String document = Files.readString(Path.of("../docs/PERFORMANCE.md"));
        for (SizeProfile row : SizeProfile.values()) {
            assertThat(document)
                    .contains("| " + row.text() + " | " + row.fromGib() + " GiB | " + row.heapPercent() + " % | "
                            + row.directPercent() + " % | " + row.connections() + " |");
        }
    }

    @Test
    void isTheLastRowThatTheMemoryReaches() {
        assertThat(SizeProfile.of(GIB - 1)).isEqualTo(SizeProfile.TINY);
        assertThat(SizeProfile.of(GIB)).isEqualTo(SizeProfile.SMALL);
        assertThat(SizeProfile.of(8 * GIB - 1)).isEqualTo(SizeProfile.MEDIUM);
        assertThat(SizeProfile.of(1024 * GIB)).isEqualTo(SizeProfile.HUGE);
    }

    @Test
    void leavesMemoryForTheJvmAndTls() {
        for (SizeProfile row : SizeProfile.values()) {
            long memory = row == SizeProfile.TINY ? GIB / 2 : row.fromGib() * GIB;
            long left = memory / 100 * (100 - row.heapPercent() - row.directPercent());

            assertThat(left).as(row.text()).isGreaterThan(150L << 20).isGreaterThan(row.connections() * 16_000L);
        }
    }

    @Test
    void startsAWorkerForEachCoreThatHasMemory() {
        assertThat(SizeProfile.workers(8, 8 * GIB)).isEqualTo(8);
        assertThat(SizeProfile.workers(64, GIB)).isEqualTo(8);
        assertThat(SizeProfile.workers(4, 1)).isEqualTo(1);
    }

    @Test
    void isExplainedWithoutADataFolder() {
        StringWriter said = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(said));

        assertThat(CommandLines.execute(line, "run", "--explain-size", "--workers", "3"))
                .isZero();

        assertThat(said.toString())
                .contains("profile")
                .contains(SizeProfile.of(SizeProfile.memoryBytes()).text())
                .contains("workers      3;");
    }
}
