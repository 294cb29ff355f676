package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.PluginAbort;
import io.penstock.config.PluginCanary;
import io.penstock.config.PluginFilterConfig;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("both-modes")
final class CanaryTest {
    private final PluginHarness harness = new PluginHarness();

    @BeforeEach
    void uploadBothVersions() {
        harness.upload(PackageFixture.named("guard", "1.0.0", "")
                .main("export default { onRequest(req) { req.headers.set('x-by', 'one'); } };")
                .zip());
        harness.upload(PackageFixture.named("guard", "2.0.0", "").main("""
                        export default {
                          onRequest(req) {
                            if (req.headers.has('x-bad')) throw new Error('bad');
                            req.headers.set('x-by', 'two');
                          },
                          onResponse(res) { res.headers.set('x-reply', 'two'); },
                        };
                        """).zip());
    }

    @AfterEach
    void close() {
        harness.close();
    }

    private Filter bind(int percent, String sticky, Optional<PluginAbort> abort) throws FilterRefusedException {
        PluginCanary canary = new PluginCanary(
                "guard@2", Optional.empty(), percent, Optional.of(sticky).filter(text -> !text.isEmpty()), abort);
        return harness.filters
                .prepare(new PluginFilterConfig(
                        "guard@1", Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(canary), true))
                .open(harness.worker.id());
    }

    private String servedBy(Filter filter, FakeExchange exchange) {
        assertThat(filter.onRequest(exchange, exchange)).isSameAs(Verdict.CONTINUE);
        return String.valueOf(exchange.sentHeader("x-by"));
    }

    private int servedByCanary(Filter filter, int requests) {
        int count = 0;
        for (int i = 0; i < requests; i++) {
            count += servedBy(filter, harness.exchange()).equals("two") ? 1 : 0;
        }
        return count;
    }

    @Test
    void givesTheCanaryItsShare() throws FilterRefusedException {
        assertThat(servedByCanary(bind(0, "", Optional.empty()), 200)).isZero();
        assertThat(servedByCanary(bind(100, "", Optional.empty()), 200)).isEqualTo(200);
        assertThat(servedByCanary(bind(20, "", Optional.empty()), 2_000)).isBetween(340, 460);
    }

    @Test
    void keepsAnExchangeOnItsSideFromHookToHook() throws FilterRefusedException {
        Filter filter = bind(50, "", Optional.empty());
        for (int i = 0; i < 40; i++) {
            FakeExchange exchange = harness.exchange();
            String side = servedBy(filter, exchange);
            filter.onResponse(exchange.response(), exchange);

            assertThat(exchange.replyHeader("x-reply")).isEqualTo(side.equals("two") ? "two" : null);
        }
    }

    @Test
    void keepsAClientOnItsSide() throws FilterRefusedException {
        Filter filter = bind(30, "header:X-User", Optional.empty());
        int inCanary = 0;
        for (int user = 0; user < 300; user++) {
            String side = servedBy(filter, harness.exchange().header("x-user", "u" + user));
            assertThat(servedBy(filter, harness.exchange().header("x-user", "u" + user)))
                    .isEqualTo(side);
            inCanary += side.equals("two") ? 1 : 0;
        }

        assertThat(inCanary).isBetween(60, 120);
        assertThat(servedByCanary(filter, 50)).isZero();
    }

    @Test
    void takesACanaryBackAfterItsFaults() throws FilterRefusedException {
        Filter filter = bind(100, "", Optional.of(new PluginAbort(Optional.of(2), Optional.empty())));
        for (int i = 0; i < 2; i++) {
            FakeExchange bad = harness.exchange().header("x-bad", "1");
            assertThat(filter.onRequest(bad, bad)).isInstanceOf(Verdict.Failed.class);
        }

        assertThat(servedByCanary(filter, 10)).isZero();
        assertThat(harness.library.log("guard", 1).getFirst().text()).isEqualTo("the canary was taken back: 2 faults");
        StringBuilder metrics = new StringBuilder();
        harness.library.metrics(metrics);
        assertThat(metrics)
                .contains("penstock_plugin_canary_aborts_total{plugin=\"guard\",version=\"2.0.0\"} 1")
                .contains("penstock_plugin_canary_aborts_total{plugin=\"guard\",version=\"1.0.0\"} 0");
    }

    @Test
    void takesACanaryBackThatIsTooSlow() {
        CanaryWatch watch = new CanaryWatch(
                java.util.Objects.requireNonNull(harness.library.find("guard", "2.0.0")),
                Optional.of(new PluginAbort(Optional.empty(), Optional.of(Duration.ofMillis(2)))));
        for (int i = 0; i < CanaryWatch.CALLS_MIN - 2; i++) {
            watch.entered(2_000_000);
        }

        watch.entered(2_000_001);
        watch.entered(2_000_001);
        assertThat(watch.isAborted()).isFalse();
        watch.entered(2_000_001);
        assertThat(watch.isAborted()).isTrue();
    }

    @Test
    void usesTheUsualVersionWhileTheCanaryIsInQuarantine() throws FilterRefusedException {
        Filter filter = bind(100, "", Optional.empty());
        PluginVersion version = java.util.Objects.requireNonNull(harness.library.find("guard", "2.0.0"));
        for (int i = 0; i < PluginVersion.STRIKES_MAX; i++) {
            version.quarantine().strike(System.nanoTime(), 0, "cpu");
        }

        assertThat(servedByCanary(filter, 10)).isZero();
        harness.library.release("guard", "2.0.0");
        assertThat(servedByCanary(filter, 10)).isEqualTo(10);
    }

    @Test
    void refusesACanaryOfAnotherPlace() {
        harness.upload(PackageFixture.named("guard", "2.1.0", "")
                .main("export default { authenticate() {} };")
                .zip());

        assertThatThrownBy(() -> bind(1, "", Optional.empty()))
                .isInstanceOfSatisfying(
                        FilterRefusedException.class,
                        refused -> assertThat(refused.pointer()).isEqualTo("/canary/use"));
    }
}
