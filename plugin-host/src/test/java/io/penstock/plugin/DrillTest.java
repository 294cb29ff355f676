package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.plugin.bridge.ExchangeBudget;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.Answer;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a warm-up does in the plugin's place. A drill that failed would go unnoticed, but for the first request that is answered. */
final class DrillTest {
    private static final int WAYS = 5;

    @Test
    void answersInEveryWayThatAHookCan() throws Exception {
        try (PluginHarness harness = new PluginHarness()) {
            harness.plugin("export default { onRequest() {} };");
            ScriptRuntime runtime = harness.library.runtime();
            PluginVersion version = Objects.requireNonNull(harness.library.find("sample", "1.0.0"));
            SampleWorker worker = new SampleWorker();
            LiveContext context = LiveContext.open(runtime, version, null, ScriptClock.SYSTEM, broken -> {});
            context.finish(runtime.acquireGauge());
            context.serve(worker, settled -> {}, spent -> {});
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < WAYS; i++) {
                PluginTrialRequest sample = new PluginTrialRequest(
                        "", "", "", "{}", "GET", "/", List.of(), new byte[0], 200, List.of(), new byte[0]);
                SampleExchange exchange = new SampleExchange(worker, sample, Hook.ON_REQUEST);
                ScriptCall call = new ScriptCall(
                        context, "sample", exchange.call(), exchange.subject(Hook.ON_REQUEST), new ExchangeBudget());
                int outcome = context.drill(call);
                worker.turn();
                assertThat(outcome == ScriptCall.WAITS ? call.settledOutcome() : outcome)
                        .as(call.failure())
                        .isEqualTo(ScriptCall.ANSWERED);
                Answer answer = Objects.requireNonNull(call.answer());
                statuses.add(answer.status());
            }
            context.dispose();

            assertThat(statuses).containsExactly(200, 403, 204, 401, 200);
        }
    }
}
