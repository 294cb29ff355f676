package io.penstock.worker;

import io.penstock.filter.KeySets;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Stands in for what reads key sets: the test says when and what. */
public final class FakeKeySets implements KeySets {
    private final List<Consumer<String>> waiting = new ArrayList<>();
    private int asked;

    @Override
    public void ask(URI address, Duration ttl, boolean isMissing, Consumer<String> heard) {
        asked++;
        waiting.add(heard);
    }

    /** Answers everybody who waits. */
    public void answer(String set) {
        List<Consumer<String>> those = List.copyOf(waiting);
        waiting.clear();
        those.forEach(heard -> heard.accept(set));
    }

    /** How often it was asked. */
    public int asked() {
        return asked;
    }
}
