package io.penstock.plugin;

import io.penstock.config.OnFailure;
import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.bridge.ExchangeBudget;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.budget.ThreadMeter;
import io.penstock.plugin.budget.WorkerGauge;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.plugin.kv.TrialStore;
import io.penstock.spi.Answer;
import io.penstock.spi.PluginLibrary.PluginTrial;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A version in a context of its own, beside the traffic: its log, its faults and its cost are the trial's. Confined to the
 * thread that opened it.
 */
@WorkerConfined
final class Trial implements AutoCloseable {
    private static final int LOG_LINES_MAX = 200;
    private static final int ROUNDS_MIN = 12_000;
    private static final int BATCH_ROUNDS = 200;
    private static final int STEADY_BATCHES = 5;
    private static final int CLOCK_FACTOR = 4;
    private static final int DRILLS = 200;

    // A request with everything that hooks often look for, so that few of their branches stay cold.
    private static final List<Map.Entry<String, String>> HEADERS = List.of(
            Map.entry("host", "sample.invalid"),
            Map.entry("accept", "application/json, text/html;q=0.9, */*;q=0.1"),
            Map.entry("accept-language", "en"),
            Map.entry("authorization", "Bearer sample.sample.sample"),
            Map.entry("content-type", "application/json"),
            Map.entry("cookie", "a=1; b=2"),
            Map.entry("user-agent", "sample/1.0"),
            Map.entry("x-forwarded-for", "192.0.2.1"));
    private static final byte[] BODY = "{\"id\": 1, \"items\": [1, 2, 3]}".getBytes(StandardCharsets.UTF_8);
    private static final PluginTrialRequest READING = sample("GET", "/orders/7?a=1&b=2", new byte[0], 200);
    private static final PluginTrialRequest WRITING = sample("POST", "/orders", BODY, 404);

    private static PluginTrialRequest sample(String method, String url, byte[] body, int status) {
        return new PluginTrialRequest("", "", "", "{}", method, url, HEADERS, body, status, HEADERS, BODY);
    }

    private final ScriptRuntime runtime;
    private final PluginVersion version;
    private final PluginLog log;
    private final SampleWorker worker = new SampleWorker();
    private final WorkerGauge gauge;
    private final WorkerScripts scripts;
    private final PluginFilter filter;

    /**
     * Opens the context and sets one binding up.
     *
     * @param config checked settings
     */
    Trial(ScriptRuntime runtime, PluginVersion tried, Settings config) throws ScriptRefusedException {
        this.runtime = runtime;
        this.log = new PluginLog(System::currentTimeMillis);
        log.hide(config.secrets());
        this.version = tried.apart(log);
        this.gauge = runtime.acquireGauge();
        this.scripts = new WorkerScripts(
                runtime,
                version,
                worker.id(),
                gauge,
                version.hasStore() ? new TrialStore(version.manifest().name()) : null);
        try {
            this.filter = new PluginFilter(
                    scripts,
                    scripts.open(config.json()),
                    OnFailure.CLOSED,
                    version.hooks().contains(Hook.AUTHENTICATE),
                    null);
        } catch (ScriptRefusedException refused) {
            runtime.release(gauge);
            throw refused;
        }
    }

    /** Runs a hook once. */
    PluginTrial run(Hook hook, PluginTrialRequest sample) {
        SampleExchange exchange = new SampleExchange(worker, sample, hook);
        List<String> before = lines(exchange);
        long startNs = System.nanoTime();
        Verdict verdict = verdict(hook, exchange);
        long cpuMicros = (System.nanoTime() - startNs) / 1_000;
        worker.turn();
        Optional<Answer> answer = Optional.empty();
        String outcome = exchange.call().identity() != null ? "identified" : "continue";
        if (verdict instanceof Verdict.Answered answered) {
            outcome = "answered";
            answer = Optional.of(answered.answer());
        } else if (verdict == null || verdict instanceof Verdict.Failed) {
            outcome = "failed";
        }
        return new PluginTrial(
                outcome,
                before,
                lines(exchange),
                answer,
                Optional.of(version.lastFault()).filter(text -> !text.isEmpty()),
                log.last(LOG_LINES_MAX),
                insideMicros(hook, cpuMicros));
    }

    private List<String> lines(SampleExchange exchange) {
        return exchange.lines().stream().map(log::shown).toList();
    }

    @Nullable
    private Verdict verdict(Hook hook, SampleExchange exchange) {
        long ticket = worker.ticketToCome();
        Verdict verdict = filter.run(hook, exchange.subject(hook), exchange.call());
        return verdict instanceof Verdict.Suspended ? worker.await(ticket) : verdict;
    }

    // What the hook took on this thread; a hook that waited took less than went by.
    private long insideMicros(Hook hook, long wallMicros) {
        return Math.min(wallMicros, version.inside(hook).getMaxValue() / 1_000);
    }

    /**
     * Runs all hooks again and again, so that traffic meets compiled code: until they are steady, at most for a time on the
     * processor, and {@link #CLOCK_FACTOR} times as much on the clock.
     *
     * <p>Steady is when {@link #STEADY_BATCHES} batches in a row are no tenth faster than the fastest before them, by CPU
     * time, since a busy machine stretches the clock. Not before {@link #ROUNDS_MIN}, where a script engine has taken its
     * last decision to compile: until then steady code is slow code.
     */
    void warmUp(long forNs) {
        drill();
        ThreadMeter meter = ThreadMeter.ofThisJvm();
        long thread = Thread.currentThread().threadId();
        long startNs = System.nanoTime();
        long startCpuNs = meter.cpuNs(thread);
        long fastestNs = Long.MAX_VALUE;
        int steady = 0;
        for (int rounds = 0; rounds < ROUNDS_MIN || steady < STEADY_BATCHES; rounds += BATCH_ROUNDS) {
            long beforeNs = meter.cpuNs(thread);
            for (int i = 0; i < BATCH_ROUNDS; i++) {
                // What leaks with every request leaks with every sample, and a batch of them may be all the heap that
                // is left.
                if (System.nanoTime() - startNs >= forNs * CLOCK_FACTOR
                        || version.quarantine().strikes(startNs) > 0
                        || runtime.isHeapFull()) {
                    return;
                }
                runAll(i % 2 == 0 ? READING : WRITING);
            }
            long nowNs = meter.cpuNs(thread);
            if (nowNs - startCpuNs >= forNs) {
                return;
            }
            long batchNs = nowNs - beforeNs;
            steady = batchNs > fastestNs / 10 * 9 ? steady + 1 : 0;
            fastestNs = Math.min(fastestNs, batchNs);
        }
    }

    // Samples seldom make a hook answer, and the first answer ever given took a worker 250 ms.
    private void drill() {
        LiveContext context = scripts.live(worker);
        for (int i = 0; i < DRILLS && context != null && !context.isBroken(); i++) {
            SampleExchange exchange = new SampleExchange(worker, READING, Hook.ON_REQUEST);
            context.drill(new ScriptCall(
                    context,
                    version.manifest().name(),
                    exchange.call(),
                    exchange.subject(Hook.ON_REQUEST),
                    new ExchangeBudget()));
            worker.turn();
        }
    }

    private void runAll(PluginTrialRequest sample) {
        for (Hook hook : version.hooks()) {
            if (hook != Hook.SETUP) {
                SampleExchange exchange = new SampleExchange(worker, sample, hook);
                filter.run(hook, exchange.subject(hook), exchange.call());
            }
        }
        worker.turn();
    }

    @Override
    public void close() {
        filter.close();
        worker.turn();
        runtime.release(gauge);
    }
}
