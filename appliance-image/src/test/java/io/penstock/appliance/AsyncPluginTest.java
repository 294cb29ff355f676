package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand requests at a time that wait in one context of one worker for an origin: slow, dead, silent; and clients that go. */
@Tag("long")
final class AsyncPluginTest {
    private static final int IN_FLIGHT = 1_000;
    private static final int ROUNDS = 20;
    private static final int ORIGIN_MS = 5;
    private static final int WALL_MS = 2_000;
    private static final long HEAP_GROWTH_MAX = 48L << 20;

    @TempDir
    private Path folder;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private int ids;

    @Test
    void answersEachAndLeavesNothingBehind() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                SlowOrigin origin = new SlowOrigin(ORIGIN_MS);
                SlowOrigin silent = new SlowOrigin(ORIGIN_MS);
                PluginRig rig = new PluginRig(folder, "-Xmx512m", endpoint, "--workers", "1");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            bind(rig, "slow", origin);
            bind(rig, "silent", silent);
            silent.fallSilent();
            round(rig, threads, "/slow", 3, new ConcurrentHistogram(3));
            long heap = rig.rig.gateway.liveHeapBytes();
            long threadsBefore = rig.threads();

            ConcurrentHistogram times = new ConcurrentHistogram(3);
            long beganNs = System.nanoTime();
            Map<Integer, Integer> answers = round(rig, threads, "/slow", ROUNDS, times);
            double seconds = (System.nanoTime() - beganNs) / 1e9;
            System.out.printf(
                    "%d in flight, one worker, fetch of %d ms: %.0f requests a second, %s, answers %s%n",
                    IN_FLIGHT, ORIGIN_MS, IN_FLIGHT * ROUNDS / seconds, SteadyLoad.told(times), answers);
            assertThat(faults).isEmpty();
            assertThat(answers).containsOnlyKeys(200);
            assertSettled(rig);

            try (SteadyLoad bystander = SteadyLoad.on(rig.rig.port, 4, 50, PluginRig.BYSTANDER, PluginRig.SERVED)) {
                resetAll(rig, silent);
                told("clients that all reset", bystander, Map.of());
                assertSettled(rig);

                Map<Integer, Integer> late = round(rig, threads, "/silent", 1, new ConcurrentHistogram(3));
                told("an origin that never answers", bystander, late);
                assertThat(late).containsOnlyKeys(500);
                assertSettled(rig);

                origin.end();
                Map<Integer, Integer> refused = round(rig, threads, "/slow", 2, new ConcurrentHistogram(3));
                told("an origin that is gone", bystander, refused);
                assertThat(refused).containsOnlyKeys(502);
                assertSettled(rig);
                bystander.finish();
                assertThat(bystander.faults()).isEmpty();
            }
            Awaitility.await("its connections are closed")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(silent.connections()).isZero());
            long heapAfter = rig.rig.gateway.liveHeapBytes();
            System.out.printf(
                    "afterwards: heap %.1f -> %.1f MiB, threads %d -> %d, faults %s%n",
                    heap / 1048576.0,
                    heapAfter / 1048576.0,
                    threadsBefore,
                    rig.threads(),
                    rig.version("slow", "1.0.0").path("faults"));
            assertThat(faults).isEmpty();
            assertThat(heapAfter - heap).isLessThan(HEAP_GROWTH_MAX);
            assertThat(rig.version("slow", "1.0.0").path("strikes").asInt()).isZero();
        }
    }

    private static void bind(PluginRig rig, String name, SlowOrigin origin) throws Exception {
        rig.upload(
                name,
                "1.0.0",
                "{\"permissions\":{\"fetch\":[\"" + origin.origin() + "\"]},\"limits\":{\"wallMs\":" + WALL_MS
                        + ",\"cpuMs\":500}}",
                """
                export default {
                  async onRequest(req, ctx) {
                    const id = req.headers.get('x-id');
                    if (id === null) return;
                    let reply;
                    try {
                      reply = await fetch('%s/' + id);
                    } catch (error) {
                      return new Response(error.message, { status: 502 });
                    }
                    return new Response(await reply.text());
                  },
                };
                """.formatted(origin.origin()));
        rig.route(name, "/" + name, "{\"type\":\"plugin\",\"use\":\"" + name + "@1\"}");
    }

    private static void told(String what, SteadyLoad bystander, Map<Integer, Integer> answers) {
        System.out.printf("%-30s bystander: %s, answers %s%n", what, SteadyLoad.told(bystander.phase()), answers);
    }

    // All of them at a time, each several times over its connection; each must get its own id back.
    private Map<Integer, Integer> round(
            PluginRig rig, ExecutorService threads, String path, int rounds, ConcurrentHistogram times)
            throws Exception {
        Map<Integer, AtomicInteger> answers = new ConcurrentHashMap<>();
        List<Future<?>> running = new ArrayList<>();
        int first = ids;
        ids += IN_FLIGHT * rounds;
        for (int i = 0; i < IN_FLIGHT; i++) {
            int from = first + i * rounds;
            running.add(threads.submit(() -> {
                try (WireClient client = new WireClient(rig.rig.port)) {
                    for (int id = from; id < from + rounds; id++) {
                        long beganNs = System.nanoTime();
                        WireClient.Reply reply = client.get(path, "x-id: " + id);
                        times.recordValue(System.nanoTime() - beganNs);
                        answers.computeIfAbsent(reply.status(), any -> new AtomicInteger())
                                .incrementAndGet();
                        if (reply.status() == 200 && !reply.body().equals("/" + id)) {
                            faults.add(id + " was answered " + reply.body());
                        }
                    }
                } catch (IOException | AssertionError failed) {
                    faults.add(failed.toString());
                }
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
        Map<Integer, Integer> counts = new TreeMap<>();
        answers.forEach((status, count) -> counts.put(status, count.get()));
        return counts;
    }

    private static void resetAll(PluginRig rig, SlowOrigin silent) throws Exception {
        List<LongRig.Client> clients = new ArrayList<>();
        int before = silent.asked();
        for (int i = 0; i < IN_FLIGHT; i++) {
            LongRig.Client client = rig.rig.client();
            client.socket()
                    .getOutputStream()
                    .write("GET /silent HTTP/1.1\r\nHost: a\r\nx-id: 1\r\n\r\n"
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            clients.add(client);
        }
        Awaitility.await("some wait in the plugin")
                .until(() -> silent.asked() - before > 0 || rig.rig.metric("penstock_requests_active", "") > 100);
        for (LongRig.Client client : clients) {
            client.socket().setSoLinger(true, 0);
            client.close();
        }
    }

    private static void assertSettled(PluginRig rig) {
        Awaitility.await("nothing is in flight")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        // The bystander's own requests come and go.
                        assertThat(rig.rig.metric("penstock_requests_active", ""))
                                .isLessThanOrEqualTo(4));
    }
}
