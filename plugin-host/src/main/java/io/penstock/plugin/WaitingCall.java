package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.HookOutcome;
import io.penstock.plugin.bridge.CallSubject;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.bridge.ScriptHost;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker.Scheduled;
import io.penstock.spi.Verdict;

/** A call whose exchange waits for its promise. */
@WorkerConfined
final class WaitingCall {
    private final PluginFilter filter;
    private final Hook hook;
    private final FilterCall exchange;
    private final CallSubject subject;
    private final long startNs;
    private ScriptCall call;
    private Scheduled timeout = () -> {};
    private boolean isRepeated;

    WaitingCall(
            PluginFilter filter, Hook hook, FilterCall exchange, CallSubject subject, ScriptCall call, long startNs) {
        this.filter = filter;
        this.hook = hook;
        this.exchange = exchange;
        this.subject = subject;
        this.call = call;
        this.startNs = startNs;
    }

    PluginFilter filter() {
        return filter;
    }

    Hook hook() {
        return hook;
    }

    ScriptCall call() {
        return call;
    }

    String requestId() {
        return exchange.requestId();
    }

    /** Whether it ran a second time; it does not run a third. */
    boolean isRepeated() {
        return isRepeated;
    }

    /** The same call for another context. */
    ScriptCall again(ScriptHost host) {
        isRepeated = true;
        call = new ScriptCall(host, filter.pluginName(), exchange, subject, call.budget());
        return call;
    }

    /** The next hook of the same exchange. */
    WaitingCall next(Hook following, ScriptCall nextCall) {
        return new WaitingCall(filter, following, exchange, subject, nextCall, System.nanoTime());
    }

    /** It ended without an outcome of its own: says so to the trail, and what becomes of its exchange. */
    Verdict failed(String code, String why) {
        filter.tellCost(hook, call.budget(), exchange, waitedNs(), HookOutcome.FAILED, code);
        return filter.onFailure(code, why);
    }

    /** Its exchange ended first: says so to the trail. */
    void cancelled() {
        filter.tellCost(hook, call.budget(), exchange, waitedNs(), HookOutcome.CANCELLED, "");
    }

    /** How long its exchange has waited so far. */
    long waitedNs() {
        return System.nanoTime() - startNs;
    }

    void timeout(Scheduled scheduled) {
        timeout = scheduled;
    }

    void cancelTimeout() {
        timeout.cancel();
    }
}
