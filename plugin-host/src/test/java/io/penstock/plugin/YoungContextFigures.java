package io.penstock.plugin;

import io.penstock.config.JsonText;
import io.penstock.config.PluginFilterConfig;
import io.penstock.spi.Filter;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long entries of a context take while it is young, with and without a warm-up: what {@link ScriptOptions#DEFAULT} rests
 * on. Run by hand, as a main class of the tests; prints milliseconds of CPU time.
 */
final class YoungContextFigures {
    private static final int CALLS = 20_000;

    private YoungContextFigures() {}

    private static Map<String, String> scripts() {
        Map<String, String> scripts = new LinkedHashMap<>();
        scripts.put("headers", """
                export default { onRequest(req, ctx) {
                  if (req.headers.get('x-token') !== 'a'.repeat(36)) req.headers.set('x-seen', req.path + ctx.route); } };
                """);
        scripts.put("answer", """
                export default { onRequest(req) {
                  return Response.json({ path: req.path, parts: req.path.split('/').map((part) => part.toUpperCase()) }); } };
                """);
        scripts.put("query", """
                export default { onRequest(req) {
                  const all = [...req.query].map(([k, v]) => `${k}=${v}`).sort().join('&');
                  if (/^a=(\\d+)&b=(\\d+)$/.test(all)) req.headers.set('x-q', new URL(req.url).searchParams.get('a')); } };
                """);
        scripts.put("json", """
                const text = JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ id: i, name: 'n' + i, tags: ['a', 'b'] })));
                export default { onRequest(req) {
                  const all = JSON.parse(text).filter((one) => one.id % 2).map((one) => ({ ...one, name: one.name + '!' }));
                  req.headers.set('x-length', String(JSON.stringify(all).length)); } };
                """);
        scripts.put("digest", """
                export default { async onRequest(req) {
                  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(req.url));
                  req.headers.set('x-hash', Array.from(new Uint8Array(hash), (b) => b.toString(16)).join('')); } };
                """);
        return scripts;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (int warmUpMs : new int[] {0, 300, 1_000, 3_000}) {
            for (Map.Entry<String, String> script : scripts().entrySet()) {
                ScriptOptions options = new ScriptOptions(
                        5_000, 10_000, warmUpMs, 5_000, 600_000, Optional.empty(), name -> Optional.empty());
                try (PluginHarness harness = new PluginHarness(options)) {
                    measure(out, harness, warmUpMs, script.getKey(), script.getValue());
                }
            }
        }
    }

    private static void measure(PrintStream out, PluginHarness harness, int warmUpMs, String name, String script)
            throws Exception {
        var threads = ManagementFactory.getThreadMXBean();
        String use = harness.upload(
                PackageFixture.named(name, "1.0.0", "").main(script).zip());
        PluginFilterConfig config = PluginHarness.config(use, JsonText.EMPTY_OBJECT.text(), Optional.empty());
        Filter filter = harness.filters.prepare(config).open(harness.worker.id());
        double[] ms = new double[CALLS];
        for (int i = 0; i < CALLS; i++) {
            FakeExchange exchange = harness.exchange();
            long before = threads.getCurrentThreadCpuTime();
            filter.onRequest(exchange, exchange);
            ms[i] = (threads.getCurrentThreadCpuTime() - before) / 1e6;
            harness.worker.turn();
        }
        double first = ms[0];
        Arrays.sort(ms);
        out.printf(
                "%s warm-up %d ms, %s: first %.2f, max %.2f, second %.2f, 10th %.2f, p99 %.3f, p50 %.4f%n",
                harness.library.mode().substring(0, 9),
                warmUpMs,
                name,
                first,
                ms[CALLS - 1],
                ms[CALLS - 2],
                ms[CALLS - 10],
                ms[CALLS - CALLS / 100],
                ms[CALLS / 2]);
    }
}
