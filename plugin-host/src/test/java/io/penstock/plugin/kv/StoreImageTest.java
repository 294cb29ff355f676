package io.penstock.plugin.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What plugins keep as a file of a backup, and back. */
final class StoreImageTest {
    @TempDir
    Path folder;

    private Path first = Path.of("");
    private Path second = Path.of("");
    private Path image = Path.of("");

    @BeforeEach
    void makeFolders() throws IOException {
        first = Files.createDirectory(folder.resolve("first"));
        second = Files.createDirectory(folder.resolve("second"));
        image = Files.createFile(folder.resolve("image"));
    }

    private static @Nullable String done(SharedStore store, Operation operation) throws Exception {
        CompletableFuture<@Nullable String> heard = new CompletableFuture<>();
        store.of("p").ask(operation, new KeyValues.Answer() {
            @Override
            public void done(@Nullable String value) {
                heard.complete(value);
            }

            @Override
            public void refused(String why) {
                heard.complete("refused: " + why);
            }
        });
        return heard.get(60, TimeUnit.SECONDS);
    }

    private static SharedStore open(Path at) {
        SharedStore store = new SharedStore(StoreOptions.in(at));
        assertThat(store.open()).isEmpty();
        return store;
    }

    private static String text(SharedStore store, String key) throws Exception {
        return String.valueOf(done(store, new Operation.Get("n", key)));
    }

    private void backUp(int entries) throws Exception {
        try (SharedStore store = open(first)) {
            for (int i = 0; i < entries; i++) {
                done(store, new Operation.Put("n", "key" + i, "\"" + "v".repeat(i) + "\"", i == 1 ? 3_600_000 : 0));
            }
            store.openAndCopyTo(image);
            // Later than the moment of the copy.
            done(store, new Operation.Put("n", "key0", "\"later\"", 0));
        }
    }

    private void layIn() throws IOException {
        Files.copy(image, second.resolve(SharedStore.IMAGE));
    }

    @Test
    void holdsOneMomentAndTakesThePlaceOfWhatWasThere() throws Exception {
        backUp(300);
        try (SharedStore store = open(second)) {
            done(store, new Operation.Put("n", "of before", "1", 0));
        }
        layIn();

        try (SharedStore store = open(second)) {
            assertThat(text(store, "key0")).isEqualTo("\"\"");
            assertThat(text(store, "key299")).hasSize(301);
            assertThat(text(store, "key1")).isEqualTo("\"v\"");
            assertThat(text(store, "of before")).isEqualTo("null");
            done(store, new Operation.Put("n", "key0", "\"afterwards\"", 0));
        }
        assertThat(second.resolve(SharedStore.IMAGE)).doesNotExist();
        try (SharedStore store = open(second)) {
            assertThat(text(store, "key0")).isEqualTo("\"afterwards\"");
        }
    }

    @Test
    void opensWithoutRecoveringWhatWasMadeOfItJustNow() throws Exception {
        backUp(10);
        layIn();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);

        try (SharedStore store = open(second)) {
            assertThat(text(store, "key9")).hasSize(11);
        } finally {
            root.detachAppender(log);
        }

        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .isEmpty();
    }

    @Test
    void isTakenInAnewAfterWhoeverWasKilledAtIt() throws Exception {
        backUp(10);
        layIn();
        Files.writeString(second.resolve("plugin-kv.restored"), "half of it");
        Files.writeString(second.resolve("plugin-kv.restored.new"), "and this");

        try (SharedStore store = open(second)) {
            assertThat(text(store, "key9")).hasSize(11);
        }
        assertThat(second.resolve("plugin-kv.restored")).doesNotExist();
    }

    @Test
    void isPutAsideIfItIsNotAsItWasWritten() throws Exception {
        backUp(20);
        byte[] good = Files.readAllBytes(image);
        for (byte[] bad : List.of(
                Arrays.copyOf(good, good.length - 1),
                Arrays.copyOf(good, 100),
                new byte[0],
                "nonsense".getBytes(StandardCharsets.UTF_8),
                flipped(good, 40),
                Arrays.copyOf(good, good.length + 1),
                // Of a format to come.
                flipped(good, 7),
                flipped(good, good.length - 12))) {
            Path damaged = Files.write(second.resolve(SharedStore.IMAGE), bad);
            assertThat(SharedStore.imageFault(damaged)).isPresent();
            try (SharedStore store = open(second)) {
                assertThat(done(store, new Operation.Incr("n", "opened", 1, 0))).doesNotContain("refused");
                assertThat(text(store, "key3")).isEqualTo("null");
            }
            assertThat(second.resolve("plugin-kv.image.bad")).exists();
        }
        try (SharedStore store = open(second)) {
            assertThat(text(store, "opened")).isEqualTo("8");
        }
    }

    @Test
    void isToldWholeOrWhatIsWrongWithoutAStore() throws Exception {
        backUp(20);
        assertThat(SharedStore.imageFault(image)).isEmpty();

        Files.write(image, flipped(Files.readAllBytes(image), 7));
        assertThat(SharedStore.imageFault(image).orElse(""))
                .contains("format 30303030", "not one that this version knows");
    }

    private static byte[] flipped(byte[] good, int at) {
        byte[] bad = good.clone();
        bad[at] ^= 1;
        return bad;
    }

    @Test
    void isNotMadeOfAStoreThatIsElsewhereOrWhereTheFileCannotBeWritten() throws Exception {
        try (SharedStore store = open(first)) {
            assertThatThrownBy(() -> store.openAndCopyTo(folder.resolve("none/at all")))
                    .isInstanceOf(IOException.class);
            assertThat(done(store, new Operation.Incr("n", "goes on", 1, 0))).isEqualTo("1");
            store.leave();
            assertThatThrownBy(() -> store.openAndCopyTo(image)).isInstanceOf(IOException.class);
        }
    }
}
