package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.Bandwidth;
import io.penstock.config.BandwidthConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bandwidth over real sockets: 100 MB at 20 Mbit/s, four downloads of one key at once, on one worker and on four. */
@Tag("long")
final class BandwidthTrafficTest {
    private static final int DOWNLOADS = 4;
    private static final int BYTES = 25_000_000;
    private static final int PART = 64 * 1024;

    @TempDir
    private Path logs;

    // What the slowest has got of what the fastest has.
    private static double leastOfMost(AtomicLongArray received) {
        long least = Long.MAX_VALUE;
        long most = 1;
        for (int i = 0; i < received.length(); i++) {
            least = Math.min(least, received.get(i));
            most = Math.max(most, received.get(i));
        }
        return (double) least / most;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void isHeldToWithinThreePercent(int workers) throws Exception {
        try (EngineRig rig = new EngineRig(
                TransportChoice.NIO,
                workers,
                logs,
                LimitConfig.named("line", BandwidthConfig.ofResponses(Bandwidth.parse("20Mbit/s")))
                        .key("clientAddress")
                        .build(),
                RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .service("backend")
                        .limits("line")
                        .build())) {
            List<CompletableFuture<Long>> downloads = new ArrayList<>();
            AtomicLongArray received = new AtomicLongArray(DOWNLOADS);
            CompletableFuture<Double> fairness = new CompletableFuture<>();
            long startNs = System.nanoTime();
            for (int i = 0; i < DOWNLOADS; i++) {
                int index = i;
                Peer client = rig.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                Peer endpoint = rig.endpoint();
                CompletableFuture<Long> done = new CompletableFuture<>();
                downloads.add(done);
                Thread.ofVirtual().start(() -> {
                    try {
                        endpoint.readHead();
                        endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: " + BYTES + "\r\n\r\n");
                        endpoint.sendMuch(BYTES);
                    } catch (IOException broken) {
                        done.completeExceptionally(broken);
                    }
                });
                Thread.ofVirtual().start(() -> {
                    try {
                        client.readHead();
                        for (int left = BYTES; left > 0; left -= PART) {
                            client.read(Math.min(left, PART));
                            received.addAndGet(index, Math.min(left, PART));
                        }
                        fairness.complete(leastOfMost(received));
                        done.complete(System.nanoTime() - startNs);
                    } catch (IOException broken) {
                        done.completeExceptionally(broken);
                    }
                });
            }
            long slowest = 0;
            for (CompletableFuture<Long> download : downloads) {
                slowest = Math.max(slowest, download.get(2, TimeUnit.MINUTES));
            }

            double bitsPerSecond = 8.0 * DOWNLOADS * BYTES / (slowest / 1e9);
            System.out.printf(
                    "%d workers: %.2f Mbit/s, slowest to fastest %.3f%n", workers, bitsPerSecond / 1e6, fairness.get());
            assertThat(bitsPerSecond).as("bits a second").isBetween(0.97 * 20e6, 1.03 * 20e6);
            assertThat(fairness.get()).as("slowest to fastest").isGreaterThan(0.9);
            rig.settle();
        }
    }
}
