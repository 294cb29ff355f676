package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.config.OnFailure;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.Identity;
import io.penstock.spi.PluginLibrary.PluginTrial;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.PluginRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class LibraryTest {
    private static final String HOOK =
            "export default { onRequest(req, ctx) { req.headers.set('x', ctx.config.text); } };";
    private static final String SCHEMA = "\"configSchema\": {\"type\": \"object\", \"additionalProperties\": false,"
            + " \"properties\": {\"text\": {\"type\": \"string\", \"default\": \"hello\"}, \"n\": {\"type\": \"integer\", \"minimum\": 1},"
            + " \"key\": {\"type\": \"string\", \"writeOnly\": true}}}";

    private final PluginHarness harness = new PluginHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    @Tag("both-modes")
    void saysHowScriptsRunOnceTheFirstPluginIsThere() {
        String before = harness.library.mode();
        harness.upload(PackageFixture.named("a", "1.0.0", "").main(HOOK).zip());

        boolean hasCompiler = ModuleLayer.boot()
                .findModule("jdk.graal.compiler")
                .filter(module -> module.getPackages().size() > 1)
                .isPresent();
        assertThat(before).isEqualTo("not opened");
        assertThat(harness.library.mode()).startsWith(hasCompiler ? "optimised (GraalVM CE" : "interpreted: ");
    }

    @Test
    void takesTheNewestVersionOfARange() {
        for (String version : List.of("1.0.0", "1.2.0", "1.10.1", "2.0.0-beta.1", "1.2.7")) {
            harness.upload(PackageFixture.named("a", version, "").main(HOOK).zip());
        }

        assertThat(harness.library.resolve("a", "1")).contains("1.10.1");
        assertThat(harness.library.resolve("a", "1.2")).contains("1.2.7");
        assertThat(harness.library.resolve("a", "1.2.0")).contains("1.2.0");
        assertThat(harness.library.resolve("a", "2")).isEmpty();
        assertThat(harness.library.resolve("b", "1")).isEmpty();
    }

    @Test
    void refusesOtherContentForAKnownVersion() throws PluginRefusedException {
        harness.upload(PackageFixture.named("a", "1.0.0", "").main(HOOK).zip());
        byte[] other = PackageFixture.named("a", "1.0.0", "").main(HOOK + "\n").zip();

        assertThatThrownBy(() -> harness.library.add(harness.library.check(other)))
                .hasMessageContaining("never changes");
    }

    @Test
    void checksSettingsByThePluginsSchemaAndFillsDefaults() {
        String use = harness.upload(
                PackageFixture.named("a", "1.0.0", SCHEMA).main(HOOK).zip());
        FakeExchange exchange = harness.exchange();

        harness.bind(use, "{}").onRequest(exchange, exchange);

        assertThat(exchange.sentHeader("x")).isEqualTo("hello");
        assertThatThrownBy(() ->
                        harness.filters.prepare(PluginHarness.config(use, "{\"n\": 0, \"txt\": 1}", Optional.empty())))
                .isInstanceOfSatisfying(
                        FilterRefusedException.class,
                        refused -> assertThat(refused.pointer()).startsWith("/config"))
                .hasMessageContaining("/n")
                .hasMessageContaining("txt");
        assertThatThrownBy(() -> harness.filters.prepare(PluginHarness.config("b@1", "{}", Optional.empty())))
                .hasMessageContaining("no plugin \"b\" is known");
    }

    @Test
    void refusesAnAuthenticatorThatLetsEverybodyInWhenItFails() throws FilterRefusedException {
        String use = harness.upload(PackageFixture.named("guard", "1.0.0", "")
                .main(
                        "export default { authenticate(req, ctx) { ctx.identify({ subject: 'anna', groups: ['a'] }); } };")
                .zip());
        PreparedFilter prepared =
                harness.filters.prepareAuthenticator(PluginHarness.config(use, "{}", Optional.empty()));
        FakeExchange exchange = harness.exchange();
        Verdict verdict = prepared.open(harness.worker.id()).onRequest(exchange, exchange);

        assertThat(prepared.phase()).isEqualTo(FilterPhase.AUTH);
        assertThat(verdict).isSameAs(Verdict.CONTINUE);
        assertThat(exchange.identity).isEqualTo(new Identity(null, "anna", List.of("a"), Map.of()));
        assertThatThrownBy(() -> harness.filters.prepareAuthenticator(
                        PluginHarness.config(use, "{}", Optional.of(OnFailure.OPEN))))
                .hasMessageContaining("let everybody in");
    }

    @Test
    void triesAHookBesideTheTraffic() throws PluginRefusedException {
        harness.upload(PackageFixture.named("a", "1.0.0", "").main("""
                        export default {
                          async onRequest(req, ctx) {
                            console.log('seen %s', req.path);
                            await new Promise((done) => setTimeout(done, 1));
                            if (req.headers.has('x-bad')) throw new Error('bad');
                            req.headers.set('x-new', ctx.config.v);
                          },
                        };
                        """).zip());

        PluginTrial good = harness.library.test(trial(List.of(Map.entry("a", "b"))));
        PluginTrial bad = harness.library.test(trial(List.of(Map.entry("x-bad", "1"))));

        assertThat(good.outcome()).isEqualTo("continue");
        assertThat(good.before()).containsExactly("GET /p?q=1", "a: b");
        assertThat(good.after()).containsExactly("GET /p?q=1", "a: b", "x-new: w");
        assertThat(good.log()).extracting(line -> line.text()).containsExactly("seen /p");
        assertThat(bad.outcome()).isEqualTo("failed");
        assertThat(bad.fault().orElse("")).startsWith("Error: bad").contains("main.mjs:5:");
        assertThat(harness.library.status().getFirst().faults()).isEmpty();
    }

    private static PluginTrialRequest trial(List<Map.Entry<String, String>> headers) {
        return new PluginTrialRequest(
                "a",
                "1.0.0",
                "onRequest",
                "{\"v\": \"w\"}",
                "GET",
                "/p?q=1",
                headers,
                new byte[0],
                200,
                List.of(),
                new byte[0]);
    }

    @Test
    void warmsUpInAContextThatIsThrownAway() {
        try (PluginHarness warm = new PluginHarness(
                new ScriptOptions(5_000, 10_000, 50, 5_000, 600_000, Optional.empty(), name -> Optional.empty()))) {
            Filter filter = warm.plugin("""
                    let n = 0;
                    export default { onRequest(req) { console.log('hi'); return new Response(String(++n)); } };
                    """);
            FakeExchange exchange = warm.exchange();

            assertThat(PluginHarness.bodyOf(filter.onRequest(exchange, exchange)))
                    .isEqualTo("1");
            assertThat(warm.library.log("sample", 10)).hasSize(1);
            assertThat(warm.library.status().getFirst().contexts()).isEqualTo(1);
        }
    }

    @Test
    void tellsWhatHooksCost() {
        Filter filter = harness.plugin("""
                export default { onRequest(req, ctx) { ctx.metrics.count('orders', 2); } };
                """);
        FakeExchange exchange = harness.exchange();
        filter.onRequest(exchange, exchange);
        filter.onRequest(exchange, exchange);
        StringBuilder text = new StringBuilder();
        harness.library.metrics(text);

        assertThat(harness.library.status().getFirst().hooks()).hasSize(1);
        assertThat(harness.library.status().getFirst().hooks().getFirst().calls())
                .isEqualTo(2);
        assertThat(text.toString())
                .contains(
                        "penstock_plugin_hook_seconds_count{plugin=\"sample\",version=\"1.0.0\",hook=\"onRequest\"} 2")
                .contains("penstock_plugin_custom_total{plugin=\"sample\",version=\"1.0.0\",name=\"orders\"} 4");
    }

    @Test
    void showsTheLinesOfTheAuthorsSource() {
        // src/guard.ts, line 40, column 5 made line 2 of the bundle.
        String map = "{\"version\": 3, \"sources\": [\"../src/guard.ts\"], \"names\": [], \"mappings\": \";AAuCI\"}";
        String use = harness.upload(PackageFixture.named("mapped", "1.0.0", "\"sourceMap\": \"main.mjs.map\"")
                .main("export default {\n onRequest(req) { null.x; } };")
                .file("main.mjs.map", map)
                .zip());
        FakeExchange exchange = harness.exchange();
        harness.bind(use, "{}").onRequest(exchange, exchange);

        assertThat(harness.library.status().getFirst().lastFault().orElse("")).contains("src/guard.ts:40:5");
    }
}
