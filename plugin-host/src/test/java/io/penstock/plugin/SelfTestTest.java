package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.config.JsonText;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PluginRefusedException;
import io.penstock.spi.PluginRefusedException.Fault;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is checked of a package beside its manifest and its module: its own cases, and what it needs of others. */
final class SelfTestTest {
    private static final String GUARD = """
            export default {
              onRequest(req, ctx) {
                if (req.headers.get('x-key') !== ctx.config.key) return new Response('no', { status: 401, headers: { 'x-a': '1' } });
                req.headers.set('x-in', 'yes');
              },
            };
            """;

    private final PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    private byte[] guard(String cases) {
        return PackageFixture.named("guard", "1.0.0", "")
                .main(GUARD)
                .file("self-test.json", cases)
                .zip();
    }

    @Test
    void takesAPackageWhoseCasesHold() {
        String use = harness.upload(guard("""
                [{"name": "without a key", "config": {"key": "k"}, "expect":
                   {"outcome": "answered", "status": 401, "headers": {"X-A": "1", "x-b": null}, "body": "no"}},
                 {"name": "with the key", "hook": "onRequest", "config": {"key": "k"},
                  "request": {"headers": {"x-key": "k"}}, "expect": {"outcome": "continue", "headers": {"x-in": "yes"}}}]
                """));

        assertThat(use).isEqualTo("guard@1.0.0");
        assertThat(harness.library.status().getFirst().hooks()).isEmpty();
    }

    @Test
    void refusesAPackageWhoseCasesDoNotHoldAndTellsEachDifference() {
        PluginRefusedException refused =
                catchThrowableOfType(PluginRefusedException.class, () -> harness.library.check(guard("""
                        [{"config": {"key": "k"}, "expect": {"outcome": "continue"}},
                         {"config": {"key": "k"}, "expect": {"status": 403, "body": "never"}},
                         {"hook": "onResponse", "expect": {}},
                         {"expects": {}}]
                        """)));

        assertThat(refused.faults())
                .extracting(Fault::where)
                .containsExactly(
                        "self-test.json#/0/expect/outcome",
                        "self-test.json#/1/expect/status",
                        "self-test.json#/1/expect/body",
                        "self-test.json#/2/hook",
                        "self-test.json#/3/expects");
        assertThat(refused.faults().get(1).detail()).isEqualTo("found \"401\", wanted \"403\"");
    }

    @Test
    void refusesAPluginWhoseVariablesNobodyCouldSet() {
        String use = harness.upload(PackageFixture.named("reader", "1.0.0", "\"requires\": [\"guard/tenant\"]")
                .main(
                        "export default { onRequest(req, ctx) { req.headers.set('x', String(ctx.get('guard/tenant'))); } };")
                .zip());

        assertThatThrownBy(() -> harness.filters.prepare(
                        PluginHarness.config(use, JsonText.EMPTY_OBJECT.text(), Optional.empty())))
                .isInstanceOf(FilterRefusedException.class)
                .hasMessageContaining("guard/tenant");

        harness.upload(guard("[]"));
        FakeExchange exchange = harness.exchange();
        exchange.variables.put("guard/tenant", "acme");
        harness.bind(use, "{}").onRequest(exchange, exchange);
        assertThat(exchange.sentHeader("x")).isEqualTo("acme");
    }
}
