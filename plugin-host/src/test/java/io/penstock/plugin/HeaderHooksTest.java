package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.spi.Filter;
import io.penstock.spi.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("both-modes")
final class HeaderHooksTest {
    private final PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void readsAndSetsHeadersOfTheRequest() {
        Filter filter = harness.plugin("""
                export default {
                  onRequest(req, ctx) {
                    req.headers.set('X-Seen', `${req.method} ${req.path} ${req.headers.get('X-Token')} ${ctx.route}`);
                    req.headers.delete('x-token');
                  },
                };
                """);
        FakeExchange exchange = harness.exchange().header("X-Token", "secret");

        Verdict verdict = filter.onRequest(exchange, exchange);

        assertThat(verdict).isSameAs(Verdict.CONTINUE);
        assertThat(exchange.sentHeader("x-seen")).isEqualTo("GET /orders/7 secret orders");
        assertThat(exchange.sentHeader("x-token")).isNull();
    }

    @Test
    void rejectsWithAProblemDocument() {
        Filter filter = harness.plugin("""
                export default {
                  onRequest(req, ctx) {
                    return ctx.reject(401, 'no-token', { detail: 'send one', challenge: 'Bearer' });
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);

        assertThat(((Verdict.Answered) verdict).answer().status()).isEqualTo(401);
        assertThat(PluginHarness.bodyOf(verdict)).isEqualTo("""
                {"type":"about:blank","title":"Unauthorized","status":401,"reason":"no-token","detail":"send one",\
                "requestId":"%s"}""".formatted(exchange.requestId()));
        assertThat(((Verdict.Answered) verdict).answer().headers())
                .extracting(Object::toString)
                .containsExactly("content-type=application/problem+json", "www-authenticate=Bearer");
    }

    @Test
    void answersWithAResponse() {
        Filter filter = harness.plugin("""
                import { definePlugin } from '@penstock/plugin';
                export default definePlugin({
                  onRequest(req) {
                    return Response.json({ path: req.path }, { status: 418, headers: { 'x-a': '1' } });
                  },
                });
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);

        assertThat(verdict).isInstanceOf(Verdict.Answered.class);
        assertThat(((Verdict.Answered) verdict).answer().status()).isEqualTo(418);
        assertThat(PluginHarness.bodyOf(verdict)).isEqualTo("{\"path\":\"/orders/7\"}");
        assertThat(((Verdict.Answered) verdict).answer().headers())
                .extracting(Object::toString)
                .contains("x-a=1", "content-type=application/json");
    }

    @Test
    void changesTheResponseHead() {
        Filter filter = harness.plugin("""
                export default {
                  onResponse(res, ctx) {
                    res.status = 203;
                    res.headers.append('x-by', ctx.requestId);
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onResponse(exchange.response(), exchange);

        assertThat(verdict).isSameAs(Verdict.CONTINUE);
        assertThat(exchange.status).isEqualTo(203);
        assertThat(exchange.replyHeader("x-by")).isEqualTo("req-1");
    }

    @Test
    void givesEachBindingItsOwnSettingsAndState() {
        String use = harness.upload(
                PackageFixture.named("twice", "1.0.0", "").main("""
                        let loads = 0;
                        export default {
                          setup(config) { loads++; return { hello: config.greeting + '!' }; },
                          onRequest(req, ctx) { req.headers.set('x-hello', ctx.state.hello + loads); },
                        };
                        """).zip());
        harness.filters.begin();
        Filter first = harness.bind(use, "{\"greeting\": \"hi\"}");
        Filter second = harness.bind(use, "{\"greeting\": \"ho\"}");
        FakeExchange one = harness.exchange();
        FakeExchange two = harness.exchange();

        first.onRequest(one, one);
        second.onRequest(two, two);

        assertThat(one.sentHeader("x-hello")).isEqualTo("hi!2");
        assertThat(two.sentHeader("x-hello")).isEqualTo("ho!2");
        assertThat(harness.library.status().getFirst().contexts()).isEqualTo(1);
    }

    @Test
    void refusesWhatNoHeaderMayHold() {
        Filter filter = harness.plugin("""
                export default {
                  onRequest(req) {
                    const tell = (f) => { try { f(); return 'taken'; } catch (e) { return e.name; } };
                    return new Response([
                      tell(() => req.headers.set('x-a', 'b\\r\\nx-evil: 1')),
                      tell(() => req.headers.set('x a', 'b')),
                      tell(() => req.headers.set('Content-Length', '5')),
                      tell(() => req.headers.append('transfer-encoding', 'chunked')),
                    ].join(' '));
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);

        assertThat(PluginHarness.bodyOf(verdict)).isEqualTo("TypeError TypeError TypeError TypeError");
        assertThat(exchange.fields().count()).isZero();
    }

    @Test
    void tellsFileAndLineOfWhatWasThrown() {
        Filter filter = harness.plugin("""
                export default {
                  onRequest(req) {
                    return req.nothing.at.all;
                  },
                };
                """);
        FakeExchange exchange = harness.exchange();

        Verdict verdict = filter.onRequest(exchange, exchange);

        assertThat(verdict).isInstanceOf(Verdict.Failed.class);
        assertThat(harness.library.status().getFirst().lastFault().orElse(""))
                .startsWith("TypeError: ")
                .contains("main.mjs:3:");
        assertThat(harness.library.status().getFirst().faults()).containsEntry("threw", 1L);
    }
}
