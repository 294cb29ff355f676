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
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plugins that mean harm, or are written by somebody who was tired. What each of them does ends; the worker, the engine and
 * a bystander on the same worker go on.
 */
@Tag("both-modes")
final class HostilePluginsTest {
    private static final String MEMBERS = "\"limits\": {\"cpuMs\": 5, \"memoryMb\": 32, \"wallMs\": 1000}";

    // Cold code may take 100 ms here, so that loops end soon. Where nothing is to be stopped it may take seconds, since
    // the machine that runs this may be busy.
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
    @MethodSource("io.penstock.plugin.HostilePack#stopped")
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
    @MethodSource("io.penstock.plugin.HostilePack#failing")
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
    void aTurnAtATimeForEverEndsWithTheBudgetOfItsRequest() {
        Filter hostile = harness.plugin("\"limits\": {\"requestCpuMs\": 1, \"wallMs\": 300000}", hook("""
                return (async () => { for (;;) {
                  await new Promise((go) => setTimeout(go, 1)); for (let i = 0; i < 1000; i++) Math.sqrt(i); } })();
                """));
        FakeExchange exchange = harness.exchange();

        assertThat(hostile.onRequest(exchange, exchange)).isSameAs(Verdict.SUSPENDED);
        for (int i = 0; i < 290_000 && harness.worker.verdictOf(exchange.ticket) == null; i++) {
            harness.worker.advanceMs(1);
        }

        assertThat(String.valueOf(harness.worker.verdictOf(exchange.ticket))).contains("request-cpu-budget");
        assertThat(harness.worker.timersWaiting()).isZero();
        assertThat(statusOf("1.0.0").strikes()).isZero();
    }

    @Test
    void timersThatAHookLeavesBehindEndWithTheBudgetOfItsRequest() {
        Filter hostile = harness.plugin(
                "\"limits\": {\"requestCpuMs\": 1}",
                hook(
                        "for (let i = 0; i < 100; i++) setInterval(() => { for (let n = 0; n < 1000; n++) Math.sqrt(n); }, 1);"));
        FakeExchange exchange = harness.exchange();

        assertThat(hostile.onRequest(exchange, exchange)).isSameAs(Verdict.CONTINUE);
        for (int i = 0; i < 290_000 && harness.worker.timersWaiting() > 0; i++) {
            harness.worker.advanceMs(1);
        }

        assertThat(harness.worker.timersWaiting()).isZero();
        assertThat(statusOf("1.0.0").faults()).containsEntry("request-cpu-budget", 1L);
        FakeExchange next = harness.exchange();
        assertThat(hostile.onRequest(next, next)).isSameAs(Verdict.CONTINUE);
    }

    @Test
    void timersOfNoRequestAreAStrikeWhenTheyTakeTooMuchOfASecond() {
        Filter hostile = harness.plugin("\"limits\": {\"requestCpuMs\": 1, \"cpuMs\": 1000}", """
                export default {
                  setup() { setInterval(() => { for (let n = 0; n < 1e5; n++) Math.sqrt(n); }, 10); },
                  onRequest() {},
                };
                """);
        FakeExchange exchange = harness.exchange();

        hostile.onRequest(exchange, exchange);
        for (int i = 0; i < 10_000 && statusOf("1.0.0").strikes() == 0; i++) {
            harness.worker.advanceMs(10);
        }

        assertThat(statusOf("1.0.0").strikes()).isEqualTo(1);
        assertThat(statusOf("1.0.0").faults()).containsEntry("background-cpu-budget", 1L);
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
        assertThat(inQuarantine)
                .isInstanceOfSatisfying(
                        Verdict.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo("quarantined"));
        assertThat(refused.costs.getFirst()).isEqualTo("striker@1.0.0 onRequest FAILED quarantined");
        assertThat(isReleased).isTrue();
        assertThat(afterwards).isSameAs(Verdict.CONTINUE);
    }
}
