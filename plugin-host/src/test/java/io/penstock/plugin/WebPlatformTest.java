package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.spi.Filter;
import io.penstock.spi.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What scripts find of the web platform: expressions and what they give, as text. */
@Tag("both-modes")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebPlatformTest {
    private static final String RESULT = "  => ";
    private static final String CASES = """
            new URL('HTTPS://User:Pw@EXAMPLE.com:443/a/./b/../c%7e?q=1#h').href
              => https://User:Pw@example.com/a/c%7e?q=1#h
            new URL('../x?y', 'http://h/a/b/c').href
              => http://h/a/x?y
            new URL('//other/p', 'https://h/a').href
              => https://other/p
            new URL('?z', 'http://h/a/b?y#f').href
              => http://h/a/b?z
            new URL('#f', 'http://h/a?b').href
              => http://h/a?b#f
            new URL('http://h').pathname
              => /
            new URL('http://[2001:DB8:0:0:0:0:0:1]:8080/').host
              => [2001:db8::1]:8080
            new URL('http://0x7f.1/').hostname
              => 127.0.0.1
            new URL('http://bücher.example/ä?ö').href
              => http://xn--bcher-kva.example/%C3%A4?%C3%B6
            new URL('http:\\\\\\\\h\\\\a').href
              => http://h/a
            new URL('mailto:a@b').pathname
              => a@b
            new URL('http://h/a b').href
              => http://h/a%20b
            new URL('http://h:80/').port === ''
              => true
            new URL('http://h/').origin
              => http://h
            URL.canParse('http://a b/')
              => false
            URL.canParse('http://h:99999/')
              => false
            URL.canParse('/a')
              => false
            (() => { const u = new URL('http://h/?a=1'); u.searchParams.append('b', 'x y'); return u.href; })()
              => http://h/?a=1&b=x+y
            (() => { const u = new URL('http://h/p'); u.port = '81'; u.pathname = 'q r'; u.hash = 'z'; return u.href; })()
              => http://h:81/q%20r#z
            new URLSearchParams('a=1&b=%C3%A4+x&a=2').getAll('a').join()
              => 1,2
            new URLSearchParams('b=%C3%A4+x').get('b')
              => ä x
            new URLSearchParams({ q: 'ä&=' }).toString()
              => q=%C3%A4%26%3D
            btoa('Man') + btoa('Ma') + btoa('M')
              => TWFuTWE=TQ==
            atob('TWE=')
              => Ma
            fails(() => atob('a'))
              => InvalidCharacterError
            new TextDecoder().decode(new TextEncoder().encode('aä€😀'))
              => aä€😀
            hex(await crypto.subtle.digest('SHA-256', utf8('abc')))
              => ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
            crypto.randomUUID().length
              => 36
            crypto.getRandomValues(new Uint8Array(8)).length
              => 8
            JSON.stringify(structuredClone({ a: [1, { b: 2 }], d: undefined }))
              => {"a":[1,{"b":2}]}
            structuredClone(new Map([[1, new Set([2])]])).get(1).has(2)
              => true
            fails(() => structuredClone(() => 1))
              => DataCloneError
            (() => { const o = {}; o.o = o; const c = structuredClone(o); return c !== o && c.o === c; })()
              => true
            AbortSignal.abort('why').reason
              => why
            (() => { const c = new AbortController(); let n = 0; c.signal.addEventListener('abort', () => n++); c.abort(); c.abort(); return n; })()
              => 1
            AbortSignal.any([AbortSignal.abort(3)]).reason
              => 3
            new Headers([['B', '2'], ['a', '1'], ['a', '3']]).get('A')
              => 1, 3
            [...new Headers([['B', '2'], ['a', '1']])].join(';')
              => a,1;b,2
            new Headers([['set-cookie', 'a'], ['set-cookie', 'b']]).getSetCookie().length
              => 2
            fails(() => new Headers({ 'a b': '1' }))
              => TypeError
            new Response('x').headers.get('content-type')
              => text/plain;charset=UTF-8
            (await new Response('{"a":1}').json()).a
              => 1
            fails(async () => { const r = new Response('x'); await r.text(); await r.text(); })
              => TypeError
            fails(() => new Response('x', { status: 204 }))
              => TypeError
            new Request('http://h/', { method: 'post', body: 'x' }).method
              => POST
            fails(() => new Request('http://h/', { body: 'x' }))
              => TypeError
            (await new Response(new Response('handed on').body).text())
              => handed on
            (await (async () => { const r = new Response('ab'); const parts = []; for await (const part of r.body) parts.push(...part); return parts + ' ' + r.bodyUsed; })())
              => 97,98 true
            (await new Response(new ReadableStream({ start(c) { c.enqueue(utf8('a')); c.enqueue(utf8('b')); c.close(); } })).text())
              => ab
            (await (async () => { let n = 0; const s = new ReadableStream({ pull(c) { if (n === 3) c.close(); else c.enqueue(utf8(String(n++))); } }); return new Response(s).text(); })())
              => 012
            (await (async () => { const [a, b] = new Response('xy').body.tee(); return (await new Response(a).text()) + (await new Response(b).text()); })())
              => xyxy
            (await (async () => { const r = new Response(ReadableStream.from([utf8('q'), utf8('r')])); const c = r.clone(); return (await r.text()) + (await c.text()); })())
              => qrqr
            fails(async () => { const r = new Response('x'); r.body.getReader(); r.body.getReader(); })
              => TypeError
            fails(() => new Response(new ReadableStream({ start(c) { c.error(new RangeError('cut')); } })).text())
              => RangeError
            fails(() => new Response(ReadableStream.from(['no bytes'])).text())
              => TypeError
            new Response(null).body + typeof new Response('').body.getReader
              => nullfunction
            Object.prototype.toString.call(await crypto.subtle.importKey('raw', utf8('k'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']))
              => [object CryptoKey]
            (await new Blob(['a', new Uint8Array([98])]).text())
              => ab
            (() => { const f = new FormData(); f.append('a', '1'); f.append('a', '2'); return f.getAll('a').join(); })()
              => 1,2
            (await (async () => { const f = new FormData(); f.append('a', 'x'); f.append('f', new Blob(['yz']), 'n.txt'); const r = new Response(f); const g = await r.formData(); return g.get('a') + (await g.get('f').text()) + g.get('f').name; })())
              => xyzn.txt
            (await req.json()).a.length
              => 2
            (await req.text()) === (await req.text())
              => true
            req instanceof Request
              => true
            req.headers instanceof Headers
              => true
            req.query.get('b')
              => 2
            req.url
              => https://shop.example/orders/7?a=1&b=2
            req.client.address
              => 192.0.2.7
            performance.now() >= 0
              => true
            typeof globalThis.SharedArrayBuffer + typeof globalThis.Atomics + typeof globalThis.Java
              => undefinedundefinedundefined
            (await crypto.subtle.verify('HMAC', await crypto.subtle.importKey('raw', utf8('k'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']), await crypto.subtle.sign('HMAC', await crypto.subtle.importKey('raw', utf8('k'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']), utf8('d')), utf8('d')))
              => true
            (await (async () => { const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt', 'decrypt']); const iv = new Uint8Array(12); const c = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, k, utf8('hi')); return new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, k, c)); })())
              => hi
            (await (async () => { const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }; const s = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign']); const v = await crypto.subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', x: jwk.x }, 'Ed25519', false, ['verify']); const m = await crypto.subtle.sign('Ed25519', s, utf8('m')); return crypto.subtle.verify('Ed25519', v, m, utf8('m')); })())
              => true
            fails(() => crypto.subtle.importKey('raw', new Uint8Array(3), 'AES-GCM', false, ['encrypt']))
              => DataError
            """;

    private final PluginHarness harness = new PluginHarness();
    private final List<String> expressions = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();
    private Filter filter = new Filter() {};

    @BeforeAll
    void open() {
        for (String line : CASES.lines().toList()) {
            if (line.startsWith(RESULT)) {
                expected.add(line.substring(RESULT.length()));
            } else {
                expressions.add(line);
            }
        }
        StringBuilder cases = new StringBuilder();
        expressions.forEach(expression ->
                cases.append("async (req) => (").append(expression).append("),\n"));
        filter = harness.plugin("\"limits\": {\"cpuMs\": 1000, \"memoryMb\": 512}", """
                const hex = (b) => [...new Uint8Array(b)].map((n) => n.toString(16).padStart(2, '0')).join('');
                const utf8 = (s) => new TextEncoder().encode(s);
                const fails = async (f) => { try { await f(); return 'no'; } catch (e) { return e.name; } };
                const cases = [@CASES@];
                export default {
                  async onRequest(req) { return new Response(String(await cases[req.headers.get('x-case')](req))); },
                };
                """.replace("@CASES@", cases));
    }

    @AfterAll
    void close() {
        harness.close();
    }

    Stream<Arguments> cases() {
        return IntStream.range(0, expressions.size())
                .mapToObj(i -> Arguments.of(expressions.get(i), i, expected.get(i)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void gives(String expression, int index, String result) {
        FakeExchange exchange =
                harness.exchange().header("x-case", Integer.toString(index)).body("{\"a\": [1, 2]}");
        Verdict verdict = filter.onRequest(exchange, exchange);
        while (verdict == null || verdict instanceof Verdict.Suspended) {
            harness.worker.awaitPost();
            verdict = harness.worker.verdictOf(exchange.ticket);
        }

        assertThat(verdict).as(expression).isInstanceOf(Verdict.Answered.class);
        assertThat(PluginHarness.bodyOf(verdict)).isEqualTo(result);
    }
}
