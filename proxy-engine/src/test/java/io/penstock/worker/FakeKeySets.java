package io.penstock.worker;

import io.penstock.config.UpstreamTlsConfig;
import io.penstock.filter.KeySets;
import io.penstock.spi.FilterWorker;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Stands in for what reads key sets: the test says when and what. */
public final class FakeKeySets implements KeySets {
    private final List<Consumer<Document>> waiting = new ArrayList<>();
    private int asked;

    @Override
    public void ask(
            FilterWorker worker,
            URI address,
            Optional<UpstreamTlsConfig> tls,
            Duration ttl,
            boolean isMissing,
            Consumer<Document> heard) {
        asked++;
        waiting.add(heard);
    }

    /** Answers everybody who waits. */
    public void answer(String set) {
        List<Consumer<Document>> those = List.copyOf(waiting);
        waiting.clear();
        those.forEach(heard -> heard.accept(new Document(set, set.isEmpty() ? "wrong-status" : "", "")));
    }

    /** How often it was asked. */
    public int asked() {
        return asked;
    }
}
