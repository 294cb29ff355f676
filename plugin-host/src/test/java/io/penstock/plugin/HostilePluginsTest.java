package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.spi.Filter;
import io.penstock.spi.PluginLibrary.PluginStatus;
import io.penstock.spi.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Plugins that mean harm, or are written by somebody who was tired. What each of them does ends; the worker, the engine and
 * a bystander on the same worker go on.
 */
@Tag("both-modes")
final class HostilePluginsTest {
    private static final String MEMBERS = "\"limits\": {\"cpuMs\": 5, \"memoryMb\": 32, \"wallMs\": 1000}";

    // Cold code may take 100 ms here, so that loops end soon. Where nothing is to be stopped it may take seconds, since
    // the
    // machine that runs this may be busy.
    private final PluginHarness harness = new PluginHarness(options(100));
    private final PluginHarness patient = new PluginHarness();

    private static ScriptOptions options(int coldCpuMs) {
        return new ScriptOptions(5_000, 10_000, 0, coldCpuMs, 600_000, Optional.empty(), name -> Optional.empty());
    }

    @AfterEach
    void close() {
        harness.close();
        patient.close();
    }

    private static String hook(String body) {
        return "export default { onRequest(req, ctx) { " + body + " } };";
    }

    private Filter bystander() {
        return harness.plugin("\"limits\": {\"cpuMs\": 1000}", hook("req.headers.set('x-bystander', String(1 + 1));"));
    }

    private void assertServes(Filter bystander) {
        FakeExchange exchange = harness.exchange();
        assertThat(bystander.onRequest(exchange, exchange)).isSameAs(Verdict.CONTINUE);
        assertThat(exchange.sentHeader("x-bystander")).isEqualTo("2");
    }

    private PluginStatus statusOf(String version) {
        return harness.library.status().stream()
                .filter(status -> status.version().equals(version))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            endless loop              | while (true) {}
            evades by catching        | for (;;) { try { for (;;) {} } catch { } finally { continue; } }
            endless promise chain     | const again = () => Promise.resolve().then(again); return again();
            endless microtasks        | const again = () => queueMicrotask(again); again();
            backtracking regex        | /^(a+)+\\1b$/.test('a'.repeat(60));
            slow builtin              | const a = []; for (let i = 0; i < 3e6; i++) a.push(i % 1000 * 7919 % 1000); for (;;) a.sort((x, y) => x - y);
            quadratic search          | const s = 'a'.repeat(2e6); for (;;) s.lastIndexOf('a'.repeat(1e6) + 'b');
            replace without end       | for (;;) 'a'.repeat(1e5).replace(/a/g, () => 'b');
            BigInt growth             | let z = 3n; for (;;) z = z * z;
            array growth              | const a = []; for (;;) a.push(new Array(1000).fill(0));
            map growth                | const m = new Map(); for (let i = 0; ; i++) m.set(i, 'x' + i);
            string growth             | let s = 'x'; const all = []; for (;;) { s = s + 'y'.repeat(100000); all.push(s.toUpperCase()); }
            object chain              | let o = {}; for (;;) o = { o, pad: new Array(64).fill(1) };
            generator without end     | const g = (function* () { for (;;) yield 1; })(); for (const x of g) {}
            spread of a large array   | for (;;) { const a = new Array(1e6).fill(1); a.slice(); }
            JSON without end          | const o = { a: new Array(1e5).fill({ b: 'c' }) }; for (;;) JSON.stringify(o);
            getter without end        | const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;) {} } }); throw e;
            toString without end      | throw { toString() { for (;;) {} } };
            thenable without end      | return { then() { for (;;) {} } };
            clone without end         | for (;;) structuredClone({ a: [1, 2, { b: new Map([[1, 2]]) }] });
            """)
    void isStoppedAndMadeAnew(String name, String body) {
        Filter bystander = bystander();
        assertServes(bystander);
        Filter hostile = harness.plugin(MEMBERS, hook(body));
        FakeExchange exchange = harness.exchange();

        Verdict verdict = hostile.onRequest(exchange, exchange);

        assertThat(verdict).as(name).isInstanceOf(Verdict.Failed.class);
        assertServes(bystander);
        PluginStatus status = statusOf("1.0.1");
        assertThat(status.strikes()).isLessThanOrEqualTo(1);
        assertThat(status.faults().keySet()).containsAnyOf("cpu-budget", "memory-budget", "wall-budget");

        harness.worker.awaitPost();
        assertThat(statusOf("1.0.1").strikes()).isEqualTo(1);
        harness.worker.awaitPost();
        assertServes(bystander);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            recursion                 | const f = () => 1 + f(); f();
            recursion of getters      | const o = { get a() { return this.a; } }; o.a;
            throws null               | throw null;
            throws a symbol           | throw Symbol('x');
            throws a proxy            | throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });
            hostile message           | const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { throw e; } }); throw e;
            eval                      | eval('1 + 1');
            Function                  | new Function('return 1')();
            async Function            | (async () => {}).constructor('return 1')();
            string timer              | setTimeout('1 + 1', 0);
            Java types                | Java.type('java.lang.Runtime');
            Java packages             | Packages.java.lang.System.exit(1);
            polyglot                  | Polyglot.eval('js', '1');
            shared memory             | new SharedArrayBuffer(8);
            atomics                   | Atomics.wait;
            load                      | load('/etc/passwd');
            class of a host object    | req.headers.get.constructor('return 1')();
            giant buffer              | new ArrayBuffer(2 ** 40);
            giant string              | 'x'.repeat(2 ** 31);
            status 99                 | return new Response('x', { status: 99 });
            status 1000               | return new Response('x', { status: 1000 });
            status is no number       | return new Response('x', { status: 'ok' });
            reject with 200           | return ctx.reject(200, 'fine');
            CRLF in a value           | return new Response('x', { headers: { 'x-a': 'b\\r\\nset-cookie: c=d' } });
            CRLF in a name            | return new Response('x', { headers: { 'x-a\\r\\nx-b': 'b' } });
            NUL in a value            | return new Response('x', { headers: { 'x-a': 'b\\u0000' } });
            CRLF in a challenge       | return ctx.reject(401, 'no', { challenge: 'Basic\\r\\nx-a: b' });
            two lengths               | return new Response('x', { headers: [['content-length', '1'], ['content-length', '2']] });
            chunked by hand           | return new Response('x', { headers: { 'transfer-encoding': 'chunked' } });
            path with a line break    | req.path = 'x y';
            returns a number          | return 42;
            returns a host object     | return req.headers;
            other plugin's variable   | ctx.vars.set('other/name', 1);
            upstream not granted      | ctx.upstream.use('admin');
            store not granted         | ctx.kv('all');
            """)
    void failsAndItsContextLives(String name, String body) {
        Filter hostile = patient.plugin(
                "\"limits\": {\"cpuMs\": 1000, \"memoryMb\": 1024}",
                "let n = 0; export default { onRequest(req, ctx) { n++; "
                        + "if (n > 1) return new Response(String(n)); " + body + " } };");
        FakeExchange exchange = patient.exchange();

        Verdict verdict = hostile.onRequest(exchange, exchange);

        assertThat(verdict).as(name).isInstanceOf(Verdict.Failed.class);
        FakeExchange again = patient.exchange();
        assertThat(PluginHarness.bodyOf(hostile.onRequest(again, again))).isEqualTo("2");
        assertThat(exchange.fields().count()).isZero();
    }

    @Test
    void aPromiseThatNeverSettlesEndsAtItsTime() {
        Filter hostile = harness.plugin(MEMBERS, hook("return new Promise(() => {});"));
        FakeExchange exchange = harness.exchange();

        assertThat(hostile.onRequest(exchange, exchange)).isSameAs(Verdict.SUSPENDED);
        harness.worker.advanceMs(999);
        assertThat(harness.worker.verdictOf(exchange.ticket)).isNull();
        harness.worker.advanceMs(1);

        assertThat(harness.worker.verdictOf(exchange.ticket)).isInstanceOf(Verdict.Failed.class);
        assertThat(harness.worker.timersWaiting()).isZero();
    }

    @Test
    void prototypesItSpoilsAreItsOwn() {
        Filter bystander = bystander();
        Filter hostile = harness.plugin(MEMBERS, hook("""
                Object.prototype.polluted = 1;
                Array.prototype.map = Array.prototype.push = Promise.prototype.then = String.prototype.split = () => { throw 1; };
                globalThis.String = () => 'spoilt';
                """));
        FakeExchange exchange = harness.exchange();

        hostile.onRequest(exchange, exchange);

        assertServes(bystander);
    }

    @Test
    void aModuleThatNeverEndsLoadingIsRefused() {
        byte[] zip = PackageFixture.named("loader", "1.0.0", "")
                .main("while (true) {} export default { onRequest() {} };")
                .zip();
        try (JavaScriptLibrary library = new JavaScriptLibrary(
                new ScriptOptions(50, 10_000, 0, 50, 600_000, Optional.empty(), name -> Optional.empty()))) {
            assertThat(refusalOf(library, zip)).contains("cpu-budget");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            file outside      | import x from '../../../etc/passwd'; export default { onRequest() {} };
            absolute file     | import x from '/etc/passwd'; export default { onRequest() {} };
            URL               | import x from 'https://example.com/x.mjs'; export default { onRequest() {} };
            node module       | import fs from 'node:fs'; export default { onRequest() {} };
            syntax            | export default { onRequest( {} };
            no default        | export const x = 1;
            fetch by name     | export function fetch() {} export default { onRequest() {} };
            hook is no hook   | export default { onRequest: 1 };
            throws            | throw new Error('no');
            never settles     | await new Promise(() => {}); export default { onRequest() {} };
            """)
    void aModuleThatIsNoPluginIsRefused(String name, String script) {
        byte[] zip = PackageFixture.named("bad", "1.0.0", "").main(script).zip();

        assertThat(refusalOf(harness.library, zip)).as(name).isNotEmpty();
    }

    private static String refusalOf(JavaScriptLibrary library, byte[] zip) {
        try {
            library.check(zip);
            return "";
        } catch (io.penstock.spi.PluginRefusedException refused) {
            return refused.faults().toString();
        }
    }

    @Test
    void strikesLeadToQuarantineAndAReleaseEndsIt() {
        String use = harness.upload(PackageFixture.named("striker", "1.0.0", MEMBERS)
                .main(hook("if (req.headers.has('x-loop')) for (;;) {}"))
                .zip());
        Filter filter = harness.bind(use, "{}");

        for (int i = 0; i < PluginVersion.STRIKES_MAX; i++) {
            FakeExchange exchange = harness.exchange().header("x-loop", "1");
            assertThat(filter.onRequest(exchange, exchange)).isInstanceOf(Verdict.Failed.class);
            harness.worker.awaitPost();
            if (i < PluginVersion.STRIKES_MAX - 1) {
                harness.worker.awaitPost();
            }
        }
        PluginStatus status = harness.library.status().getFirst();
        FakeExchange refused = harness.exchange();
        Verdict inQuarantine = filter.onRequest(refused, refused);
        boolean isReleased = harness.library.release("striker", "1.0.0");
        filter.onRequest(refused, refused);
        harness.worker.awaitPost();
        FakeExchange served = harness.exchange();
        Verdict afterwards = filter.onRequest(served, served);

        assertThat(status.state()).isEqualTo("quarantined");
        assertThat(inQuarantine.toString()).contains("quarantine");
        assertThat(isReleased).isTrue();
        assertThat(afterwards).isSameAs(Verdict.CONTINUE);
    }
}
