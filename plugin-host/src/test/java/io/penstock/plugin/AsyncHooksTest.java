package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.plugin.FakeWorker.Sent;
import io.penstock.spi.Filter;
import io.penstock.spi.PluginLibrary;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("both-modes")
final class AsyncHooksTest {
    private static final String FETCH = "\"permissions\": {\"fetch\": [\"https://api.example\"]}";

    private final PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void anAsyncHookThatNeedsNotWaitIsNotSuspended() {
        Filter filter = harness.plugin("""
                export default { async onRequest(req) { req.headers.set('x', await Promise.resolve('1')); } };
                """);
        FakeExchange exchange = harness.exchange();

        assertThat(filter.onRequest(exchange, exchange)).isSameAs(Verdict.CONTINUE);
        assertThat(exchange.sentHeader("x")).isEqualTo("1");
    }

    @Test
    void awaitsAFetchAndGoesOnWithItsAnswer() {
        Filter filter = harness.plugin(FETCH, """
                export default {
                  async onRequest(req) {
                    const reply = await fetch('https://api.example/check?u=1', {
                      method: 'POST', body: JSON.stringify({ a: 1 }), headers: { 'x-b': '2' } });
                    req.headers.set('x-allowed', `${reply.status} ${await reply.text()}`);
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);
        Sent sent = harness.worker.sent.getFirst();
        sent.respond(200, "yes");

        assertThat(verdict).isSameAs(Verdict.SUSPENDED);
        assertThat(sent.request.method()).isEqualTo("POST");
        assertThat(sent.request.target()).isEqualTo("/check?u=1");
        assertThat(new String(sent.request.body(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");
        assertThat(harness.worker.verdictOf(exchange.ticket)).isSameAs(Verdict.CONTINUE);
        assertThat(exchange.sentHeader("x-allowed")).isEqualTo("200 yes");
        assertThat(harness.worker.timersWaiting()).isZero();
    }

    @Test
    void keepsThousandsInFlightApart() {
        Filter filter = harness.plugin(FETCH + ", \"limits\": {\"cpuMs\": 1000}", """
                export default {
                  async onRequest(req) {
                    const path = req.path;
                    const reply = await fetch('https://api.example' + path);
                    req.headers.set('x-path', path + (await reply.text()));
                  },
                };
                """);
        List<FakeExchange> exchanges = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            FakeExchange exchange = harness.exchange();
            exchange.path = "/" + i;
            assertThat(filter.onRequest(exchange, exchange)).isSameAs(Verdict.SUSPENDED);
            exchanges.add(exchange);
        }

        for (int i = 1_999; i >= 0; i--) {
            harness.worker.sent.get(i).respond(200, "!" + i);
        }

        for (int i = 0; i < 2_000; i++) {
            assertThat(exchanges.get(i).sentHeader("x-path")).isEqualTo("/" + i + "!" + i);
            assertThat(harness.worker.verdictOf(exchanges.get(i).ticket)).isSameAs(Verdict.CONTINUE);
        }
    }

    @Test
    void refusesOriginsThatAreNotGranted() {
        Filter filter = harness.plugin(FETCH, """
                export default {
                  async onRequest(req) {
                    try { await fetch('https://api.example.evil/'); } catch (e) { return new Response(e.message); }
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        filter.onRequest(exchange, exchange);
        harness.worker.turn();

        assertThat(harness.worker.sent).isEmpty();
        assertThat(PluginHarness.bodyOf(harness.worker.verdictOf(exchange.ticket)))
                .contains("is not granted");
    }

    @Test
    void aCancelledExchangeGivesItsRequestsUp() {
        Filter filter = harness.plugin(FETCH, """
                export default { async onRequest(req) { await fetch('https://api.example/'); req.headers.set('x', '1'); } };
                """);
        FakeExchange exchange = harness.exchange();
        filter.onRequest(exchange, exchange);

        filter.cancelled(exchange.ticket);
        harness.worker.sent.getFirst().respond(200, "late");

        assertThat(harness.worker.sent.getFirst().isCancelled).isTrue();
        assertThat(exchange.sentHeader("x")).isNull();
        assertThat(harness.worker.verdictOf(exchange.ticket)).isNull();
        assertThat(harness.worker.timersWaiting()).isZero();
    }

    @Test
    void timersWakeAHook() {
        Filter filter = harness.plugin("""
                export default {
                  async onRequest(req) { await new Promise((done) => setTimeout(done, 50)); req.headers.set('x', '1'); },
                };
                """);
        FakeExchange exchange = harness.exchange();
        filter.onRequest(exchange, exchange);

        harness.worker.advanceMs(49);
        Verdict before = harness.worker.verdictOf(exchange.ticket);
        harness.worker.advanceMs(1);

        assertThat(before).isNull();
        assertThat(harness.worker.verdictOf(exchange.ticket)).isSameAs(Verdict.CONTINUE);
    }

    @Test
    void whatAHookLeavesToRunLaterIsCountedApart() {
        Filter filter = harness.plugin("""
                export default {
                  async onRequest(req) {
                    await new Promise((done) => setTimeout(done, 1));
                    if (req.headers.has('x-bad')) throw new Error('bad');
                    setTimeout(() => {}, 5);
                  },
                };
                """);
        FakeExchange good = harness.exchange();
        FakeExchange bad = harness.exchange();
        bad.header("x-bad", "1");
        filter.onRequest(good, good);
        filter.onRequest(bad, bad);
        harness.worker.advanceMs(10);
        StringBuilder metrics = new StringBuilder();
        harness.library.metrics(metrics);

        PluginLibrary.HookCost cost =
                harness.library.status().getFirst().hooks().getFirst();
        assertThat(cost.calls()).isEqualTo(2);
        assertThat(cost.faults()).isEqualTo(1);
        assertThat(cost.waits()).isEqualTo(2);
        assertThat(cost.laterRuns())
                .as("two timers of the hooks, one after its end")
                .isEqualTo(3);
        assertThat(cost.later().max()).isGreaterThanOrEqualTo(cost.later().p50());
        assertThat(metrics.toString())
                .contains(
                        "penstock_plugin_later_seconds_count{plugin=\"sample\",version=\"1.0.0\",hook=\"onRequest\"} 3")
                .contains(
                        "penstock_plugin_hook_faults_total{plugin=\"sample\",version=\"1.0.0\",hook=\"onRequest\"} 1");
    }

    @Test
    void aRejectedPromiseIsAFaultWithItsLine() {
        Filter filter = harness.plugin("""
                export default {
                  async onRequest(req) {
                    await new Promise((done) => setTimeout(done, 1));
                    throw new RangeError('late');
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();
        filter.onRequest(exchange, exchange);
        harness.worker.advanceMs(1);

        assertThat(harness.worker.verdictOf(exchange.ticket)).isInstanceOf(Verdict.Failed.class);
        assertThat(harness.library.status().getFirst().lastFault().orElse(""))
                .startsWith("RangeError: late")
                .contains("main.mjs:4:");
    }

    @Test
    void oneFlightFillsACache() {
        Filter filter = harness.plugin(FETCH, """
                export default {
                  async onRequest(req, ctx) {
                    const text = await ctx.cached('key', { ttl: 60000 }, async () =>
                      (await fetch('https://api.example/')).text());
                    req.headers.set('x', text);
                  },
                };
                """);
        FakeExchange one = harness.exchange();
        FakeExchange two = harness.exchange();
        FakeExchange three = harness.exchange();
        filter.onRequest(one, one);
        filter.onRequest(two, two);
        harness.worker.sent.getFirst().respond(200, "v");

        Verdict verdict = filter.onRequest(three, three);

        assertThat(harness.worker.sent).hasSize(1);
        assertThat(one.sentHeader("x")).isEqualTo("v");
        assertThat(two.sentHeader("x")).isEqualTo("v");
        assertThat(verdict).isSameAs(Verdict.CONTINUE);
        assertThat(three.sentHeader("x")).isEqualTo("v");
    }

    @Test
    void aFlightOutlivesTheCallThatBeganIt() {
        Filter filter = harness.plugin(FETCH, """
                export default {
                  async onRequest(req, ctx) {
                    const text = await ctx.cached('key', { ttl: 60000 }, async () => {
                      await Promise.resolve();
                      return (await fetch('https://api.example/')).text();
                    });
                    req.headers.set('x', text);
                  },
                };
                """);
        FakeExchange first = harness.exchange();
        FakeExchange second = harness.exchange();
        filter.onRequest(first, first);
        filter.onRequest(second, second);

        filter.cancelled(first.ticket);
        boolean wasCancelled = harness.worker.sent.getFirst().isCancelled;
        harness.worker.sent.getFirst().respond(200, "v");
        FakeExchange third = harness.exchange();
        filter.onRequest(third, third);

        assertThat(wasCancelled).isFalse();
        assertThat(second.sentHeader("x")).isEqualTo("v");
        assertThat(third.sentHeader("x")).isEqualTo("v");
        assertThat(harness.worker.sent).hasSize(1);
    }

    @Test
    void aFlightThatNeverEndsBlocksItsKeyNoLongerThanACallMayWait() {
        Filter filter = harness.plugin("\"limits\": {\"wallMs\": 1}", """
                let flights = 0;
                export default {
                  async onRequest(req, ctx) {
                    const value = await ctx.cached('key', { ttl: 60000 }, () =>
                      flights++ === 0 ? new Promise(() => {}) : 'second');
                    req.headers.set('x', value);
                  },
                };
                """);
        FakeExchange first = harness.exchange();
        filter.onRequest(first, first);
        harness.worker.advanceMs(1);

        // A script reads the clock of the machine.
        String found = null;
        while (found == null) {
            FakeExchange next = harness.exchange();
            filter.onRequest(next, next);
            found = next.sentHeader("x");
        }

        assertThat(found).isEqualTo("second");
    }

    @Test
    void entriesShareACachedValueOnlyIfTheySaySo() {
        String use = harness.upload(
                PackageFixture.named("shared", "1.0.0", "").main("""
                        let fills = 0;
                        export default {
                          async onRequest(req, ctx) {
                            const own = await ctx.cached('k', { ttl: 60000 }, () => ++fills);
                            const all = await ctx.cached('k', { ttl: 60000, scope: 'plugin' }, () => ++fills);
                            req.headers.set('x', `${own} ${all}`);
                            try { ctx.cached('k', { scope: 'world' }, () => 1); } catch (e) { req.headers.set('y', e.message); }
                          },
                        };
                        """).zip());
        harness.filters.begin();
        Filter first = harness.bind(use, "{}");
        Filter second = harness.bind(use, "{}");
        FakeExchange one = harness.exchange();
        FakeExchange two = harness.exchange();

        first.onRequest(one, one);
        second.onRequest(two, two);

        assertThat(one.sentHeader("x")).isEqualTo("1 2");
        assertThat(two.sentHeader("x")).isEqualTo("3 2");
        assertThat(two.sentHeader("y")).contains("not \"world\"");
    }

    @Test
    void runsWaitingCallsAgainInANewContextIfTheManifestSaysSo() {
        String use = harness.upload(
                PackageFixture.named("again", "1.0.0", FETCH + ", \"repeatable\": true, \"limits\": {\"cpuMs\": 5}")
                        .main("""
                        export default {
                          async onRequest(req) {
                            if (req.headers.has('x-loop')) for (;;) {}
                            req.headers.set('x', (await (await fetch('https://api.example/')).text()));
                          },
                        };
                        """)
                        .zip());
        Filter filter = harness.bind(use, "{}");
        FakeExchange waiting = harness.exchange();
        FakeExchange culprit = harness.exchange().header("x-loop", "1");
        filter.onRequest(waiting, waiting);

        Verdict verdict = filter.onRequest(culprit, culprit);
        harness.worker.awaitPost();
        harness.worker.awaitPost();
        harness.worker.sent.getLast().respond(200, "second");

        assertThat(verdict).isInstanceOf(Verdict.Failed.class);
        assertThat(harness.worker.sent).hasSize(2);
        assertThat(waiting.sentHeader("x")).isEqualTo("second");
        assertThat(harness.worker.verdictOf(waiting.ticket)).isSameAs(Verdict.CONTINUE);
    }

    @Test
    void anEndpointsFetchFollowsARequestHookThatWaited() {
        Filter filter = harness.plugin("""
                export default {
                  async onRequest(req) { await new Promise((done) => setTimeout(done, 1)); req.headers.set('x', '1'); },
                  async fetch(req, env, ctx) {
                    await new Promise((done) => setTimeout(done, 1));
                    return new Response('made of ' + req.headers.get('x'));
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);
        harness.worker.advanceMs(2);

        assertThat(verdict).isSameAs(Verdict.SUSPENDED);
        assertThat(PluginHarness.bodyOf(harness.worker.verdictOf(exchange.ticket)))
                .isEqualTo("made of 1");
        assertThat(harness.worker.timersWaiting()).isZero();
    }
}
