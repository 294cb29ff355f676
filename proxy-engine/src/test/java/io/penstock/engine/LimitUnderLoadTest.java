package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.CalendarUnit;
import io.penstock.config.LimitConfig;
import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.QuotaConfig;
import io.penstock.config.Rate;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits hold to the request, however many connections ask for more on however many workers. */
final class LimitUnderLoadTest {
    private static final int CONNECTIONS = 8;
    private static final int PER_SECOND = 200;
    private static final long INTERVAL_NS = 1_000_000_000 / PER_SECOND;
    private static final int BURST = 100;
    private static final int REFUSALS_EACH = 300;
    private static final int REQUESTS_MAX = 100_000;

    @TempDir
    private Path folder;

    private ProxyEngine serve(int workers, LimitConfig limit) throws Exception {
        ProxyEngine engine =
                ProxyEngine.start(EngineOptions.of(workers, TransportChoice.NIO, folder.resolve("log"), "test")
                        .keyedBy(new KeySeed(1, 2))
                        .keepingIn(folder));
        ProxyConfig config = ProxyConfig.initial()
                .with(ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()))
                        .build())
                .with(limit)
                .with(RouteConfig.named("all")
                        .matches(RouteMatch.of(PathMatch.prefix("/")))
                        .respond(RespondConfig.DEFAULTS)
                        .limits(limit.name())
                        .build())
                .with(RouteConfig.named("free")
                        .matches(RouteMatch.of(PathMatch.prefix("/free")))
                        .respond(RespondConfig.DEFAULTS)
                        .build());
        Preparation.Ready ready = (Preparation.Ready) engine.prepare(config);
        engine.publish(ready.prepared(), 1).active().toCompletableFuture().get(20, TimeUnit.SECONDS);
        return engine;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static SocketAddress address(ProxyEngine engine) {
        return engine.readings().status().listeners().getFirst().address();
    }

    private static int passed(EngineClient client) throws IOException {
        return client.get("/").startsWith("429") ? 0 : 1;
    }

    private static <T> List<T> together(Callable<T> each) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
            for (Future<T> client : clients.invokeAll(Collections.nCopies(CONNECTIONS, each))) {
                results.add(client.get());
            }
        }
        return results;
    }

    private static int sum(Callable<Integer> each) throws Exception {
        return together(each).stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * One request that was answered: the worker's clock, by which it was judged, was read between these.
     *
     * <p>A worker reads its clock once a turn, perhaps before a request of that turn was sent. But a request of the same
     * connection comes in a later turn than the one before it, so that its clock is read after that one was sent.
     */
    private record Judged(long fromNs, long toNs, boolean isPassed) {}

    private static List<Judged> judgedUntilRefused(ProxyEngine engine, int times) throws IOException {
        List<Judged> judged = new ArrayList<>();
        try (EngineClient client = new EngineClient(address(engine))) {
            long beforeNs = System.nanoTime();
            client.get("/free");
            for (int refused = 0; refused < times && judged.size() < REQUESTS_MAX; ) {
                long sentNs = System.nanoTime();
                boolean isPassed = passed(client) == 1;
                judged.add(new Judged(beforeNs, System.nanoTime(), isPassed));
                refused += isPassed ? 0 : 1;
                beforeNs = sentNs;
            }
        }
        return judged;
    }

    // Nothing here depends on how quickly clients ask: a bucket that is full loses what clients do not ask for in time,
    // so
    // there is no least number of requests that a rate lets pass in a time. What must hold is said of each request
    // instead.
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aRateLetsPassNoMoreThanItsBurstAndItsRateTimesTheTimeAndRefusesNobodyWhileItHasPermits(int workers)
            throws Exception {
        LimitConfig limit = LimitConfig.named("fast", Rate.parse(PER_SECOND + "/s"))
                .burst(BURST)
                .build();
        List<Judged> judged = new ArrayList<>();
        try (ProxyEngine engine = serve(workers, limit)) {
            together(() -> judgedUntilRefused(engine, REFUSALS_EACH)).forEach(judged::addAll);
        }
        List<Judged> passed = judged.stream()
                .filter(Judged::isPassed)
                .sorted(Comparator.comparingLong(Judged::toNs))
                .toList();
        List<Judged> refused = judged.stream().filter(each -> !each.isPassed()).toList();

        assertThat(refused).hasSize(CONNECTIONS * REFUSALS_EACH);
        for (Judged first : passed) {
            int count = 0;
            for (Judged each : passed) {
                if (each.fromNs() >= first.fromNs()) {
                    count++;
                    assertThat(count)
                            .as("passed within %d ns", each.toNs() - first.fromNs())
                            .isLessThanOrEqualTo((int) (BURST + (each.toNs() - first.fromNs()) / INTERVAL_NS));
                }
            }
        }
        assertThat(refused)
                .allSatisfy(each -> assertThat(latestArrivalNs(passed, each.toNs()))
                        .as("the arrival time of the next request that the bucket allows for, at the latest")
                        .isGreaterThan(each.fromNs() + (BURST - 1) * INTERVAL_NS));
    }

    // As a GCRA cell would have it, had every request that may have passed by then passed as late as it can have.
    private static long latestArrivalNs(List<Judged> passed, long byNs) {
        long arrivalNs = passed.getFirst().fromNs();
        for (Judged each : passed) {
            if (each.fromNs() <= byNs) {
                arrivalNs = Math.max(arrivalNs, Math.min(each.toNs(), byNs)) + INTERVAL_NS;
            }
        }
        return arrivalNs;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aQuotaLetsPassExactlyItsRequestsAlsoAfterARestart(int workers) throws Exception {
        LimitConfig limit = LimitConfig.named("monthly", QuotaConfig.of(500, CalendarUnit.MONTH))
                .build();
        try (ProxyEngine engine = serve(workers, limit)) {
            assertThat(sum(() -> {
                        int own = 0;
                        int refused = 0;
                        try (EngineClient client = new EngineClient(address(engine))) {
                            while (refused < 20) {
                                int passed = passed(client);
                                own += passed;
                                refused += 1 - passed;
                            }
                        }
                        return own;
                    }))
                    .isEqualTo(500);
        }

        try (ProxyEngine again = serve(workers, limit);
                EngineClient client = new EngineClient(address(again))) {
            assertThat(client.get("/")).startsWith("429");
        }
    }
}
