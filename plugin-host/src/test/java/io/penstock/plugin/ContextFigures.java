package io.penstock.plugin;

import io.penstock.config.JsonText;
import io.penstock.config.PluginFilterConfig;
import io.penstock.spi.Filter;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What contexts hold of the heap, and how long a version takes from its upload until its calls are as fast as they will be.
 * Run by hand, as a main class of the tests, on a machine that does nothing else; takes the number of workers, 2 if not said.
 */
final class ContextFigures {
    private static final int[] PLUGINS = {1, 10, 50};
    private static final int BATCH = 1_000;
    private static final int BATCHES = 300;
    // Steady is the first batch that is as fast as the median of the last third, give or take a fifth.
    private static final double STEADY = 1.2;

    private ContextFigures() {}

    // No two alike, so that none finds the code of another.
    private static String script(int i) {
        return """
                const allowed = new Set(Array.from({ length: 100 }, (_, n) => 'token-%d-' + n));
                export default {
                  onRequest(req, ctx) {
                    if (!allowed.has(req.headers.get('x-token') ?? 'token-%d-7')) return ctx.reject(401, 'no');
                    req.headers.set('x-plugin-%d', req.path);
                  },
                };
                """.formatted(i, i, i);
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int workers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
        out.printf("%d workers; heap after collections, metaspace%n", workers);
        for (int plugins : PLUGINS) {
            memory(out, plugins, workers);
        }
        for (int round = 0; round < 3; round++) {
            speed(out, round);
        }
    }

    private static void memory(PrintStream out, int plugins, int workers) throws Exception {
        try (PluginHarness harness = new PluginHarness()) {
            // The engine, and what all contexts share, by one that stays.
            List<Filter> open = new ArrayList<>(open(harness, 1_000, workers));
            long heap = heapBytes();
            long metaspace = metaspaceBytes();
            long beganNs = System.nanoTime();
            for (int i = 0; i < plugins; i++) {
                open.addAll(open(harness, i, workers));
            }
            double openMs = (System.nanoTime() - beganNs) / 1e6 / plugins / workers;
            for (Filter filter : open) {
                for (int i = 0; i < BATCH; i++) {
                    FakeExchange exchange = harness.exchange();
                    filter.onRequest(exchange, exchange);
                    harness.worker.turn();
                }
            }
            double contexts = (double) plugins * workers;
            out.printf(
                    "%2d plugins, %3.0f contexts: %6.1f KiB heap and %5.1f KiB metaspace for each, %.1f ms to open one%n",
                    plugins,
                    contexts,
                    (heapBytes() - heap) / 1024.0 / contexts,
                    (metaspaceBytes() - metaspace) / 1024.0 / contexts,
                    openMs);
            open.forEach(Filter::close);
        }
    }

    private static List<Filter> open(PluginHarness harness, int i, int workers) throws Exception {
        String use = harness.upload(
                PackageFixture.named("p" + i, "1.0.0", "").main(script(i)).zip());
        PluginFilterConfig config = PluginHarness.config(use, JsonText.EMPTY_OBJECT.text(), Optional.empty());
        PreparedFilter prepared = harness.filters.prepare(config);
        List<Filter> filters = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            filters.add(prepared.open(new WorkerId(worker, workers)));
        }
        return filters;
    }

    private static long heapBytes() {
        // The first may leave what waits for finalisers and cleaners.
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long metaspaceBytes() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().equals("Metaspace"))
                .mapToLong(pool -> pool.getUsage().getUsed())
                .sum();
    }

    // The first round pays for the engine and its compiler; a gateway that runs plugins already is like the others.
    private static void speed(PrintStream out, int round) throws Exception {
        ScriptOptions options = ScriptOptions.DEFAULT;
        try (PluginHarness harness = new PluginHarness(options)) {
            var threads = ManagementFactory.getThreadMXBean();
            long beganNs = System.nanoTime();
            String use = harness.upload(PackageFixture.named("speed", "1.0.0", "")
                    .main(script(2_000 + round))
                    .zip());
            double storedMs = (System.nanoTime() - beganNs) / 1e6;
            PluginFilterConfig config = PluginHarness.config(use, JsonText.EMPTY_OBJECT.text(), Optional.empty());
            Filter filter = harness.filters.prepare(config).open(harness.worker.id());
            double servesMs = (System.nanoTime() - beganNs) / 1e6;
            double[] us = new double[BATCHES];
            double[] atMs = new double[BATCHES];
            for (int batch = 0; batch < BATCHES; batch++) {
                long cpuNs = threads.getCurrentThreadCpuTime();
                for (int i = 0; i < BATCH; i++) {
                    FakeExchange exchange = harness.exchange();
                    filter.onRequest(exchange, exchange);
                    harness.worker.turn();
                }
                us[batch] = (threads.getCurrentThreadCpuTime() - cpuNs) / 1e3 / BATCH;
                atMs[batch] = (System.nanoTime() - beganNs) / 1e6;
            }
            double[] last = java.util.Arrays.copyOfRange(us, BATCHES / 3 * 2, BATCHES);
            java.util.Arrays.sort(last);
            double steadyUs = last[last.length / 2];
            int first = 0;
            while (us[first] > steadyUs * STEADY) {
                first++;
            }
            out.printf(
                    "%s: stored after %.0f ms, serves after %.0f ms (warmed up at most %d ms), first %d calls %.2f us each,"
                            + " steady at %.2f us after %.0f ms and %d calls%n",
                    harness.library.mode(),
                    storedMs,
                    servesMs,
                    options.warmUpMs(),
                    BATCH,
                    us[0],
                    steadyUs,
                    atMs[first],
                    (first + 1) * BATCH);
        }
    }
}
