package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSinkTest {
    private static final long SECOND = 1_000_000_000;
    private static final int BUFFER = 64 * 1024;

    @TempDir
    Path folder;

    private long nowNs = 5;

    @Test
    void makesTheFolderAndKeepsOthersFromReading() throws IOException {
        FileSink sink = sink(folder.resolve("new/access.log"), 1000, 4);

        line(sink, "a");
        sink.flush(nowNs);

        assertThat(folder.resolve("new/access.log")).hasContent("a");
        assertThat(Files.getPosixFilePermissions(folder.resolve("new/access.log")))
                .doesNotContain(PosixFilePermission.OTHERS_READ);
    }

    @Test
    void rotatesBeforeAFileGrowsBeyondItsSizeAndKeepsSoManyFiles() throws IOException {
        FileSink sink = sink(folder.resolve("access.log"), 10, 3);
        for (int i = 0; i < 9; i++) {
            line(sink, "line" + i);
        }
        sink.flush(nowNs);

        assertThat(folder.resolve("access.log")).hasContent("line8");
        assertThat(folder.resolve("access.log.1")).hasContent("line7");
        assertThat(folder.resolve("access.log.2")).hasContent("line6");
        assertThat(folder.resolve("access.log.3")).doesNotExist();
        assertThat(sink.rotations()).isEqualTo(8);
    }

    @Test
    void goesOnInAFileThatIsThereAndCountsItsSize() throws IOException {
        Files.writeString(folder.resolve("access.log"), "older\n");
        FileSink sink = sink(folder.resolve("access.log"), 10, 2);

        line(sink, "new");
        line(sink, "newer");
        sink.flush(nowNs);

        assertThat(folder.resolve("access.log.1")).hasContent("older\nnew");
        assertThat(folder.resolve("access.log")).hasContent("newer");
    }

    @Test
    void startsAnewWhenItMayKeepOneFileOnly() throws IOException {
        FileSink sink = sink(folder.resolve("access.log"), 6, 1);

        line(sink, "first");
        line(sink, "other");
        sink.flush(nowNs);

        assertThat(folder.resolve("access.log")).hasContent("other");
        assertThat(folder.resolve("access.log.1")).doesNotExist();
    }

    @Test
    void writesToADeviceForEver() throws IOException {
        Path device = Files.createSymbolicLink(folder.resolve("stdout"), Path.of("/dev/null"));
        FileSink sink = sink(device, 10, 1);

        for (int i = 0; i < 9; i++) {
            line(sink, "line" + i);
        }
        sink.flush(nowNs);

        assertThat(Files.isSymbolicLink(device)).isTrue();
        assertThat(sink.rotations()).isZero();
        assertThat(sink.lines()).isEqualTo(9);
        assertThat(sink.fault()).isEmpty();
    }

    @Test
    void opensTheFileAgainAfterItWasMovedAway() throws IOException {
        FileSink sink = sink(folder.resolve("access.log"), 1000, 4);
        line(sink, "before");
        sink.flush(nowNs);

        Files.move(folder.resolve("access.log"), folder.resolve("moved"));
        nowNs += SECOND;
        sink.look(nowNs);
        line(sink, "after");
        sink.flush(nowNs);

        assertThat(folder.resolve("moved")).hasContent("before");
        assertThat(folder.resolve("access.log")).hasContent("after");
    }

    @Test
    void opensTheFileAgainWhenAsked() throws IOException {
        FileSink sink = sink(folder.resolve("access.log"), 1000, 4);
        line(sink, "before");
        Files.move(folder.resolve("access.log"), folder.resolve("moved"));

        sink.reopen(nowNs);
        line(sink, "after");
        sink.flush(nowNs);

        assertThat(folder.resolve("moved")).hasContent("before");
        assertThat(folder.resolve("access.log")).hasContent("after");
    }

    @Test
    void buffersThenDropsWhileTheDiskIsFullAndResumesByItself() throws IOException {
        Path file = folder.resolve("access.log");
        Files.createSymbolicLink(file, Path.of("/dev/full"));
        FileSink sink = sink(file, 1_000_000_000, 4);
        String text = "x".repeat(1023);
        for (int i = 0; i < 100; i++) {
            line(sink, text);
        }
        sink.flush(nowNs);

        assertThat(sink.dropped()).isEqualTo(100 - 64);
        assertThat(sink.fault()).hasValueSatisfying(fault -> assertThat(fault).contains("access.log"));

        Files.delete(file);
        nowNs += SECOND;
        sink.flush(nowNs);
        line(sink, "healed");
        sink.flush(nowNs);

        assertThat(sink.fault()).isEmpty();
        assertThat(Files.readAllLines(file)).hasSize(65).endsWith("healed");
        assertThat(sink.lines()).isEqualTo(65);
    }

    @Test
    void countsAsDroppedWhatItCouldNotWriteUntilTheEnd() throws IOException {
        Files.createSymbolicLink(folder.resolve("access.log"), Path.of("/dev/full"));
        FileSink sink = sink(folder.resolve("access.log"), 1000, 4);
        line(sink, "a");
        line(sink, "b");

        sink.close(nowNs);

        assertThat(sink.dropped()).isEqualTo(2);
        assertThat(sink.lines()).isZero();
    }

    @Test
    void goesOnInTheOldFileWhileItCannotBeRotated() throws IOException {
        Files.createDirectories(folder.resolve("access.log.1/not-empty"));
        FileSink sink = sink(folder.resolve("access.log"), 6, 2);

        line(sink, "first");
        line(sink, "other");
        sink.flush(nowNs);

        assertThat(folder.resolve("access.log")).hasContent("first\nother");
        assertThat(sink.fault()).hasValueSatisfying(fault -> assertThat(fault).contains("cannot rotate"));
        assertThat(sink.dropped()).isZero();
    }

    private FileSink sink(Path file, long maxBytes, int keep) {
        return new FileSink(file, maxBytes, keep, BUFFER, nowNs);
    }

    private void line(FileSink sink, String text) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        sink.append(bytes, 0, bytes.length, nowNs);
    }
}
