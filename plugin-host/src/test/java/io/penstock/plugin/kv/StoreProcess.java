package io.penstock.plugin.kv;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A process of its own that does something to the store of a folder and says so line by line, to be killed while it does.
 */
final class StoreProcess implements AutoCloseable {
    private static final long END_SECONDS_MAX = 120;

    private final Process process;
    private final Path output;

    private StoreProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts one; {@code what} is {@code write}, {@code lock} or {@code open}. */
    static StoreProcess start(String what, Path folder) throws IOException {
        // To a file, which can still be read when the process is gone.
        Path output = Files.createTempFile(folder, "process", ".out");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new StoreProcess(
                new ProcessBuilder(
                                java,
                                "@" + Path.of("..", "appliance-image", "src", "jvm", "jvm.options"),
                                "-Xmx256m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                StoreProcess.class.getName(),
                                what,
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** Waits until it has said so many lines; gives all it has said. Lines of others, such as a logger's, are left out. */
    List<String> lines(int count) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(END_SECONDS_MAX))
                .until(this::lines, all -> all.size() >= count);
    }

    /** All it has said. */
    List<String> lines() throws IOException {
        String text = Files.readString(output);
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> line.startsWith("> "))
                .map(line -> line.substring(2))
                .toList();
    }

    /** Ends the process as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly()
                .onExit()
                .orTimeout(END_SECONDS_MAX, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        kill();
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        switch (arguments[0]) {
            case "write" -> write(folder, out);
            case "lock" -> lock(folder, out);
            default -> {
                try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
                    out.println("> " + store.open());
                }
            }
        }
    }

    // Writes number after number and says each that was answered.
    private static void write(Path folder, PrintStream out) throws InterruptedException {
        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            out.println("> " + store.open());
            KeyValues plugin = store.of("p");
            for (int i = 0; ; i++) {
                int number = i;
                CountDownLatch isOver = new CountDownLatch(1);
                plugin.ask(
                        new Operation.Put("n", "k" + i % 5_000, "[" + i + ",\"" + "x".repeat(i % 3_000) + "\"]", 0),
                        new KeyValues.Answer() {
                            @Override
                            public void done(@Nullable String value) {
                                out.println("> " + number);
                                isOver.countDown();
                            }

                            @Override
                            public void refused(String why) {
                                out.println("> refused " + why);
                                isOver.countDown();
                            }
                        });
                isOver.await();
            }
        }
    }

    // Stands still inside the map's own lock.
    private static void lock(Path folder, PrintStream out) throws IOException {
        try (FolderLock taken = FolderLock.take(folder)) {
            stand(taken, out);
        }
    }

    private static void stand(FolderLock taken, PrintStream out) throws IOException {
        StoreOptions options = StoreOptions.in(taken.folder());
        try (ChronicleCells cells = ChronicleCells.open(
                taken.folder().resolve("plugin-kv.dat"),
                true,
                options.entriesMax(),
                options.bytesMax(),
                () -> Long.MAX_VALUE)) {
            for (int part = 0; part < cells.parts(); part++) {
                cells.visit(part, (key, value) -> {
                    out.println("> locked");
                    while (true) {
                        java.util.concurrent.locks.LockSupport.park();
                    }
                });
            }
        }
    }
}
