package io.penstock.plugin.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ShelfTest {
    private long nowMs = 1_000_000;
    private final Shelf shelf =
            new Shelf(new HeapCells(), new StoreOptions(Path.of(""), 10, 100_000, 5, 90_000), () -> nowMs);

    private @Nullable String run(Operation operation) {
        return run("a", operation);
    }

    // The answer, or "refused: " and why.
    private @Nullable String run(String plugin, Operation operation) {
        @Nullable String[] heard = {"nothing"};
        shelf.run(plugin, operation, new KeyValues.Answer() {
            @Override
            public void done(@Nullable String value) {
                heard[0] = value;
            }

            @Override
            public void refused(String why) {
                heard[0] = "refused: " + why;
            }
        });
        return heard[0];
    }

    private @Nullable String get(String key) {
        return run(new Operation.Get("n", key));
    }

    private static Operation put(String key, String value, long ttlMs) {
        return new Operation.Put("n", key, value, ttlMs);
    }

    @Test
    void keepsPluginsAndNamespacesApart() {
        run("a", new Operation.Put("n", "k", "1", 0));
        run("a", new Operation.Put("m", "k", "2", 0));
        run("ab", new Operation.Put("n", "k", "3", 0));

        assertThat(run("a", new Operation.Get("n", "k"))).isEqualTo("1");
        assertThat(run("a", new Operation.Get("m", "k"))).isEqualTo("2");
        assertThat(run("ab", new Operation.Get("n", "k"))).isEqualTo("3");
        assertThat(run("b", new Operation.Get("n", "k"))).isNull();
    }

    @Test
    void endsAnEntryAtItsTime() {
        run(put("k", "1", 500));

        nowMs += 499;
        assertThat(get("k")).isEqualTo("1");
        nowMs += 1;
        assertThat(get("k")).isNull();
        assertThat(Objects.requireNonNull(shelf.usage().get("a")).entries()).isZero();
    }

    @Test
    void aWriteWithoutATimeToLiveStaysForEver() {
        run(put("k", "1", 500));
        run(put("k", "2", 0));
        nowMs += 1_000_000_000_000L;

        assertThat(get("k")).isEqualTo("2");
    }

    @Test
    void countsUpAndKeepsTheEndThatTheCountHad() {
        assertThat(run(new Operation.Incr("n", "c", 2, 100))).isEqualTo("2");
        nowMs += 60;
        assertThat(run(new Operation.Incr("n", "c", -5, 100))).isEqualTo("-3");
        nowMs += 40;
        assertThat(run(new Operation.Incr("n", "c", 1, 100))).isEqualTo("1");
    }

    @Test
    void refusesToCountWhatIsNoWholeNumberOrTooLarge() {
        run(put("text", "\"x\"", 0));
        run(put("most", "9007199254740991", 0));

        assertThat(run(new Operation.Incr("n", "text", 1, 0)))
                .startsWith("refused: ")
                .contains("no whole number");
        assertThat(run(new Operation.Incr("n", "most", 1, 0)))
                .startsWith("refused: ")
                .contains("too large");
        assertThat(run(new Operation.Incr("n", "most", Long.MAX_VALUE, 0))).startsWith("refused: ");
        assertThat(get("most")).isEqualTo("9007199254740991");
    }

    @Test
    void swapsOnlyWhatIsAsExpected() {
        assertThat(run(new Operation.Cas("n", "k", "1", "2", 0))).isEqualTo("false");
        assertThat(run(new Operation.Cas("n", "k", null, "1", 0))).isEqualTo("true");
        assertThat(run(new Operation.Cas("n", "k", null, "9", 0))).isEqualTo("false");
        assertThat(run(new Operation.Cas("n", "k", "1", "2", 0))).isEqualTo("true");
        assertThat(get("k")).isEqualTo("2");
    }

    @Test
    void saysWhetherThereWasSomethingToDelete() {
        run(put("k", "1", 0));

        assertThat(run(new Operation.Delete("n", "k"))).isEqualTo("true");
        assertThat(run(new Operation.Delete("n", "k"))).isEqualTo("false");
        assertThat(Objects.requireNonNull(shelf.usage().get("a")).bytes()).isZero();
    }

    @Test
    void listsByPrefixInOrderAndGoesOnFromTheCursor() {
        for (String key : new String[] {"b2", "a", "b1", "b3", "c"}) {
            run(put(key, "1", key.equals("b3") ? 10 : 0));
        }
        run("other", new Operation.Put("n", "b0", "1", 0));

        assertThat(run(new Operation.List("n", "b", "", 2))).isEqualTo("{\"keys\":[\"b1\",\"b2\"],\"cursor\":\"b2\"}");
        assertThat(run(new Operation.List("n", "b", "b2", 2))).isEqualTo("{\"keys\":[\"b3\"]}");
        nowMs += 10;
        assertThat(run(new Operation.List("n", "b", "", 9))).isEqualTo("{\"keys\":[\"b1\",\"b2\"]}");
        assertThat(run(new Operation.List("m", "", "", 9))).isEqualTo("{\"keys\":[]}");
    }

    @Test
    void refusesEntriesBeyondThePluginsQuotaAndTakesThemWhenOthersHaveEnded() {
        for (int i = 0; i < 5; i++) {
            assertThat(run(put("k" + i, "1", 100))).isEqualTo("true");
        }

        assertThat(run(put("k5", "1", 0))).startsWith("refused: ").contains("5 of 5 entries");
        assertThat(run(put("k0", "2", 100))).isEqualTo("true");
        assertThat(run("b", put("k", "1", 0))).isEqualTo("true");
        nowMs += 100;
        shelf.sweep();
        assertThat(run(put("k5", "1", 0))).isEqualTo("true");
    }

    @Test
    void refusesBytesBeyondThePluginsQuota() {
        String half = "\"" + "x".repeat(50_000) + "\"";
        run(put("k0", half, 0));

        assertThat(run(put("k1", half, 0))).startsWith("refused: ").contains("of 90000 octets");
        assertThat(get("k1")).isNull();
        assertThat(run(put("k0", "1", 0))).isEqualTo("true");
        assertThat(run(put("k1", half, 0))).isEqualTo("true");
    }

    @Test
    void saysWhenTheWholeIsFull() {
        for (int i = 0; i < 10; i++) {
            run("p" + i, put("k", "1", 0));
        }

        assertThat(run("last", put("k", "1", 0))).isEqualTo("refused: the key-value store is full");
    }

    @Test
    void refusesLongKeysAndValues() {
        assertThat(run(put("k".repeat(513), "1", 0))).startsWith("refused: ").contains("512");
        assertThat(run(put("k", "\"" + "é".repeat(32_767) + "\"", 0))).isEqualTo("true");
        assertThat(run(put("k", "\"" + "é".repeat(32_768) + "\"", 0)))
                .startsWith("refused: ")
                .contains("65536");
    }
}
