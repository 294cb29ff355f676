package io.penstock.plugin.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedStoreTest {
    private static final long ANSWER_SECONDS_MAX = 60;
    private static final long ROOM = 1L << 40;

    @TempDir
    Path folder;

    private static CompletableFuture<@Nullable String> ask(KeyValues store, Operation operation) {
        CompletableFuture<@Nullable String> heard = new CompletableFuture<>();
        store.ask(operation, new KeyValues.Answer() {
            @Override
            public void done(@Nullable String value) {
                heard.complete(value);
            }

            @Override
            public void refused(String why) {
                heard.complete("refused: " + why);
            }
        });
        return heard;
    }

    private static @Nullable String done(KeyValues store, Operation operation)
            throws ExecutionException, InterruptedException, TimeoutException {
        return ask(store, operation).get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    }

    @Test
    void countsExactlyForManyThreadsAndKeepsTheCountOverARestart() throws Exception {
        int threads = 4;
        int each = 2_000;
        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            assertThat(store.open()).isEmpty();
            KeyValues plugin = store.of("p");
            List<Thread> askers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                askers.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        ask(plugin, new Operation.Incr("n", "count", 1, 0)).join();
                    }
                }));
            }
            for (Thread asker : askers) {
                asker.join();
            }
        }

        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            store.open();

            assertThat(done(store.of("p"), new Operation.Get("n", "count")))
                    .isEqualTo(Integer.toString(threads * each));
            assertThat(store.entries()).containsEntry("p", 1);
            assertThat(store.operationsDone()).isEqualTo(1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("plugin-kv.dat"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void isNotThereBeforeSomebodyOpensIt() throws Exception {
        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            assertThat(done(store.of("p"), new Operation.Get("n", "k"))).contains("not open");
            assertThat(store.wasWanted()).isFalse();
        }
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void refusesEverythingOnceClosed() throws Exception {
        SharedStore store = new SharedStore(StoreOptions.in(folder));
        store.open();
        store.close();

        assertThat(done(store.of("p"), new Operation.Put("n", "k", "1", 0)))
                .startsWith("refused: ")
                .contains("closed");
        assertThat(store.open()).contains("closed");
    }

    @Test
    void oneProcessHasIt() throws Exception {
        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            assertThat(store.open()).isEmpty();

            try (StoreProcess other = StoreProcess.start("open", folder)) {
                assertThat(other.lines(1).getFirst())
                        .contains("open in another process")
                        .contains(folder.toString());
            }
            assertThat(done(store.of("p"), new Operation.Put("n", "k", "1", 0))).isEqualTo("true");
        }
    }

    @Test
    void hasEveryAnsweredWriteAfterItsProcessWasKilled() throws Exception {
        int last;
        try (StoreProcess writer = StoreProcess.start("write", folder)) {
            assertThat(writer.lines(8_000).getFirst()).isEmpty();
            writer.kill();
            last = Integer.parseInt(writer.lines().getLast());
        }

        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            assertThat(store.open()).isEmpty();
            for (int i = last - 4_999; i <= last; i++) {
                String found = String.valueOf(done(store.of("p"), new Operation.Get("n", "k" + i % 5_000)));
                // The write after the last answered one may be there as well, whole.
                int number = Integer.parseInt(found.substring(1, found.indexOf(',')));
                assertThat(number).isIn(i, i + 5_000).isLessThanOrEqualTo(last + 1);
                assertThat(found).isEqualTo("[" + number + ",\"" + "x".repeat(number % 3_000) + "\"]");
            }
            assertThat(store.entries()).containsEntry("p", 5_000);
        }
    }

    @Test
    void opensAfterItsProcessWasKilledInsideTheMapsOwnLock() throws Exception {
        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            store.open();
            for (int i = 0; i < 500; i++) {
                assertThat(done(store.of("p"), new Operation.Put("n", "k" + i, "1", 0)))
                        .isEqualTo("true");
            }
        }
        try (StoreProcess holder = StoreProcess.start("lock", folder)) {
            assertThat(holder.lines(1)).containsExactly("locked");
            holder.kill();
        }

        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            assertThat(store.open()).isEmpty();
            for (int i = 0; i < 500; i++) {
                assertThat(done(store.of("p"), new Operation.Incr("n", "k" + i, 1, 0)))
                        .isEqualTo("2");
            }
        }
    }

    @Test
    void saysOfADamagedFileWhatItIs() throws Exception {
        Files.writeString(folder.resolve("plugin-kv.dat"), "no map at all");

        try (SharedStore store = new SharedStore(StoreOptions.in(folder))) {
            assertThat(store.open()).contains("plugin-kv.dat");
            assertThat(done(store.of("p"), new Operation.Get("n", "k")))
                    .startsWith("refused: ")
                    .contains("not open");
        }
    }

    @Test
    void aFullMapRefusesAndKeepsWhatItHas() throws Exception {
        // A shelf that believes in more room than the map has: what its own bounds otherwise prevent.
        try (ChronicleCells cells = ChronicleCells.open(folder.resolve("small.dat"), true, 64, 4_096, () -> ROOM)) {
            Shelf shelf = new Shelf(
                    cells,
                    new StoreOptions(folder, 1_000_000, 1L << 40, 1_000_000, 1L << 40),
                    System::currentTimeMillis);
            KeyValues store = (operation, answer) -> shelf.run("p", operation, answer);

            int taken = 0;
            String answer = "true";
            while ("true".equals(answer) && taken < 1_000_000) {
                answer = done(store, new Operation.Put("n", "k" + taken++, "\"" + "x".repeat(1_000) + "\"", 0));
            }

            assertThat(answer).isEqualTo("refused: the key-value store is full");
            assertThat(done(store, new Operation.Get("n", "k0"))).startsWith("\"xxx");
            assertThat(done(store, new Operation.Delete("n", "k0"))).isEqualTo("true");
        }
    }

    // The file is sparse and mapped: a page without room behind it would be a fault of the whole process.
    @Test
    void writesNothingOnADiskThatIsAlmostFullAndHeals() throws Exception {
        AtomicLong free = new AtomicLong(ROOM);
        try (ChronicleCells cells = ChronicleCells.open(folder.resolve("kv.dat"), true, 1_000, 1 << 20, free::get)) {
            Shelf shelf = new Shelf(cells, StoreOptions.in(folder), System::currentTimeMillis);
            KeyValues store = (operation, answer) -> shelf.run("p", operation, answer);
            assertThat(done(store, new Operation.Incr("n", "k", 1, 0))).isEqualTo("1");

            free.set(1 << 20);
            int written = 1;
            String answer = done(store, new Operation.Incr("n", "k", 1, 0));
            while (!String.valueOf(answer).startsWith("refused: ")) {
                written++;
                answer = done(store, new Operation.Incr("n", "k", 1, 0));
            }
            assertThat(written).isLessThanOrEqualTo(64);
            assertThat(answer).contains("disk", "full");
            assertThat(done(store, new Operation.Put("n", "other", "1", 0))).contains("disk");
            assertThat(done(store, new Operation.Get("n", "k"))).isEqualTo(Integer.toString(written));
            free.set(ROOM);
            assertThat(done(store, new Operation.Incr("n", "k", 1, 0))).isEqualTo(Integer.toString(written + 1));
        }
    }

    @Test
    void makesNoFileOnADiskWithoutRoom() {
        assertThatThrownBy(() -> ChronicleCells.open(folder.resolve("kv.dat"), true, 1_000, 1 << 20, () -> 1_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no room");
        assertThat(folder.resolve("kv.dat")).doesNotExist();
    }

    @Test
    void takesAsMuchAsItsOptionsSay() throws Exception {
        StoreOptions options = new StoreOptions(folder, 2_000, 40L << 20, 2_000, 40L << 20);
        try (ChronicleCells cells = ChronicleCells.open(
                folder.resolve("large.dat"), true, options.entriesMax(), options.bytesMax(), () -> ROOM)) {
            Shelf shelf = new Shelf(cells, options, System::currentTimeMillis);
            KeyValues store = (operation, answer) -> shelf.run("p", operation, answer);
            String longest = "\"" + "x".repeat(Shelf.VALUE_BYTES_MAX - 2) + "\"";

            for (int i = 0; i < 600; i++) {
                assertThat(done(store, new Operation.Put("n", "k" + i, longest, 0)))
                        .isEqualTo("true");
            }
            for (int i = 600; i < 2_000; i++) {
                assertThat(done(store, new Operation.Put("n", "k" + i, "1", 0))).isEqualTo("true");
            }
            assertThat(done(store, new Operation.Get("n", "k0"))).isEqualTo(longest);
        }
    }

    // Its maker's library would report each start to him over the network.
    @Test
    void reportsToNobody() throws IOException {
        assertThatThrownBy(() -> Class.forName("net.openhft.chronicle.analytics.Analytics"))
                .isInstanceOf(ClassNotFoundException.class);
        assertThat(System.getProperty("chronicle.analytics.disable")).isEqualTo("true");
        assertThat(getClass()
                        .getClassLoader()
                        .getResources("net/openhft/chronicle/analytics")
                        .hasMoreElements())
                .isFalse();
    }
}
