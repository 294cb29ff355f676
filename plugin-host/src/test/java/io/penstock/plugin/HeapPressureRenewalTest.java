package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.plugin.budget.HeapTenant;
import io.penstock.spi.Filter;
import io.penstock.spi.PluginLibrary.PluginStatus;
import io.penstock.spi.Verdict;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a version loses and keeps when its contexts are made anew because the heap is full. */
final class HeapPressureRenewalTest {
    private static final String COUNTING =
            "let n = 0; export default { onRequest(req, ctx) { return new Response(String(++n)); } };";
    private static final String WAITING = "let n = 0; export default { async onRequest(req, ctx) { const was = ++n;"
            + " await fetch('http://a.test/'); return new Response(String(was)); } };";

    private final PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    private HeapTenant tenant() {
        return harness.library.runtime().tenants().all().getFirst();
    }

    private PluginStatus status() {
        return harness.library.status().getFirst();
    }

    private Verdict ask(Filter filter, FakeExchange exchange) {
        return filter.onRequest(exchange, exchange);
    }

    private String answer(Filter filter) {
        return PluginHarness.bodyOf(ask(filter, harness.exchange()));
    }

    @Test
    void losesWhatItsGlobalsKeptAndServesOn() {
        Filter filter = harness.plugin(COUNTING);
        assertThat(answer(filter)).isEqualTo("1");
        assertThat(answer(filter)).isEqualTo("2");

        tenant().renew("full");
        harness.worker.awaitPost();
        assertThat(answer(filter)).isEqualTo("3");
        harness.worker.awaitPost();

        assertThat(answer(filter)).isEqualTo("1");
        assertThat(status().faults()).containsOnly(Map.entry("heap-pressure", 1L));
        assertThat(status().lastFault()).hasValue("full");
        assertThat(status().strikes()).isZero();
        assertThat(status().contexts()).isOne();
    }

    @Test
    void isNotKeptForLongWhereNoNewOneComes() {
        Filter filter = harness.plugin("\"permissions\": {\"fetch\": [\"http://a.test\"]}", WAITING);
        FakeExchange exchange = harness.exchange();
        ask(filter, exchange);

        tenant().renew("full");
        harness.worker.awaitPost();
        harness.worker.advanceMs(5_000);

        assertThat(harness.worker.verdictOf(exchange.ticket)).isInstanceOf(Verdict.Failed.class);
    }

    @Test
    void isNotKeptWhereThatCannotWait() {
        Filter filter = harness.plugin("\"permissions\": {\"fetch\": [\"http://a.test\"]}", WAITING);
        FakeExchange exchange = harness.exchange();
        ask(filter, exchange);

        tenant().renew("full");
        tenant().hurry();
        harness.worker.awaitPost();
        harness.worker.turn();

        assertThat(harness.worker.verdictOf(exchange.ticket)).isInstanceOf(Verdict.Failed.class);
    }

    @Test
    void isRenewedWhenTheOldContextIsClosed() {
        Filter filter = harness.plugin(COUNTING);
        answer(filter);

        tenant().renew("full");

        assertThat(tenant().isRenewed()).isFalse();
        harness.worker.awaitPost();
        harness.worker.awaitPost();
        // What closes contexts is one thread, and this is behind it.
        CompletableFuture<Boolean> isRenewed = new CompletableFuture<>();
        harness.library.runtime().prepare(() -> isRenewed.complete(tenant().isRenewed()));
        assertThat(isRenewed.orTimeout(60, TimeUnit.SECONDS).join()).isTrue();
    }

    @Test
    void countsAStrikeOnlyIfItWasTheLeak() {
        Filter filter = harness.plugin(COUNTING);
        answer(filter);

        tenant().leaked(1 << 30);

        assertThat(status().strikes()).isOne();
        assertThat(harness.library.log("sample", 10))
                .anyMatch(line -> line.text().contains("has freed 1024 MiB of the heap"));
    }

    @Test
    void endsWhatWaitedInTheOldContext() {
        Filter filter = harness.plugin("\"permissions\": {\"fetch\": [\"http://a.test\"]}", WAITING);
        FakeExchange exchange = harness.exchange();
        assertThat(ask(filter, exchange)).isSameAs(Verdict.SUSPENDED);

        tenant().renew("full");
        harness.worker.awaitPost();
        harness.worker.awaitPost();

        assertThat(harness.worker.verdictOf(exchange.ticket)).isInstanceOf(Verdict.Failed.class);
    }

    @Test
    void runsWhatWaitedOnceMoreIfItMayBeRepeated() {
        Filter filter =
                harness.plugin("\"repeatable\": true, \"permissions\": {\"fetch\": [\"http://a.test\"]}", WAITING);
        FakeExchange exchange = harness.exchange();
        assertThat(ask(filter, exchange)).isSameAs(Verdict.SUSPENDED);

        tenant().renew("full");
        harness.worker.awaitPost();
        harness.worker.awaitPost();
        harness.worker.sent.getLast().respond(200, "");
        harness.worker.turn();

        assertThat(PluginHarness.bodyOf(harness.worker.verdictOf(exchange.ticket)))
                .isEqualTo("1");
    }

    @Test
    void isNoConcernOfWhoNeverServed() {
        harness.plugin(COUNTING);

        tenant().renew("full");

        assertThat(tenant().isRenewed()).isTrue();
        assertThat(status().contexts()).isOne();
    }

    @Test
    void isForgottenWithItsLastContext() {
        Filter filter = harness.plugin(COUNTING);
        answer(filter);

        filter.close();

        assertThat(harness.library.runtime().tenants().all()).isEmpty();
    }
}
