package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins keep, when the process is killed at any moment, when it is full, and when the disk is. */
@Tag("long")
final class KvUnderLoadTest {
    private static final int KILLS = 20;
    private static final int CLIENTS = 8;
    private static final long SEED = 20_261_121L;

    private static final String SOURCE = """
            export default {
              async onRequest(req, ctx) {
                const store = ctx.kv('n');
                const what = req.query.get('do');
                if (what === null) return;
                const key = req.query.get('key');
                try {
                  if (what === 'incr') return new Response(String(await store.incr(key)));
                  if (what === 'get') return new Response(String(await store.get(key)));
                  for (let i = 0; i < 200; i++) await store.put(key + i, 'x'.repeat(Number(req.query.get('size'))));
                  return new Response('200 more');
                } catch (error) {
                  return new Response(error.message, { status: 507 });
                }
              },
            };
            """;

    @TempDir
    private Path folder;

    private static void bind(PluginRig rig) throws Exception {
        rig.upload(
                "counter",
                "1.0.0",
                "{\"permissions\":{\"kv\":[\"n\"]},\"limits\":{\"cpuMs\":1000,\"requestCpuMs\":10000,\"wallMs\":60000}}",
                SOURCE);
        rig.route("counter", "/counter", "{\"type\":\"plugin\",\"use\":\"counter@1\"}");
    }

    @Test
    void hasEveryAnsweredCountAfterEveryKill() throws Exception {
        Random random = new Random(SEED);
        long[] answered = new long[CLIENTS];
        Histogram opened = new Histogram(3);
        Histogram ready = new Histogram(3);
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint)) {
            bind(rig);
            count(rig.rig.gateway, rig.rig.port, answered, random.nextInt(200, 1_500));
        }
        for (int kill = 1; kill < KILLS; kill++) {
            try (GatewayProcess again = again()) {
                int port = GatewayProcess.port(again.awaitReady(), "listeners web ");
                ready.recordValue(again.age().toNanos());
                long beganNs = System.nanoTime();
                long before = answered[0];
                long now = incr(port, 0);
                opened.recordValue(System.nanoTime() - beganNs);
                assertThat(now).as("after kill %s", kill).isGreaterThan(before);
                answered[0] = now;
                for (int i = 1; i < CLIENTS; i++) {
                    long next = incr(port, i);
                    // One that was under way when the process ended may have been done.
                    assertThat(next - answered[i])
                            .as("counter %s after kill %s", i, kill)
                            .isBetween(1L, 2L);
                    answered[i] = next;
                }
                count(again, port, answered, random.nextInt(200, 1_500));
            }
        }
        long sum = 0;
        for (long each : answered) {
            sum += each;
        }
        System.out.printf(
                "%d kills (seed %d), %d counts answered, none lost; start to ready p50 %.1f s, max %.1f s,"
                        + " then the first count p50 %.0f ms, max %.0f ms%n",
                KILLS,
                SEED,
                sum,
                ready.getValueAtPercentile(50) / 1e9,
                ready.getMaxValue() / 1e9,
                opened.getValueAtPercentile(50) / 1e6,
                opened.getMaxValue() / 1e6);
    }

    private GatewayProcess again() throws IOException {
        return GatewayProcess.serving(
                folder,
                "-Xmx256m",
                "--data",
                folder.resolve("data").toString(),
                "--admin",
                "127.0.0.1:0",
                "--status",
                "127.0.0.1:0");
    }

    private static long incr(int port, int counter) throws IOException {
        try (WireClient client = new WireClient(port)) {
            return number(client.get("/counter?do=incr&key=k" + counter, "x-a: b"));
        }
    }

    private static long number(WireClient.Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        return Long.parseLong(reply.body());
    }

    // Each client counts on a key of its own until the process is killed under it.
    private static void count(GatewayProcess gateway, int port, long[] answered, int milliseconds) throws Exception {
        List<Thread> clients = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int counter = i;
            clients.add(Thread.ofVirtual().start(() -> {
                try (WireClient client = new WireClient(port)) {
                    while (true) {
                        answered[counter] = number(client.get("/counter?do=incr&key=k" + counter, "x-a: b"));
                    }
                } catch (IOException killed) {
                    // As meant.
                } catch (AssertionError failed) {
                    synchronized (wrong) {
                        wrong.add(String.valueOf(failed.getMessage()));
                    }
                }
            }));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
        gateway.signal("KILL");
        gateway.awaitExit();
        for (Thread client : clients) {
            client.join();
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void belongsToOneProcess() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint)) {
            bind(rig);
            assertThat(incr(rig.rig.port, 0)).isOne();
            try (GatewayProcess second = again()) {
                assertThat(second.awaitExit()).isNotZero();
                assertThat(second.err())
                        .contains(folder.resolve("data").toString())
                        .contains("another");
                System.out.println(
                        "second process: " + second.err().lines().findFirst().orElse(""));
            }
            assertThat(incr(rig.rig.port, 0)).isEqualTo(2);
        }
    }

    @Test
    void isFullForOnePluginAndGoesOnForOthers() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint);
                SteadyLoad load = SteadyLoad.on(rig.rig.port, 4, 50, PluginRig.BYSTANDER, PluginRig.SERVED)) {
            bind(rig);
            Map<Integer, Integer> statuses = new TreeMap<>();
            String last = fill(rig, statuses, 60_000);
            System.out.printf(
                    "a full quota: answers %s, \"%s\"; bystander %s%n", statuses, last, SteadyLoad.told(load.phase()));
            assertThat(last).contains("quota");
            load.finish();
            assertThat(load.faults()).isEmpty();
            assertThat(rig.version("counter", "1.0.0").path("strikes").asInt()).isZero();
        }
    }

    private static String fill(PluginRig rig, Map<Integer, Integer> statuses, int size) throws IOException {
        try (WireClient client = new WireClient(rig.rig.port)) {
            for (int i = 0; i < 400; i++) {
                WireClient.Reply reply = client.get("/counter?do=put&size=" + size + "&key=" + i + "-", "x-a: b");
                statuses.merge(reply.status(), 1, Integer::sum);
                if (reply.status() != 200) {
                    return reply.body();
                }
            }
        }
        return "never full";
    }

    @Test
    void takesNothingOnAFullDiskAndHeals() throws Exception {
        Tool.require("mount", "umount");
        Path disk = Files.createDirectory(folder.resolve("data"));
        Tool.Result mounted = Tool.run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString());
        assumeTrue(mounted.exit() == 0, "may not mount a small disk: " + mounted.said());
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx256m", endpoint);
                SteadyLoad load = SteadyLoad.on(rig.rig.port, 4, 50, PluginRig.BYSTANDER, PluginRig.SERVED)) {
            bind(rig);
            assertThat(incr(rig.rig.port, 0)).isOne();
            fillDisk(disk.resolve("filler"));

            Map<Integer, Integer> statuses = new TreeMap<>();
            String last = fill(rig, statuses, 30_000);
            assertThat(last).contains("disk");
            try (WireClient client = new WireClient(rig.rig.port)) {
                assertThat(client.get("/counter?do=get&key=k0", "x-a: b").body())
                        .isEqualTo("1");
            }
            Files.delete(disk.resolve("filler"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(incr(rig.rig.port, 0)).isEqualTo(2));
            load.finish();
            System.out.printf(
                    "a full disk: answers %s, \"%s\"; healed; bystander %s%n",
                    statuses, last, SteadyLoad.told(load.phase()));
            assertThat(load.faults()).isEmpty();
        } finally {
            Tool.run("umount", "-l", disk.toString());
        }
    }

    private static void fillDisk(Path file) throws IOException {
        try (OutputStream filler = Files.newOutputStream(file)) {
            byte[] page = new byte[4_096];
            while (true) {
                filler.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }
}
