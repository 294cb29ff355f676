package io.penstock.plugin;

import io.penstock.config.OnFailure;
import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.budget.WorkerGauge;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.plugin.kv.TrialStore;
import io.penstock.spi.Answer;
import io.penstock.spi.PluginLibrary.PluginTrial;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.Verdict;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A version in a context of its own, beside the traffic: its log, its faults and its cost are the trial's. Confined to the
 * thread that opened it.
 */
@WorkerConfined
final class Trial implements AutoCloseable {
    private static final int LOG_LINES_MAX = 200;

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
        String outcome = exchange.isIdentified() ? "identified" : "continue";
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
        long ticket = exchange.ticketToCome();
        Verdict verdict = filter.run(hook, exchange.subject(hook), exchange);
        return verdict instanceof Verdict.Suspended ? worker.await(ticket) : verdict;
    }

    // What the hook took on this thread; a hook that waited took less than went by.
    private long insideMicros(Hook hook, long wallMicros) {
        return Math.min(wallMicros, version.inside(hook).getMaxValue() / 1_000);
    }

    /** Runs all hooks again and again for a time, so that traffic meets compiled code. */
    void warmUp(long forNs) {
        PluginTrialRequest sample = new PluginTrialRequest(
                "", "", "", "{}", "GET", "/", List.of(), new byte[0], 200, List.of(), new byte[0]);
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < forNs && version.quarantine().strikes(startNs) == 0) {
            for (Hook hook : version.hooks()) {
                if (hook != Hook.SETUP) {
                    SampleExchange exchange = new SampleExchange(worker, sample, hook);
                    filter.run(hook, exchange.subject(hook), exchange);
                }
            }
            worker.turn();
        }
    }

    @Override
    public void close() {
        filter.close();
        worker.turn();
        runtime.release(gauge);
    }
}
