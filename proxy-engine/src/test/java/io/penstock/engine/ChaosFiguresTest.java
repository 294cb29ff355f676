package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.HealthConfig;
import io.penstock.config.LatencyConfig;
import io.penstock.config.PassiveHealthConfig;
import io.penstock.config.PathMatch;
import io.penstock.config.RecordDefaults;
import io.penstock.config.RetryConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.ServiceConfig;
import io.penstock.config.Share;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.discovery.HealthView;
import io.penstock.engine.ToyEndpoint.Manner;
import io.penstock.metrics.Counter;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Endpoints that fall sick under load, one kind of sickness after the other and all at once: what clients see of it until the
 * sick are left out and afterwards, how long that takes, how many tries it costs, and that another route does not notice.
 * Figures are printed; what must hold is the same with one worker and with four.
 */
@Tag("long")
final class ChaosFiguresTest {
    private static final int CLIENTS = 8;
    private static final int BYSTANDERS = 2;
    private static final Duration PAUSE = Duration.ofMillis(4);
    private static final Duration WELL = Duration.ofSeconds(1);
    private static final Duration AFTERWARDS = Duration.ofSeconds(2);
    private static final Duration EJECTION_MAX = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofMillis(1);
    private static final int BUDGET_PERCENT = 20;
    private static final String BESIDE = "/other";

    @TempDir
    private Path logs;

    private final List<ToyEndpoint> endpoints = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean isOver;

    /**
     * What befalls an upstream.
     *
     * @param ejected how many endpoints are left out in the end
     */
    record Plight(String name, List<Manner> sick, int good, int ejected, int workers) {
        @Override
        public String toString() {
            return name + ", " + workers + (workers == 1 ? " worker" : " workers");
        }
    }

    /** One answer, or none. */
    private record Seen(long endNs, long tookNs, String status) {
        boolean isBad() {
            return !status.equals("200");
        }
    }

    static List<Plight> plights() {
        List<Manner> each = List.of(Manner.DEAD, Manner.SLOW, Manner.RESETTING, Manner.LYING);
        return IntStream.of(1, 4)
                .boxed()
                .flatMap(workers -> Stream.concat(
                        each.stream()
                                .map(kind -> new Plight(
                                        "one " + kind.name().toLowerCase(Locale.ROOT) + " of four",
                                        List.of(kind),
                                        3,
                                        1,
                                        workers)),
                        Stream.of(
                                new Plight("one of each kind beside four good ones", each, 4, 4, workers),
                                // Half of them at most may be left out, and nobody is left who is well.
                                new Plight("one of each kind and nobody else", each, 0, 2, workers))))
                .toList();
    }

    @AfterEach
    void close() throws IOException {
        isOver = true;
        threads.close();
        for (ToyEndpoint endpoint : endpoints) {
            endpoint.close();
        }
    }

    private EngineRig rig(Plight plight) throws Exception {
        for (int i = 0; i < plight.sick().size() + plight.good(); i++) {
            endpoints.add(new ToyEndpoint("e" + i, Manner.GOOD));
        }
        TargetConfig[] targets =
                endpoints.stream().map(ChaosFiguresTest::target).toArray(TargetConfig[]::new);
        ToyEndpoint other = new ToyEndpoint("other", Manner.GOOD);
        endpoints.add(other);
        PassiveHealthConfig passive = new PassiveHealthConfig(
                5,
                Optional.empty(),
                Optional.of(new LatencyConfig(Duration.ofMillis(20), 3, 5)),
                Duration.ofMillis(500),
                Duration.ofMinutes(10),
                Duration.ofMinutes(10),
                Share.parse("50%"));
        return new EngineRig(
                TransportChoice.AUTO,
                plight.workers(),
                logs,
                UpstreamConfig.named("backend")
                        .health(RecordDefaults.of(HealthConfig.class, Map.of("passive", Optional.of(passive))))
                        .retries(RetryConfig.builder()
                                .attempts(2)
                                .when("connectFailure", "reset", "5xx")
                                .budget(BUDGET_PERCENT + "%")
                                .minPerSecond(0)
                                .build())
                        .targets(targets)
                        .build(),
                UpstreamConfig.named("other").targets(target(other)).build(),
                ServiceConfig.named("other", "other").build(),
                RouteConfig.named("other")
                        .matches(RouteMatch.of(PathMatch.prefix(BESIDE)))
                        .service("other")
                        .build());
    }

    private static TargetConfig target(ToyEndpoint endpoint) {
        return RecordDefaults.of(
                TargetConfig.class,
                Map.of(
                        "address",
                        TargetConfig.of("127.0.0.1:" + endpoint.port()).address(),
                        "name",
                        Optional.of(endpoint.name())));
    }

    private Queue<Seen> ask(SocketAddress gateway, int clients, String path) {
        Queue<Seen> seen = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < clients; i++) {
            threads.execute(() -> {
                while (!isOver) {
                    askOnOneConnection(gateway, path, seen);
                }
            });
        }
        return seen;
    }

    private void askOnOneConnection(SocketAddress gateway, String path, Queue<Seen> seen) {
        long startNs = System.nanoTime();
        try (EngineClient client = new EngineClient(gateway)) {
            while (!isOver) {
                startNs = System.nanoTime();
                String status = client.get(path).substring(0, 3);
                long endNs = System.nanoTime();
                seen.add(new Seen(endNs, endNs - startNs, status));
                Thread.sleep(PAUSE);
            }
        } catch (IOException broken) {
            long endNs = System.nanoTime();
            seen.add(new Seen(endNs, endNs - startNs, "broken"));
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private void fallSick(List<Manner> kinds) throws IOException {
        for (int i = 0; i < kinds.size(); i++) {
            if (kinds.get(i) == Manner.DEAD) {
                endpoints.get(i).close();
            } else {
                endpoints.get(i).manner(kinds.get(i));
            }
        }
    }

    /** When each was found to be left out, by name. */
    private static Map<String, Long> ejections(ProxyEngine engine, int count) throws InterruptedException {
        Map<String, Long> ejected = new LinkedHashMap<>();
        long endNs = System.nanoTime() + EJECTION_MAX.toNanos();
        while (ejected.size() < count && System.nanoTime() < endNs) {
            for (EndpointStatus status : engine.readings().endpoints("backend")) {
                if (status.health().map(HealthView::state).orElseThrow() == HealthView.State.EJECTED) {
                    ejected.putIfAbsent(status.endpoint().name(), System.nanoTime());
                }
            }
            Thread.sleep(LOOK);
        }
        return ejected;
    }

    @ParameterizedTest
    @MethodSource("plights")
    void leavesTheSickOutAndTellsWhatItCost(Plight plight) throws Exception {
        try (EngineRig rig = rig(plight)) {
            ProxyEngine engine = rig.engine();
            SocketAddress gateway =
                    engine.readings().status().listeners().getFirst().address();
            Queue<Seen> asked = ask(gateway, CLIENTS, "/");
            Queue<Seen> beside = ask(gateway, BYSTANDERS, BESIDE);
            Thread.sleep(WELL);
            long sickNs = System.nanoTime();
            fallSick(plight.sick());
            Map<String, Long> ejected = ejections(engine, plight.ejected());
            long outNs = System.nanoTime();
            int[] before = endpoints.stream().mapToInt(ToyEndpoint::requests).toArray();
            Thread.sleep(AFTERWARDS);
            int[] after = endpoints.stream().mapToInt(ToyEndpoint::requests).toArray();
            isOver = true;
            threads.close();

            long retries = engine.readings().metrics().value(Counter.RETRIES);
            System.out.println(plight + ": " + asked.size() + " requests, " + retries + " tried again ("
                    + percent(retries, asked.size()) + ")");
            System.out.println("  until all were out: " + figures(asked, sickNs, outNs) + "; afterwards: "
                    + figures(asked, outNs, Long.MAX_VALUE) + "; before: " + figures(asked, 0, sickNs));
            ejected.forEach((name, atNs) -> System.out.println(
                    "  " + kind(plight, name) + " left out after " + (atNs - sickNs) / 1_000_000 + " ms"));
            System.out.println("  another route: before " + figures(beside, 0, sickNs) + "; meanwhile "
                    + figures(beside, sickNs, Long.MAX_VALUE));

            assertThat(ejected).hasSize(plight.ejected());
            assertThat(ejected.keySet())
                    .isSubsetOf(IntStream.range(0, plight.sick().size())
                            .mapToObj(i -> endpoints.get(i).name())
                            .toList());
            assertThat(retries * 100).isLessThanOrEqualTo((long) asked.size() * BUDGET_PERCENT);
            assertThat(IntStream.of(after).sum() - after[after.length - 1])
                    .isLessThanOrEqualTo(asked.size() + (int) retries);
            assertThat(beside).isNotEmpty().noneMatch(Seen::isBad);
            if (plight.good() > 0) {
                sharesAreEven(plight, before, after);
            }
        }
    }

    private static void sharesAreEven(Plight plight, int[] before, int[] after) {
        int first = plight.sick().size();
        int all = IntStream.range(first, first + plight.good())
                .map(i -> after[i] - before[i])
                .sum();
        double even = (double) all / plight.good();
        assertThat(all).isPositive();
        for (int i = first; i < first + plight.good(); i++) {
            assertThat((double) after[i] - before[i]).isBetween(even * 0.9, even * 1.1);
        }
    }

    private static String kind(Plight plight, String name) {
        return plight.sick().get(Integer.parseInt(name.substring(1))).name().toLowerCase(Locale.ROOT);
    }

    private static String figures(Collection<Seen> all, long fromNs, long toNs) {
        // A reading of the clock may be negative; differences are not.
        List<Seen> seen = all.stream()
                .filter(each -> (fromNs == 0 || each.endNs() - fromNs >= 0)
                        && (toNs == Long.MAX_VALUE || each.endNs() - toNs < 0))
                .toList();
        long bad = seen.stream().filter(Seen::isBad).count();
        long[] tookNs = seen.stream().mapToLong(Seen::tookNs).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%d of %d failed (%s), p50 %.1f ms, p99 %.1f ms",
                bad,
                seen.size(),
                percent(bad, seen.size()),
                quantileMs(tookNs, 0.5),
                quantileMs(tookNs, 0.99));
    }

    private static double quantileMs(long[] sortedNs, double share) {
        return sortedNs.length == 0 ? 0 : sortedNs[(int) Math.min(sortedNs.length - 1, share * sortedNs.length)] / 1e6;
    }

    private static String percent(long part, long all) {
        return String.format(Locale.ROOT, "%.2f %%", all == 0 ? 0 : 100.0 * part / all);
    }
}
