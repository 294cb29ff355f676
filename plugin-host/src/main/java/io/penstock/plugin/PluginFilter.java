package io.penstock.plugin;

import io.penstock.config.OnFailure;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.HookOutcome;
import io.penstock.metrics.Reason;
import io.penstock.plugin.bridge.CallSubject;
import io.penstock.plugin.bridge.ExchangeBudget;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.budget.FaultCode;
import io.penstock.plugin.budget.HookMeter;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One binding of a plugin on one worker: each hook of the gateway becomes a call into the script. */
@WorkerConfined
final class PluginFilter implements Filter {
    private static final long MS = 1_000_000;

    private final WorkerScripts scripts;
    private final PluginVersion version;
    private final byte[] idBytes;
    private final int binding;
    private final @Nullable CanaryWatch watch;
    private final OnFailure onFailure;
    private final boolean isAuthenticator;
    private final EnumSet<Hook> hooks;
    private final BodyGate gate;
    private final long entryCpuNs;
    private final long requestCpuNs;

    /**
     * Makes one.
     *
     * @param watch hears how its calls went, if it is a canary
     */
    PluginFilter(
            WorkerScripts scripts,
            int binding,
            OnFailure onFailure,
            boolean isAuthenticator,
            @Nullable CanaryWatch watch) {
        this.watch = watch;
        this.scripts = scripts;
        this.version = scripts.version();
        this.idBytes = version.manifest().id().getBytes(StandardCharsets.US_ASCII);
        this.binding = binding;
        this.onFailure = onFailure;
        this.isAuthenticator = isAuthenticator;
        this.hooks = EnumSet.noneOf(Hook.class);
        this.hooks.addAll(version.hooks());
        this.gate = new BodyGate(version.manifest().body());
        this.entryCpuNs = version.manifest().limits().cpuMs() * MS;
        this.requestCpuNs = version.manifest().limits().requestCpuMs() * MS;
    }

    boolean has(Hook hook) {
        return hooks.contains(hook);
    }

    private boolean hasRequestHook() {
        return isAuthenticator || has(Hook.ON_REQUEST) || has(Hook.FETCH);
    }

    String pluginName() {
        return version.manifest().name();
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        if (gate.isNeeded()) {
            if (has(Hook.ON_RESPONSE_BODY) || has(Hook.ON_RESPONSE)) {
                gate.ask(request.fields());
            }
            if (has(Hook.ON_REQUEST_BODY) && !isShown(request.fields(), call)) {
                return codedBody(Hook.ON_REQUEST_BODY, call);
            }
        }
        return hasRequestHook() ? runRequest(request, call) : Verdict.CONTINUE;
    }

    private Verdict runRequest(RequestView request, FilterCall call) {
        CallSubject subject = CallSubject.of(request);
        if (isAuthenticator) {
            return run(Hook.AUTHENTICATE, subject, call);
        }
        if (!hooks.contains(Hook.ON_REQUEST)) {
            return run(Hook.FETCH, subject, call);
        }
        Verdict verdict = run(Hook.ON_REQUEST, subject, call);
        return verdict instanceof Verdict.Continue && follows(Hook.ON_REQUEST) != null
                ? run(Hook.FETCH, subject, call)
                : verdict;
    }

    /** The hook that runs where another has nothing against going on; null for none. */
    @Nullable
    Hook follows(Hook hook) {
        return hook == Hook.ON_REQUEST && hooks.contains(Hook.FETCH) ? Hook.FETCH : null;
    }

    @Override
    public Verdict onUpstreamRequest(RequestView request, EndpointView endpoint, FilterCall call) {
        return run(Hook.ON_UPSTREAM_REQUEST, new CallSubject(request, null, endpoint, null, null, null, null), call);
    }

    @Override
    public Verdict onResponse(ResponseView response, FilterCall call) {
        if (gate.isNeeded() && has(Hook.ON_RESPONSE_BODY) && !isShown(response.fields(), call)) {
            return codedBody(Hook.ON_RESPONSE_BODY, call);
        }
        if (!has(Hook.ON_RESPONSE)) {
            return Verdict.CONTINUE;
        }
        return run(Hook.ON_RESPONSE, new CallSubject(call.request(), response, null, null, null, null, null), call);
    }

    // False for a body that may go on neither shown nor unseen.
    private boolean isShown(Fields head, FilterCall call) {
        BodyGate.Outcome outcome = gate.of(head);
        if (outcome != BodyGate.Outcome.SHOWN) {
            call.skipBody();
        }
        return outcome != BodyGate.Outcome.CODED;
    }

    private Verdict codedBody(Hook hook, FilterCall exchange) {
        return notCalled(
                hook,
                exchange,
                FaultCode.CODED_BODY,
                "the plugin wants the body decoded (body.decode), and its coding is none that the gateway can undo");
    }

    @Override
    public Verdict onRequestBody(BodyChunk chunk, FilterCall call) {
        budget(call).shown(chunk.length());
        return run(Hook.ON_REQUEST_BODY, new CallSubject(call.request(), null, null, chunk, null, null, null), call);
    }

    @Override
    public Verdict onResponseBody(BodyChunk chunk, FilterCall call) {
        budget(call).shown(chunk.length());
        return run(Hook.ON_RESPONSE_BODY, new CallSubject(call.request(), null, null, chunk, null, null, null), call);
    }

    @Override
    public Verdict onResponseTrailers(Fields trailers, FilterCall call) {
        return run(
                Hook.ON_RESPONSE_TRAILERS,
                new CallSubject(call.request(), null, null, null, trailers, null, null),
                call);
    }

    @Override
    public void onError(Reason reason, String detail, FilterCall call) {
        CallSubject.ErrorView error = new CallSubject.ErrorView(reason, detail);
        tell(Hook.ON_ERROR, new CallSubject(call.request(), null, null, null, null, error, null), call);
    }

    @Override
    public void onLog(ExchangeSummary summary, FilterCall call) {
        tell(Hook.ON_LOG, new CallSubject(call.request(), null, null, null, null, null, summary), call);
    }

    /** Calls one hook and says what comes of it. */
    Verdict run(Hook hook, CallSubject subject, FilterCall exchange) {
        if (version.quarantine().isActive()) {
            return notCalled(hook, exchange, FaultCode.QUARANTINED, "it is in quarantine");
        }
        LiveContext context = scripts.live(exchange.worker());
        if (context == null) {
            return notCalled(hook, exchange, FaultCode.STARTING_AGAIN, "its context is being made anew");
        }
        ScriptCall call = new ScriptCall(context, pluginName(), exchange, subject, budget(exchange));
        int outcome = enter(context, hook, call);
        if (outcome == ScriptCall.WAITS) {
            if (call.settledOutcome() == ScriptCall.WAITS) {
                scripts.await(
                        exchange.suspend(),
                        new WaitingCall(
                                this,
                                hook,
                                exchange,
                                subject,
                                call,
                                context.entries().enteredNs()));
                return Verdict.SUSPENDED;
            }
            outcome = call.settledOutcome();
        }
        return verdict(hook, call, outcome, 0);
    }

    private Verdict notCalled(Hook hook, FilterCall exchange, FaultCode code, String why) {
        version.notCalled(code.code());
        exchange.cost(idBytes, hook.memberBytes(), 0, 0, HookOutcome.FAILED, code.code());
        return onFailure(code.code(), why);
    }

    // Hooks that nobody waits for: a promise may settle when it likes.
    private void tell(Hook hook, CallSubject subject, FilterCall exchange) {
        LiveContext context = version.quarantine().isActive() ? null : scripts.live(exchange.worker());
        if (context != null) {
            ScriptCall call = new ScriptCall(context, pluginName(), exchange, subject, budget(exchange));
            int outcome = enter(context, hook, call);
            tellCost(hook, call.budget(), exchange, 0, outcome, call.faultCode());
            if (outcome == ScriptCall.FAILED) {
                fault(hook, call, exchange.requestId());
                if (watch != null) {
                    watch.failed();
                }
            }
            call.end();
        }
    }

    /** What the entry keeps with an exchange. */
    static ExchangeBudget budget(FilterCall exchange) {
        if (exchange.attachment() instanceof ExchangeBudget begun) {
            return begun;
        }
        ExchangeBudget budget = new ExchangeBudget();
        exchange.attach(budget);
        return budget;
    }

    /** Calls a hook inside its budgets. */
    int enter(LiveContext context, Hook hook, ScriptCall call) {
        HookMeter meter = scripts.meter(hook);
        call.meter(meter);
        ExchangeBudget budget = call.budget();
        if (budget.isSpent(requestCpuNs)) {
            call.broken(FaultCode.REQUEST_CPU_BUDGET.code());
            return call.failed("the exchange has used up limits.requestCpuMs");
        }
        int outcome = context.call(binding, hook, call, entryCpuNs);
        long ns = context.entries().lastCpuNs();
        budget.addCpu(ns, context.entries().wasYoung());
        meter.entered(ns);
        if (watch != null) {
            watch.entered(ns);
        }
        if (context.isBroken()) {
            call.broken(context.brokenCode());
            scripts.brokenInside(context);
        }
        return outcome;
    }

    private void tellCost(
            Hook hook, ExchangeBudget budget, FilterCall exchange, long waitedNs, int outcome, String code) {
        HookOutcome came = outcome == ScriptCall.FAILED
                ? HookOutcome.FAILED
                : outcome == ScriptCall.ANSWERED ? HookOutcome.ANSWERED : HookOutcome.CONTINUED;
        tellCost(hook, budget, exchange, waitedNs, came, came == HookOutcome.FAILED ? code : "");
    }

    /** Tells the trail what a call has cost. */
    void tellCost(
            Hook hook, ExchangeBudget budget, FilterCall exchange, long waitedNs, HookOutcome outcome, String code) {
        exchange.cost(idBytes, hook.memberBytes(), budget.takeUntoldNs(), waitedNs, outcome, code);
    }

    /**
     * What the outcome of a call means for its exchange; the call is over then.
     *
     * @param waitedNs how long the exchange waited for it; 0 if it did not
     */
    Verdict verdict(Hook hook, ScriptCall call, int outcome, long waitedNs) {
        FilterCall exchange = call.exchange();
        if (exchange != null) {
            tellCost(hook, call.budget(), exchange, waitedNs, outcome, call.faultCode());
        }
        Verdict verdict;
        if (outcome == ScriptCall.ANSWERED) {
            verdict = new Verdict.Answered(Objects.requireNonNull(call.answer()));
        } else if (outcome == ScriptCall.FAILED) {
            fault(hook, call, exchange == null ? "" : exchange.requestId());
            verdict = onFailure(
                    call.faultCode(),
                    hook.member() + ": " + firstLine(version.log().shown(call.failure())));
        } else {
            verdict = Verdict.CONTINUE;
        }
        call.end();
        return verdict;
    }

    private void fault(Hook hook, ScriptCall call, String requestId) {
        scripts.meter(hook).failed();
        version.fault(call.faultCode(), requestId, version.stacks().of(call.failure()));
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    /**
     * What happens to an exchange whose hook failed.
     *
     * @param code the stable code of the fault
     */
    Verdict onFailure(String code, String why) {
        if (watch != null) {
            watch.failed();
        }
        return onFailure == OnFailure.OPEN
                ? Verdict.CONTINUE
                : new Verdict.Failed(
                        Reason.FILTER_FAILED, "plugin " + version.manifest().id() + ": " + code + ": " + why, code);
    }

    @Override
    public void cancelled(long ticket) {
        scripts.cancelled(ticket);
    }

    @Override
    public void close() {
        scripts.release();
    }
}
