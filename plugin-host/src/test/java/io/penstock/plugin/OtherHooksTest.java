package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The hooks that do not see a request's head, and what a hook may say about where a request goes. */
@Tag("both-modes")
final class OtherHooksTest {
    private final PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void passesReplacesAndDropsChunksOfABody() {
        Filter filter = harness.plugin("""
                export default {
                  onResponseBody(chunk, ctx, { last }) {
                    const text = new TextDecoder().decode(chunk);
                    if (text === 'drop') return null;
                    if (text === 'bytes') return new Uint8Array([111, 107]);
                    if (last) return text.toUpperCase() + ctx.route;
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();
        FakeChunk kept = new FakeChunk("as it is", false);
        FakeChunk dropped = new FakeChunk("drop", false);
        FakeChunk bytes = new FakeChunk("bytes", false);
        FakeChunk last = new FakeChunk("grün ", true);

        for (FakeChunk chunk : new FakeChunk[] {kept, dropped, bytes, last}) {
            assertThat(filter.onResponseBody(chunk, exchange)).isSameAs(Verdict.CONTINUE);
        }

        assertThat(kept.isReplaced()).isFalse();
        assertThat(dropped.sent()).isEmpty();
        assertThat(bytes.sent()).isEqualTo("ok");
        assertThat(last.sent()).isEqualTo("GRÜN orders");
    }

    @Test
    void holdsTheRequestsBodyBackWhileAHookWaits() {
        Filter filter = harness.plugin("""
                export default {
                  async onRequestBody(chunk) { await new Promise((done) => setTimeout(done, 5)); return 'later'; },
                };
                """);
        FakeExchange exchange = harness.exchange();
        FakeChunk chunk = new FakeChunk("now", true);

        Verdict verdict = filter.onRequestBody(chunk, exchange);
        harness.worker.advanceMs(5);

        assertThat(verdict).isSameAs(Verdict.SUSPENDED);
        assertThat(harness.worker.verdictOf(exchange.ticket)).isSameAs(Verdict.CONTINUE);
        assertThat(chunk.sent()).isEqualTo("later");
    }

    @Test
    void aHeadHookMayLeaveTheBodyAlone() {
        Filter filter = harness.plugin("""
                export default { onResponse(res, ctx) { ctx.skipBody(); }, onResponseBody() { return 'x'; } };
                """);
        FakeExchange exchange = harness.exchange();

        filter.onResponse(exchange.response(), exchange);

        assertThat(exchange.steering).containsExactly("skipBody");
    }

    @Test
    void showsBodiesOfTheMediaTypesThatTheManifestNames() {
        Filter filter = harness.plugin("\"body\": {\"contentTypes\": [\"text/*\", \"application/json\"]}", """
                export default { onResponseBody() { return 'x'; }, onRequestBody() {} };
                """);
        FakeExchange json = harness.exchange().header("content-type", "text/plain");
        json.responseFields().add("content-type", "Application/JSON; charset=utf-8");
        FakeExchange image = harness.exchange();
        image.responseFields().add("content-type", "image/png");

        filter.onRequest(json, json);
        filter.onResponse(json.response(), json);
        filter.onResponse(image.response(), image);

        assertThat(json.steering).isEmpty();
        assertThat(image.steering).containsExactly("skipBody");
    }

    @Test
    void asksForBodiesThatCanBeDecodedAndRefusesOthers() {
        Filter filter = harness.plugin("\"body\": {\"decode\": true}", """
                export default { onResponseBody() { return 'redacted'; } };
                """);
        FakeExchange plain =
                harness.exchange().header("accept-encoding", "gzip, dcb, br").header("range", "bytes=0-9");
        FakeExchange coded = harness.exchange();
        coded.responseFields().add("content-encoding", "br");
        FakeExchange unknown = harness.exchange();
        unknown.responseFields().add("content-encoding", "dcb");
        FakeExchange part = harness.exchange();
        part.responseFields().add("content-encoding", "gzip");
        part.responseFields().add("content-range", "bytes 0-9/20");

        Verdict asked = filter.onRequest(plain, plain);
        Verdict shown = filter.onResponse(plain.response(), plain);
        Verdict decoded = filter.onResponse(coded.response(), coded);
        Verdict refused = filter.onResponse(unknown.response(), unknown);
        Verdict refusedPart = filter.onResponse(part.response(), part);

        assertThat(asked).isSameAs(Verdict.CONTINUE);
        assertThat(plain.sentHeader("accept-encoding")).isEqualTo("gzip, br");
        assertThat(plain.sentHeader("range")).isNull();
        assertThat(decoded).isSameAs(Verdict.CONTINUE);
        assertThat(coded.steering).isEmpty();
        assertThat(shown).isSameAs(Verdict.CONTINUE);
        assertThat(refused.toString()).contains("coded-body");
        assertThat(refusedPart.toString()).contains("coded-body");
        assertThat(unknown.steering).containsExactly("skipBody");
    }

    @Test
    void editsTrailers() {
        Filter filter = harness.plugin("""
                export default {
                  onResponseTrailers(trailers) {
                    trailers.set('x-sum', String(Number(trailers.get('x-sum')) + 1));
                    trailers.delete('x-gone');
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();
        Fields trailers = new Fields();
        trailers.add("x-sum", "41");
        trailers.add("x-gone", "1");

        assertThat(filter.onResponseTrailers(trailers, exchange)).isSameAs(Verdict.CONTINUE);

        assertThat(trailers.value(trailers.find("x-sum"))).isEqualTo("42");
        assertThat(trailers.find("x-gone")).isNegative();
    }

    @Test
    void hearsOfErrorsAndOfTheEnd() {
        Filter filter = harness.plugin("""
                export default {
                  onError(err, ctx) { ctx.log.warn(`${err.reason} ${err.status} ${err.detail}`); },
                  onLog(record, ctx) {
                    ctx.log.info(`${record.method} ${record.path} ${record.status} ${record.upstream} ${record.totalMs}`);
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        filter.onError(Reason.CONNECT_FAILED, "refused", exchange);
        filter.onLog(new OfflineSummary(502, "connect-failed", 2_500_000, 0, 1, 2, "web", "192.0.2.1:80", 3), exchange);

        assertThat(harness.library.log("sample", 9))
                .extracting(line -> line.level() + " " + line.text())
                .containsExactly(
                        "warn " + Reason.CONNECT_FAILED.code() + " " + Reason.CONNECT_FAILED.status() + " refused",
                        "info GET /orders/7 502 web 2.5");
    }

    @Test
    void aFaultWhereNobodyWaitsIsCountedAndHurtsNobody() {
        Filter filter = harness.plugin("export default { onLog() { throw new Error('late'); } };");
        FakeExchange exchange = harness.exchange();

        filter.onLog(new OfflineSummary(200, "", 1, 1, 0, 0, "web", "", 1), exchange);

        assertThat(harness.library.status().getFirst().faults()).containsEntry("threw", 1L);
    }

    @Test
    void seesTheEndpointOfEachTry() {
        Filter filter = harness.plugin("""
                export default {
                  onUpstreamRequest(req, ctx) {
                    const { upstream, address, attempt } = ctx.endpoint;
                    req.headers.set('x-try', `${upstream} ${address} ${attempt}`);
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        filter.onUpstreamRequest(exchange, new OfflineEndpoint("web", "192.0.2.1:80", 2), exchange);

        assertThat(exchange.sentHeader("x-try")).isEqualTo("web 192.0.2.1:80 2");
    }

    @Test
    void steersWhereTheRequestGoes() {
        Filter filter = harness.plugin("\"permissions\": {\"upstreams\": [\"blue\", \"unknown\"]}", """
                export default {
                  onRequest(req, ctx) {
                    ctx.upstream.use('blue');
                    ctx.upstream.hashKey(req.headers.get('x-user') ?? 'nobody');
                    ctx.upstream.prefer('192.0.2.9:80');
                    ctx.upstream.timeout({ totalMs: 250 });
                    ctx.upstream.noRetry();
                    try { ctx.upstream.use('unknown'); } catch (e) { return new Response(e.message); }
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);

        assertThat(exchange.steering)
                .containsExactly(
                        "use blue", "hashKey nobody", "prefer 192.0.2.9:80", "timeout 250", "noRetry", "use unknown");
        assertThat(PluginHarness.bodyOf(verdict)).contains("no upstream \"unknown\"");
    }

    @Test
    void saysPlainlyThatTheBalancerDoesNotHash() {
        Filter filter = harness.plugin("""
                export default { onRequest(req, ctx) { ctx.upstream.hashKey('unhashed'); } };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);

        assertThat(verdict.toString()).contains("needs an upstream whose balancer hashes");
    }

    @Test
    void asksLimitsOfTheConfig() {
        Filter filter = harness.plugin("""
                export default {
                  onRequest(req, ctx) {
                    if (req.path === '/none') ctx.limit('k', 'none');
                    return Response.json(ctx.limit(ctx.requestId, 'per-user'));
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        String taken = PluginHarness.bodyOf(filter.onRequest(exchange, exchange));
        harness.worker.nextPermit = 1_500_000;
        String refused = PluginHarness.bodyOf(filter.onRequest(exchange, exchange));
        harness.worker.nextPermit = FilterWorker.TABLE_FULL;
        String full = PluginHarness.bodyOf(filter.onRequest(exchange, exchange));
        exchange.path = "/none";

        assertThat(taken).isEqualTo("{\"ok\":true,\"retryAfterMs\":0,\"isFull\":false}");
        assertThat(refused).isEqualTo("{\"ok\":false,\"retryAfterMs\":2,\"isFull\":false}");
        assertThat(full).isEqualTo("{\"ok\":false,\"retryAfterMs\":0,\"isFull\":true}");
        assertThat(filter.onRequest(exchange, exchange).toString()).contains("no limit \"none\"");
    }

    @Test
    void saysByItsCodeWhyAPluginFailed() {
        Filter filter = harness.plugin("""
                export default {
                  onRequest(req) { if (req.path === '/throw') throw new Error('x'); return 42; },
                };
                """);
        FakeExchange throwing = harness.exchange();
        throwing.path = "/throw";
        FakeExchange answering = harness.exchange();

        assertThat(filter.onRequest(throwing, throwing).toString()).contains(": threw: onRequest: Error: x");
        assertThat(filter.onRequest(answering, answering).toString()).contains(": bad-answer: onRequest: TypeError: ");
        assertThat(harness.library.status().getFirst().faults())
                .containsEntry("threw", 1L)
                .containsEntry("bad-answer", 1L);
    }

    @Test
    void measuresHowLongAnEntryKeptItsWorker() {
        Filter filter = harness.plugin("\"limits\": {\"cpuMs\": 1000}", """
                export default {
                  onRequest() { const end = performance.now() + 3; while (performance.now() < end) {} },
                };
                """);
        FakeExchange exchange = harness.exchange();
        filter.onRequest(exchange, exchange);
        StringBuilder metrics = new StringBuilder();
        harness.library.metrics(metrics);

        assertThat(metrics).contains("penstock_plugin_stall_seconds_count{plugin=\"sample\",version=\"1.0.0\"} 1");
    }
}
