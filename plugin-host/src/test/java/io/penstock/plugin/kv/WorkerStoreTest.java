package io.penstock.plugin.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WorkerStoreTest {
    private final List<Operation> asked = new ArrayList<>();
    private final List<KeyValues.Answer> open = new ArrayList<>();
    private final Deque<Runnable> posted = new ArrayDeque<>();
    private long nowNs;
    private final WorkerStore store = new WorkerStore(
            (operation, answer) -> {
                asked.add(operation);
                open.add(answer);
            },
            posted::add,
            () -> nowNs);

    private static final KeyValues.Answer NOBODY = new KeyValues.Answer() {
        @Override
        public void done(@Nullable String value) {}

        @Override
        public void refused(String why) {}
    };

    private void answer(int index, @Nullable String value) {
        open.get(index).done(value);
        for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
            task.run();
        }
    }

    @Test
    void looksUpWhatItDoesNotKnowOnceAndRemembersIt() {
        assertThat(store.peek("n", "k")).isNull();
        assertThat(store.peek("n", "k")).isNull();
        answer(0, "1");

        assertThat(asked).containsExactly(new Operation.Get("n", "k"));
        assertThat(store.peek("n", "k")).isEqualTo("1");
    }

    @Test
    void isNeverMoreThanASecondOld() {
        store.peek("n", "k");
        answer(0, "1");

        nowNs = WorkerStore.STALE_NS;
        assertThat(store.peek("n", "k")).isEqualTo("1");
        nowNs++;
        assertThat(store.peek("n", "k")).isNull();
    }

    @Test
    void asksAgainBeforeItForgets() {
        store.peek("n", "k");
        answer(0, "1");

        nowNs = WorkerStore.STALE_NS / 2 + 1;
        assertThat(store.peek("n", "k")).isEqualTo("1");
        answer(1, "2");
        nowNs = WorkerStore.STALE_NS + 2;

        assertThat(store.peek("n", "k")).isEqualTo("2");
        assertThat(asked).hasSize(3);
    }

    @Test
    void remembersWhatItsOwnWritesLeft() {
        store.ask(new Operation.Put("n", "k", "1", 0), NOBODY);
        answer(0, "true");
        assertThat(store.peek("n", "k")).isEqualTo("1");

        store.ask(new Operation.Incr("n", "k", 4, 0), NOBODY);
        answer(1, "5");
        assertThat(store.peek("n", "k")).isEqualTo("5");

        store.ask(new Operation.Delete("n", "k"), NOBODY);
        answer(2, "true");
        assertThat(store.peek("n", "k")).isNull();
    }

    @Test
    void forgetsAValueThatWasNotAsExpected() {
        store.ask(new Operation.Put("n", "k", "1", 0), NOBODY);
        answer(0, "true");
        store.ask(new Operation.Cas("n", "k", "1", "2", 0), NOBODY);
        answer(1, "false");

        assertThat(store.peek("n", "k")).isNull();
    }

    @Test
    void remembersABoundedNumberOfValues() {
        for (int i = 0; i <= WorkerStore.ENTRIES_MAX; i++) {
            store.ask(new Operation.Put("n", "k" + i, "1", 0), NOBODY);
            answer(i, "true");
        }

        assertThat(store.peek("n", "k0")).isNull();
        assertThat(store.peek("n", "k1")).isEqualTo("1");
    }

    @Test
    void remembersABoundedNumberOfCharacters() {
        String large = "\"" + "x".repeat(WorkerStore.CHARS_MAX / 2) + "\"";
        store.ask(new Operation.Put("n", "a", large, 0), NOBODY);
        answer(0, "true");
        store.ask(new Operation.Put("n", "b", large, 0), NOBODY);
        answer(1, "true");

        assertThat(store.peek("n", "a")).isNull();
        assertThat(store.peek("n", "b")).isEqualTo(large);
    }
}
