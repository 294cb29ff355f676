package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.spi.Filter;
import io.penstock.spi.Verdict;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a request's trail hears of the hooks that ran for it. */
final class HookCostTest {
    private static final String FETCH = "\"permissions\": {\"fetch\": [\"https://api.example\"]}";
    private static final String ASKING = """
            export default {
              async onRequest(req) { await fetch('https://api.example/'); },
            };
            """;

    private final PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    private static Verdict request(Filter filter, FakeExchange exchange) {
        return filter.onRequest(exchange, exchange);
    }

    private static String told(FakeExchange exchange) {
        assertThat(exchange.costs).hasSize(1);
        // Which plugin it is depends on the harness.
        return exchange.costs.getFirst().replaceFirst("^[a-z-]+@[0-9.]+ ", "");
    }

    @Test
    void aHookThatGoesOn() {
        Filter filter = harness.plugin("export default { onRequest(req) { req.headers.set('x', '1'); } };");
        FakeExchange exchange = harness.exchange();

        request(filter, exchange);

        assertThat(told(exchange)).isEqualTo("onRequest CONTINUED ran");
    }

    @Test
    void aHookThatAnswers() {
        Filter filter = harness.plugin("export default { onRequest() { return new Response('hi'); } };");
        FakeExchange exchange = harness.exchange();

        request(filter, exchange);

        assertThat(told(exchange)).isEqualTo("onRequest ANSWERED ran");
    }

    @Test
    void aHookThatThrows() {
        Filter filter = harness.plugin("export default { onRequest() { throw new Error('no'); } };");
        FakeExchange exchange = harness.exchange();

        Verdict verdict = request(filter, exchange);

        assertThat(told(exchange)).isEqualTo("onRequest FAILED threw ran");
        assertThat(((Verdict.Failed) verdict).code()).isEqualTo("threw");
    }

    @Test
    void aHookThatWasWaitedFor() {
        Filter filter = harness.plugin(FETCH, ASKING);
        FakeExchange exchange = harness.exchange();

        request(filter, exchange);
        assertThat(exchange.costs).isEmpty();
        harness.worker.sent.getFirst().respond(200, "");

        assertThat(told(exchange)).isEqualTo("onRequest CONTINUED ran waited");
    }

    @Test
    void aHookWhosePromiseDidNotSettleInTime() {
        Filter filter = harness.plugin(FETCH + ", \"limits\": {\"wallMs\": 50}", ASKING);
        FakeExchange exchange = harness.exchange();

        request(filter, exchange);
        harness.worker.advanceMs(50);

        assertThat(told(exchange)).isEqualTo("onRequest FAILED wall-budget ran waited");
        assertThat(((Verdict.Failed) Objects.requireNonNull(harness.worker.verdictOf(exchange.ticket))).code())
                .isEqualTo("wall-budget");
    }

    @Test
    void aHookWhoseClientWent() {
        Filter filter = harness.plugin(FETCH, ASKING);
        FakeExchange exchange = harness.exchange();

        request(filter, exchange);
        filter.cancelled(exchange.ticket);

        assertThat(told(exchange)).isEqualTo("onRequest CANCELLED ran waited");
    }

    @Test
    void eachHookOfItsOwn() {
        Filter filter = harness.plugin("export default { onRequest() {}, onResponse() {} };");
        FakeExchange exchange = harness.exchange();

        request(filter, exchange);
        filter.onResponse(exchange.response(), exchange);

        assertThat(exchange.costs).hasSize(2);
        assertThat(exchange.costs.getLast()).endsWith("onResponse CONTINUED ran");
    }
}
