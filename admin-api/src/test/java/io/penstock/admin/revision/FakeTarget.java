package io.penstock.admin.revision;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/** An engine that remembers what it was told, and can be slow or refuse. */
final class FakeTarget implements ConfigTarget {

    final List<ProxyConfig> prepared = new CopyOnWriteArrayList<>();
    final List<Long> published = new CopyOnWriteArrayList<>();
    final List<ProxyConfig> discarded = new CopyOnWriteArrayList<>();
    private volatile List<ConfigWarning> warnings = List.of();
    private final Semaphore preparing = new Semaphore(0);
    private final Semaphore mayPrepare = new Semaphore(Integer.MAX_VALUE / 2);

    private volatile Predicate<ProxyConfig> refuses = config -> false;
    private volatile Optional<ProxyConfig> serving = Optional.empty();

    /** Refuses to prepare such a configuration: a port in use, for example. */
    void refuse(Predicate<ProxyConfig> such) {
        refuses = such;
    }

    /** What it says of every configuration from now on. */
    void warns(ConfigWarning warning) {
        warnings = List.of(warning);
    }

    /** Lets every preparation from now on wait for {@link #goOn}. */
    void hold() {
        mayPrepare.drainPermits();
        preparing.drainPermits();
    }

    /** Waits until someone is held. */
    void awaitHeld() throws InterruptedException {
        preparing.acquire();
    }

    void goOn() {
        mayPrepare.release(Integer.MAX_VALUE / 2);
    }

    ProxyConfig serving() {
        return serving.orElseThrow();
    }

    /** Prepared configurations that were neither published nor discarded. */
    int leaked() {
        return prepared.size() - published.size() - discarded.size();
    }

    @Override
    public PrepareResult prepare(ProxyConfig config) {
        preparing.release();
        mayPrepare.acquireUninterruptibly();
        if (refuses.test(config)) {
            return new NotReady(List.of(new ConfigProblem(
                    ResourceRef.DEFAULTS, "", "address-in-use", "somebody listens there", Optional.empty())));
        }
        prepared.add(config);
        return new Ready(new Held(config), warnings);
    }

    @Override
    public Publication publish(Prepared ready, long revision) {
        published.add(revision);
        serving = Optional.of(((Held) ready).config());
        return new Publication() {
            @Override
            public CompletionStage<Void> active() {
                return CompletableFuture.completedStage(null);
            }

            @Override
            public int pendingWorkers() {
                return 0;
            }
        };
    }

    @Override
    public void discard(Prepared ready) {
        discarded.add(((Held) ready).config());
    }

    private record Held(ProxyConfig config) implements Prepared {}
}
