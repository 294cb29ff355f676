package io.penstock.discovery;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A name service that answers when the test says so, or at once from what it was told. */
final class FakeDns implements DnsLookup {
    private final Map<String, CompletableFuture<DnsAnswer>> open = new LinkedHashMap<>();
    private final Map<String, DnsAnswer> known = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private boolean isDown;

    /** Answers this name at once from now on. */
    FakeDns knows(String name, Duration ttl, String... addresses) {
        known.put(name, answer(ttl, addresses));
        return this;
    }

    /** Fails every lookup from now on, or no longer. */
    void down(boolean down) {
        isDown = down;
    }

    void fail(String name, String error) {
        pending(name).completeExceptionally(new IllegalStateException(error));
    }

    void answers(String name, Duration ttl, String... addresses) {
        pending(name).complete(answer(ttl, addresses));
    }

    int open() {
        return open.size();
    }

    /** The names asked for since the last call of this. */
    List<String> asked() {
        List<String> names = List.copyOf(asked);
        asked.clear();
        return names;
    }

    @Override
    public CompletionStage<DnsAnswer> lookup(String name) {
        asked.add(name);
        if (isDown) {
            return CompletableFuture.failedFuture(new IllegalStateException("server failure"));
        }
        DnsAnswer answer = known.get(name);
        if (answer != null) {
            return CompletableFuture.completedFuture(answer);
        }
        CompletableFuture<DnsAnswer> future = new CompletableFuture<>();
        open.put(name, future);
        return future;
    }

    private CompletableFuture<DnsAnswer> pending(String name) {
        CompletableFuture<DnsAnswer> future = open.remove(name);
        if (future == null) {
            throw new AssertionError(name + " was not asked for; open: " + open.keySet());
        }
        return future;
    }

    private static DnsAnswer answer(Duration ttl, String... addresses) {
        return new DnsAnswer(
                List.of(addresses).stream().map(InetAddress::ofLiteral).toList(), ttl);
    }
}
