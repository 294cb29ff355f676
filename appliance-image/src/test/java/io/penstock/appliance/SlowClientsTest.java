package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that hold on to connections, or drop them at any moment, beside one that only wants its answers. */
@Tag("long")
final class SlowClientsTest {
    private static final int SLOW = 300;
    private static final int BYSTANDERS = 8;
    private static final long SEED = 4_711;
    private static final Duration GONE_MAX = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();

    @Test
    void closesSlowClientsAndServesTheOthers() throws Exception {
        Tool.require("slowhttptest", "nginx");
        try (PlainEndpoint endpoint = new PlainEndpoint();
                Site attacked = Site.nginx(folder);
                LongRig rig = rig(endpoint, attacked.port);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int descriptors = settledDescriptors(rig);
            AtomicBoolean isOver = new AtomicBoolean();
            List<Future<?>> bystanders = bystanders(rig, threads, isOver);
            List<Future<Tool.Result>> attacks = List.of(
                    threads.submit(() -> attack(rig, "/attacked/", "-H", "-i", "3", "-x", "10")),
                    threads.submit(() -> attack(rig, "/attacked/dav/up", "-B", "-i", "30", "-s", "8192", "-t", "PUT")),
                    threads.submit(() -> attack(
                            rig, "/attacked/30000000.bin", "-X", "-n", "60", "-z", "32", "-w", "512", "-y", "1024")),
                    threads.submit(() -> attack(rig, "/attacked/70000.bin", "-R", "-a", "5", "-b", "3000")));
            finish(attacks, isOver);
            finish(bystanders, isOver);
            for (Future<Tool.Result> attack : attacks) {
                assertThat(attack.get().said()).contains("service available:").contains("YES");
            }

            System.out.printf(
                    "%d slow clients of each kind: %.0f heads, %.0f bodies, %.0f readers timed out; %d answers to others%n",
                    SLOW,
                    rig.metric("penstock_refusals_total", "\"head-timeout\""),
                    rig.metric("penstock_refusals_total", "\"body-timeout\""),
                    rig.metric("penstock_refusals_total", "\"write-timeout\""),
                    answered.get());
            assertThat(faults).isEmpty();
            assertThat(answered.get()).isPositive();
            assertThat(rig.metric("penstock_refusals_total", "\"head-timeout\""))
                    .isEqualTo(SLOW);
            assertThat(rig.metric("penstock_refusals_total", "\"body-timeout\""))
                    .isEqualTo(SLOW);
            assertThat(rig.metric("penstock_refusals_total", "\"write-timeout\""))
                    .isEqualTo(SLOW);
            awaitAllGone(rig, descriptors);
        }
    }

    @Test
    void leavesNothingBehindWhenClientsResetAtAnyMoment() throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                LongRig rig = rig(endpoint, endpoint.port());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            reset(rig, 0, 500);
            // Asking for the heap's size opens a socket that stays: before the descriptors are counted.
            long heap = rig.gateway.liveHeapBytes();
            int descriptors = settledDescriptors(rig);
            long resident = rig.gateway.statusKib("VmRSS");
            AtomicBoolean isOver = new AtomicBoolean();
            List<Future<?>> bystanders = bystanders(rig, threads, isOver);
            List<Future<?>> resetting = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                int from = 1_000 + i * 1_000;
                resetting.add(threads.submit(() -> {
                    reset(rig, from, from + 1_000);
                    return null;
                }));
            }
            finish(resetting, isOver);
            finish(bystanders, isOver);

            awaitAllGone(rig, descriptors);
            long heapAfter = rig.gateway.liveHeapBytes();
            System.out.printf(
                    "16000 clients that reset: heap %.1f -> %.1f MiB, resident %d -> %d MiB, descriptors %d -> %d, %d answers to others%n",
                    heap / 1048576.0,
                    heapAfter / 1048576.0,
                    resident >> 10,
                    rig.gateway.statusKib("VmRSS") >> 10,
                    descriptors,
                    rig.gateway.descriptors(),
                    answered.get());
            assertThat(faults).isEmpty();
            assertThat(heapAfter - heap).isLessThan(16 << 20);
        }
    }

    /** What the slow clients ask lies on a server of its own, so that others wait for the gateway alone. */
    private LongRig rig(PlainEndpoint endpoint, int attacked) throws IOException {
        String document = """
            apiVersion: penstock/v1
            listeners:
              - {name: web, address: "127.0.0.1:0", protocol: http}
            upstreams:
              - {name: plain, targets: [{address: "127.0.0.1:%d"}]}
              - {name: attacked, targets: [{address: "127.0.0.1:%d"}]}
            services:
              - {name: plain, upstream: plain}
              - {name: attacked, upstream: attacked}
            routes:
              - {name: all, service: plain, matches: [{path: {type: prefix, value: /}}]}
              - name: attacked
                service: attacked
                matches: [{path: {type: prefix, value: /attacked}}]
                filters: [{type: rewrite, path: {stripPrefix: /attacked}}]
            """.formatted(endpoint.port(), attacked);
        return new LongRig(folder, folder.resolve("data"), "-Xmx256m", document, endpoint);
    }

    private static Tool.Result attack(LongRig rig, String path, String... how) throws Exception {
        List<String> command = new ArrayList<>(List.of("slowhttptest", "-c", Integer.toString(SLOW), "-r", "100"));
        command.addAll(List.of("-l", "29", "-u", "http://127.0.0.1:" + rig.port + path));
        command.addAll(List.of(how));
        return Tool.run(command.toArray(String[]::new));
    }

    /** Waits for all of them; the bystanders end after that, and also if one of them fails. */
    private static void finish(List<? extends Future<?>> tasks, AtomicBoolean isOver) throws Exception {
        try {
            for (Future<?> task : tasks) {
                task.get();
            }
        } finally {
            isOver.set(true);
        }
    }

    private List<Future<?>> bystanders(LongRig rig, ExecutorService threads, AtomicBoolean isOver) {
        List<Future<?>> bystanders = new ArrayList<>();
        for (int i = 0; i < BYSTANDERS; i++) {
            bystanders.add(threads.submit(() -> {
                try (LongRig.Client client = rig.client()) {
                    while (!isOver.get()) {
                        assertThat(client.get("/a")).startsWith("HTTP/1.1 200 OK 2 ");
                        answered.incrementAndGet();
                    }
                } catch (IOException | AssertionError failed) {
                    faults.add(failed.toString());
                }
                return null;
            }));
        }
        return bystanders;
    }

    /** Sends some of a request, takes some of the answer, and resets: in the head, the body, the wait, the response. */
    private static void reset(LongRig rig, int from, int to) throws IOException {
        Random random = new Random(SEED + from);
        byte[] up = ("PUT /up HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n" + "x".repeat(3_000))
                .getBytes(StandardCharsets.US_ASCII);
        byte[] down = "GET /down/3000000 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] pipelined = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII);
        byte[][] requests = {up, down, pipelined};
        for (int i = from; i < to; i++) {
            byte[] request = requests[i % requests.length];
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.port)) {
                socket.setSoLinger(true, 0);
                boolean isWhole = random.nextBoolean();
                socket.getOutputStream().write(request, 0, isWhole ? request.length : random.nextInt(request.length));
                if (isWhole && random.nextBoolean()) {
                    assertThat(socket.getInputStream().read(new byte[1 + random.nextInt(200)]))
                            .isPositive();
                }
            }
        }
    }

    /** Those that the process has when nobody is connected, the ones to endpoints aside: these stay for the next requests. */
    private static int settledDescriptors(LongRig rig) throws IOException, InterruptedException {
        // The first calls open what stays open: connections to the status port, archives of classes.
        rig.metric("penstock_connections_open", "");
        awaitNobody(rig);
        return descriptors(rig);
    }

    private static int descriptors(LongRig rig) throws IOException, InterruptedException {
        return rig.gateway.descriptors() - (int) rig.metric("penstock_upstream_connections_open", "");
    }

    private static void awaitAllGone(LongRig rig, int descriptors) {
        awaitNobody(rig);
        Awaitility.await()
                .atMost(GONE_MAX)
                .untilAsserted(() -> assertThat(descriptors(rig)).isLessThanOrEqualTo(descriptors));
    }

    private static void awaitNobody(LongRig rig) {
        Awaitility.await().atMost(GONE_MAX).untilAsserted(() -> {
            assertThat(rig.metric("penstock_connections_open", "")).isZero();
            assertThat(rig.metric("penstock_requests_active", "")).isZero();
        });
    }
}
