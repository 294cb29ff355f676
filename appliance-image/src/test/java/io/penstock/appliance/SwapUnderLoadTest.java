package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Version after version of a plugin, uploaded and swapped in beside its own traffic. */
@Tag("long")
final class SwapUnderLoadTest {
    private static final int VERSIONS = 100;
    private static final int SETTLED = 20;
    private static final String PATH = "/swapped";
    private static final long HEAP_GROWTH_MAX = 64L << 20;
    private static final long METASPACE_GROWTH_MAX = 32L << 20;

    @TempDir
    private Path folder;

    private static String version(int i) {
        return "1.0." + i;
    }

    private static String source(int i) {
        return """
                const table = new Map(Array.from({ length: 1000 }, (_, i) => ['key-' + i, i]));
                export default {
                  onRequest(req, ctx) {
                    if (table.get('key-7') !== 7) return ctx.reject(500, 'spoilt');
                    if (req.headers.has('x-which')) return new Response('%d');
                    req.headers.set('x-version', '%d');
                  },
                  onResponse(res) { res.headers.set('x-version', '%d'); },
                };
                """.formatted(i, i, i);
    }

    @ParameterizedTest(name = "{0} workers")
    @ValueSource(ints = {1, 2, 4})
    void failsNoRequestAndLeavesNothingBehind(int workers) throws Exception {
        try (PlainEndpoint endpoint = new PlainEndpoint();
                PluginRig rig = new PluginRig(folder, "-Xmx512m", endpoint, "--workers", Integer.toString(workers))) {
            rig.upload("swapped", version(0), "{}", source(0));
            rig.route("swapped", PATH, "{\"type\":\"plugin\",\"use\":\"swapped@1\"}");
            try (SteadyLoad load = SteadyLoad.on(rig.rig.port, 8, 50, PATH, PluginRig.SERVED)) {
                load.await(2_000);
                load.phase();
                load.await(2_000);
                Histogram before = load.phase();
                Histogram uploads = new Histogram(3);
                Histogram swaps = new Histogram(3);
                Figures settled = new Figures(0, 0, 0);
                for (int i = 1; i <= VERSIONS; i++) {
                    long beganNs = System.nanoTime();
                    rig.upload("swapped", version(i), "{}", source(i));
                    long storedNs = System.nanoTime();
                    HttpResponse<String> moved = rig.move("swapped", "upgrade", "{\"version\":\"" + version(i) + "\"}");
                    uploads.recordValue(storedNs - beganNs);
                    swaps.recordValue(System.nanoTime() - storedNs);
                    assertThat(moved.statusCode()).as(moved.body()).isEqualTo(200);
                    try (WireClient client = new WireClient(rig.rig.port)) {
                        assertThat(client.get(PATH, "x-which: 1").body()).isEqualTo(Integer.toString(i));
                    }
                    if (i == SETTLED) {
                        // A full collection, which would stand among the stalls.
                        settled = load.paused(() -> Figures.of(rig));
                    }
                }
                Histogram during = load.phase();
                load.finish();
                Awaitility.await("old contexts are closed")
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(rig.rig.metric("penstock_plugin_contexts", "\"swapped\""))
                                .isEqualTo(workers));
                Figures after = Figures.of(rig);

                System.out.printf(
                        "%d workers, %d versions under load%n  before    %s%n  during    %s%n"
                                + "  upload    p50 %.0f ms, max %.0f ms%n  swap      p50 %.0f ms, max %.0f ms%n"
                                + "  longest entry of a version %.2f ms (goal 20), workers stalled for a second: %.0f%n"
                                + "  after %3d %s%n  after %3d %s%n",
                        workers,
                        VERSIONS,
                        SteadyLoad.told(before),
                        SteadyLoad.told(during),
                        uploads.getValueAtPercentile(50) / 1e6,
                        uploads.getMaxValue() / 1e6,
                        swaps.getValueAtPercentile(50) / 1e6,
                        swaps.getMaxValue() / 1e6,
                        rig.rig.metricMax("penstock_plugin_stall_seconds", "\"swapped\"") * 1e3,
                        rig.rig.metric("penstock_worker_stalls_total", ""),
                        SETTLED,
                        settled,
                        VERSIONS,
                        after);
                assertThat(load.faults()).isEmpty();
                assertThat(after.heap() - settled.heap()).isLessThan(HEAP_GROWTH_MAX);
                assertThat(after.metaspace() - settled.metaspace()).isLessThan(METASPACE_GROWTH_MAX);
            }
        }
    }

    /** What the process holds, in octets, after a full collection. */
    private record Figures(long heap, long metaspace, long resident) {
        static Figures of(PluginRig rig) throws Exception {
            GatewayProcess gateway = rig.rig.gateway;
            return new Figures(gateway.liveHeapBytes(), gateway.metaspaceBytes(), gateway.statusKib("VmRSS") << 10);
        }

        @Override
        public String toString() {
            return "heap %.1f MiB, metaspace %.1f MiB, resident %d MiB"
                    .formatted(heap / 1048576.0, metaspace / 1048576.0, resident >> 20);
        }
    }
}
