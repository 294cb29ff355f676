package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.spi.Filter;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("both-modes")
final class KeyValueHooksTest {
    private static final String KV = "\"permissions\": {\"kv\": [\"keys\"]}";

    @TempDir
    Path folder;

    private static String answerOf(PluginHarness harness, Filter filter, FakeExchange exchange) {
        Verdict verdict = filter.onRequest(exchange, exchange);
        if (!(verdict instanceof Verdict.Suspended)) {
            return PluginHarness.bodyOf(verdict);
        }
        while (harness.worker.verdictOf(exchange.ticket) == null) {
            harness.worker.awaitPost();
        }
        return PluginHarness.bodyOf(harness.worker.verdictOf(exchange.ticket));
    }

    private boolean hasFile() {
        return Files.exists(folder.resolve("plugin-kv.dat"));
    }

    @Test
    void opensTheStoreOnlyForAPluginThatAsksForOneAndIsUsed() throws IOException {
        try (PluginHarness harness = PluginHarness.keepingIn(folder)) {
            harness.plugin("export default { onRequest() {} };");
            String use = harness.upload(PackageFixture.named("keeper", "1.0.0", KV)
                    .main("export default { onRequest() {} };")
                    .zip());
            boolean isOpenBefore = hasFile();
            harness.bind(use, "{}");

            assertThat(isOpenBefore).isFalse();
            assertThat(hasFile()).isTrue();
        }
    }

    @Test
    void doesEveryOperationAndKeepsItAllOverARestart() {
        byte[] zip = PackageFixture.named("keeper", "1.0.0", KV).main("""
                        export default {
                          async onRequest(req, ctx) {
                            const kv = ctx.kv('keys');
                            if (req.path === '/again') return Response.json([await kv.get('o'), await kv.get('n')]);
                            const seen = [await kv.get('o')];
                            await kv.put('o', { a: [1, 'ü'] });
                            seen.push(await kv.get('o'), await kv.incr('n'), await kv.incr('n', 4, { ttlMs: 60000 }));
                            seen.push(await kv.cas('n', 4, 9), await kv.cas('n', 5, 9), await kv.cas('new', undefined, 1));
                            seen.push(await kv.list({ prefix: 'n', limit: 1 }), await kv.list({ cursor: 'n' }));
                            seen.push(await kv.delete('new'), await kv.delete('new'), kv.peek('o'), kv.peek('new') ?? null);
                            return Response.json(seen);
                          },
                        };
                        """).zip();
        try (PluginHarness harness = PluginHarness.keepingIn(folder)) {
            Filter filter = harness.bind(harness.upload(zip), "{}");

            assertThat(answerOf(harness, filter, harness.exchange()))
                    .isEqualTo("[null,{\"a\":[1,\"ü\"]},1,5,false,true,true,"
                            + "{\"keys\":[\"n\"],\"cursor\":\"n\"},{\"keys\":[\"new\",\"o\"]},"
                            + "true,false,{\"a\":[1,\"ü\"]},null]");
        }
        try (PluginHarness harness = PluginHarness.keepingIn(folder)) {
            Filter filter = harness.bind(harness.upload(zip), "{}");
            FakeExchange exchange = harness.exchange();
            exchange.path = "/again";

            assertThat(answerOf(harness, filter, exchange)).isEqualTo("[{\"a\":[1,\"ü\"]},9]");
            StringBuilder metrics = new StringBuilder();
            harness.library.metrics(metrics);
            assertThat(metrics).contains("penstock_plugin_kv_open 1\n");
        }
    }

    @Test
    void tellsThePluginWhatIsWrong() {
        try (PluginHarness harness = PluginHarness.keepingIn(folder)) {
            Filter filter = harness.plugin(KV, """
                    export default {
                      async onRequest(req, ctx) {
                        const kv = ctx.kv('keys');
                        const tell = async (f) => { try { await f(); return 'taken'; } catch (e) { return e.message; } };
                        return new Response([
                          await tell(() => kv.put('k', 'x'.repeat(70000))),
                          await tell(() => kv.put('k'.repeat(600), 1)),
                          await tell(() => kv.put('k', undefined)),
                          await tell(() => kv.put('k', 1, { ttl: 5 })),
                          await tell(() => kv.put('k', 1, { ttlMs: 'soon' })),
                          await tell(() => kv.incr('k', 1.5)),
                          await tell(() => kv.list({ limit: 0 })),
                          await tell(() => ctx.kv('others')),
                        ].join('\\n'));
                      },
                    };
                    """);

            assertThat(answerOf(harness, filter, harness.exchange()).lines().toList())
                    .satisfiesExactly(
                            line -> assertThat(line).contains("at most 65536 octets"),
                            line -> assertThat(line).contains("at most 512 octets"),
                            line -> assertThat(line).contains("no JSON form"),
                            line -> assertThat(line).contains("no option \"ttl\""),
                            line -> assertThat(line).contains("number of milliseconds"),
                            line -> assertThat(line).contains("whole numbers"),
                            line -> assertThat(line).contains("limit is 1 to 1000"),
                            line -> assertThat(line).contains("not among permissions.kv"));
        }
    }

    @Test
    void aGatewayWithoutAStoreRefusesItsUse() {
        try (PluginHarness harness = new PluginHarness()) {
            Filter filter = harness.plugin(KV, """
                    export default { onRequest(req, ctx) { ctx.kv('keys'); } };
                    """);
            FakeExchange exchange = harness.exchange();

            assertThat(filter.onRequest(exchange, exchange).toString()).contains("no key-value store");
        }
    }

    @Test
    void whatATrialWritesNoTrafficReads() throws Exception {
        try (PluginHarness harness = PluginHarness.keepingIn(folder)) {
            String use = harness.upload(
                    PackageFixture.named("counter", "1.0.0", KV).main("""
                            export default {
                              async onRequest(req, ctx) { return new Response(String(await ctx.kv('keys').incr('n'))); },
                            };
                            """).zip());
            PluginTrialRequest sample = new PluginTrialRequest(
                    "counter",
                    "1.0.0",
                    "onRequest",
                    "{}",
                    "GET",
                    "/",
                    List.of(),
                    new byte[0],
                    200,
                    List.of(),
                    new byte[0]);

            String tried = harness.library.test(sample).outcome();
            boolean isOpenAfterTrial = hasFile();
            Filter filter = harness.bind(use, "{}");

            assertThat(tried).isEqualTo("answered");
            assertThat(isOpenAfterTrial).isFalse();
            assertThat(answerOf(harness, filter, harness.exchange())).isEqualTo("1");
        }
    }

    @Test
    void requestsAfterAnAnswerAreStillTheExchangesOwn() {
        try (PluginHarness harness = PluginHarness.keepingIn(folder)) {
            Filter filter = harness.plugin(
                    "\"permissions\": {\"kv\": [\"keys\"], \"fetch\": [\"https://api.example\"]}, \"limits\": {\"subrequests\": 1}",
                    """
                    export default {
                      async onRequest(req, ctx) {
                        await ctx.kv('keys').get('k');
                        fetch('https://api.example/1').catch(() => {});
                        try { await fetch('https://api.example/2'); } catch (e) { return new Response(e.message); }
                      },
                    };
                    """);

            assertThat(answerOf(harness, filter, harness.exchange())).contains("limits.subrequests");
        }
    }
}
