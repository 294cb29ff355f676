package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.budget.FaultCode;
import io.penstock.plugin.budget.HookMeter;
import io.penstock.plugin.budget.WorkerGauge;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptContext;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.plugin.kv.KeyValues;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.FilterWorker.Scheduled;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One version on one worker, for all bindings that were opened together: the context they share, the calls that wait in
 * it, and how a new one comes when it was ended. The old one is dropped at once; the new one is made beside the traffic
 * and posted to the worker, and until it is there calls end by {@code onFailure}.
 */
@WorkerConfined
final class WorkerScripts {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerScripts.class);
    // A context that goes on serving until the next is there.
    private record Renewal(LiveContext context, FaultCode code, Runnable closed, Scheduled deadline) {}

    private final ScriptRuntime runtime;
    private final PluginVersion version;
    private final WorkerId id;
    private final WorkerGauge gauge;
    private final @Nullable KeyValues store;
    private final ScriptClock clock;
    private final EnumMap<Hook, HookMeter> meters;
    private final List<String> configs = new ArrayList<>();
    private final Long2ObjectHashMap<WaitingCall> waiting = new Long2ObjectHashMap<>();
    private @Nullable LiveContext live;
    // What others may ask of the context that serves.
    private volatile @Nullable ScriptContext served;
    private volatile @Nullable FilterWorker worker;
    private int openBindings;
    private boolean isRemaking;
    private @Nullable Renewal renewal;
    private boolean isClosed;

    /**
     * Makes one without a binding.
     *
     * @param gauge of the worker
     * @param store the plugin's store, if it has one here
     */
    WorkerScripts(
            ScriptRuntime runtime, PluginVersion version, WorkerId id, WorkerGauge gauge, @Nullable KeyValues store) {
        this(runtime, version, id, gauge, store, ScriptClock.SYSTEM);
    }

    /** Makes one whose scripts read another clock. */
    WorkerScripts(
            ScriptRuntime runtime,
            PluginVersion version,
            WorkerId id,
            WorkerGauge gauge,
            @Nullable KeyValues store,
            ScriptClock clock) {
        this.clock = clock;
        this.gauge = gauge;
        this.store = store;
        this.runtime = runtime;
        this.version = version;
        this.id = id;
        this.meters = version.metersOf(id.index());
    }

    /** Adds a binding to the context, opening it for the first. On the preparation thread, before any worker knows. */
    int open(String config) throws ScriptRefusedException {
        LiveContext context = live;
        if (context == null) {
            context = LiveContext.open(runtime, version, store, clock, this::broken);
            live = context;
        }
        try {
            context.bind(config);
        } catch (ScriptRefusedException refused) {
            if (openBindings == 0) {
                close();
            }
            throw refused;
        }
        configs.add(config);
        openBindings++;
        return configs.size() - 1;
    }

    PluginVersion version() {
        return version;
    }

    /** The context, for a hook that is about to be called; null while there is none. On the worker. */
    @Nullable
    LiveContext live(FilterWorker serving) {
        LiveContext context = live;
        if (context == null || context.isBroken()) {
            worker = serving;
            if (context == null) {
                remake();
            }
            return null;
        }
        if (!context.isServing()) {
            worker = serving;
            context.finish(gauge);
            context.serve(serving, this::settled, this::spent);
            served = context.script();
        }
        return context;
    }

    /** What counts the cost of a hook on this worker. */
    HookMeter meter(Hook hook) {
        return Objects.requireNonNull(meters.get(hook));
    }

    /** Notes that an exchange waits for a call's promise. */
    void await(long ticket, WaitingCall call) {
        FilterWorker serving = Objects.requireNonNull(worker);
        call.call().ticket(ticket);
        call.timeout(serving.schedule(version.manifest().limits().wallMs() * 1_000_000L, () -> timedOut(ticket)));
        waiting.put(ticket, call);
    }

    private void settled(ScriptCall call) {
        WaitingCall ended = call.ticket() < 0 ? null : waiting.get(call.ticket());
        if (ended != null && ended.call() == call) {
            resume(call.ticket(), ended, call.settledOutcome());
        }
    }

    private void resume(long ticket, WaitingCall ended, int outcome) {
        waiting.remove(ticket);
        ended.cancelTimeout();
        long waitedNs = ended.waitedNs();
        meter(ended.hook()).waited(waitedNs);
        Verdict verdict = ended.filter().verdict(ended.hook(), ended.call(), outcome, waitedNs);
        Hook next = verdict instanceof Verdict.Continue ? ended.filter().follows(ended.hook()) : null;
        LiveContext context = live;
        if (next != null && context != null && !context.isBroken()) {
            goOn(ticket, ended, next, context);
        } else {
            Objects.requireNonNull(worker).resume(ticket, verdict);
        }
    }

    // The next hook of an exchange that waits already: under the same ticket.
    private void goOn(long ticket, WaitingCall ended, Hook hook, LiveContext context) {
        ScriptCall call = ended.again(context);
        WaitingCall next = ended.next(hook, call);
        int outcome = ended.filter().enter(context, hook, call);
        if (outcome == ScriptCall.WAITS && call.settledOutcome() == ScriptCall.WAITS) {
            await(ticket, next);
        } else {
            resume(ticket, next, outcome == ScriptCall.WAITS ? call.settledOutcome() : outcome);
        }
    }

    // Outside of its hook, by its timers and replies.
    private void spent(ScriptCall call) {
        call.giveUp();
        WaitingCall ended = call.ticket() < 0 ? null : waiting.get(call.ticket());
        if (ended == null || ended.call() != call) {
            version.fault(
                    FaultCode.REQUEST_CPU_BUDGET.code(),
                    "",
                    "what a hook left running has used up limits.requestCpuMs of its exchange");
            return;
        }
        waiting.remove(call.ticket());
        ended.cancelTimeout();
        String text = "the exchange has used up limits.requestCpuMs";
        meter(ended.hook()).failed();
        version.fault(FaultCode.REQUEST_CPU_BUDGET.code(), ended.requestId(), text);
        Objects.requireNonNull(worker).resume(call.ticket(), ended.failed(FaultCode.REQUEST_CPU_BUDGET.code(), text));
    }

    private void timedOut(long ticket) {
        WaitingCall late = waiting.remove(ticket);
        if (late != null) {
            String requestId = late.requestId();
            late.call().abandon();
            String text = late.hook().member() + " has not settled its promise after "
                    + version.manifest().limits().wallMs() + " ms";
            meter(late.hook()).failed();
            version.fault(FaultCode.WALL_BUDGET.code(), requestId, text);
            Objects.requireNonNull(worker).resume(ticket, late.failed(FaultCode.WALL_BUDGET.code(), text));
        }
    }

    /** Nobody waits for a ticket any more. */
    void cancelled(long ticket) {
        WaitingCall given = waiting.remove(ticket);
        if (given != null) {
            given.cancelTimeout();
            given.cancelled();
            given.call().abandon();
        }
    }

    /** The context was ended by its watchdog, its own statement count or a defect. On the worker, outside of scripts. */
    void broken(LiveContext context) {
        if (live != context) {
            return;
        }
        drop(context);
        version.strike(context.brokenCode());
        if (!isClosed && !version.quarantine().isActive()) {
            remake();
        }
        endWaiting(context.brokenCode());
    }

    /** As {@link #broken}, but inside a hook of the exchange whose call ended it: the others are told when it is over. */
    void brokenInside(LiveContext context) {
        if (live == context) {
            Objects.requireNonNull(worker).post(() -> broken(context));
        }
    }

    // Nothing may hold what it keeps any more, or it would not be given back.
    private void drop(LiveContext context) {
        live = null;
        served = null;
        gauge.forget(context.script());
        context.dispose();
    }

    /** About how much the present context has allocated. Any thread. */
    long allocatedBytes() {
        ScriptContext context = served;
        return context == null ? 0 : context.allocatedBytes();
    }

    /**
     * Puts a new context in the place of the present one, which is dropped with all it keeps as soon as the new one is
     * there, and after the grace in any case. Hooks go on meanwhile; calls that wait in the old one end as if
     * it had been stopped. That is no strike. Any thread.
     *
     * @param code for the calls that wait
     * @param graceNs how long the old one may serve at most
     * @param closed is run when the old one is closed, or at once where nothing has been entered yet
     */
    void renew(FaultCode code, long graceNs, Runnable closed) {
        FilterWorker serving = worker;
        if (serving == null) {
            closed.run();
        } else {
            serving.post(() -> beginRenewal(serving, code, graceNs, closed));
        }
    }

    private void beginRenewal(FilterWorker serving, FaultCode code, long graceNs, Runnable closed) {
        LiveContext context = live;
        // One that is broken is on its way out already.
        if (context == null || context.isBroken() || renewal != null) {
            runtime.prepare(closed);
            return;
        }
        renewal = new Renewal(context, code, closed, serving.schedule(graceNs, this::endRenewal));
        remake();
        if (!isRemaking) {
            endRenewal();
        }
    }

    /** Ends the grace of {@link #renew}, if it has not ended. Any thread. */
    void hurry() {
        FilterWorker serving = worker;
        if (serving != null) {
            serving.post(this::endRenewal);
        }
    }

    private void endRenewal() {
        Renewal ending = renewal;
        if (ending == null) {
            return;
        }
        renewal = null;
        ending.deadline().cancel();
        if (live == ending.context()) {
            drop(ending.context());
        }
        // Behind what closes the context, on the same thread.
        runtime.prepare(ending.closed());
        endWaiting(ending.code().code());
    }

    private void endWaiting(String code) {
        List<Long> tickets = new ArrayList<>(waiting.keySet());
        boolean mayRepeat = version.manifest().isRepeatable() && isRemaking;
        for (long ticket : tickets) {
            WaitingCall victim = waiting.get(ticket);
            if (victim == null) {
                continue;
            }
            victim.call().giveUp();
            if (!mayRepeat || victim.isRepeated()) {
                waiting.remove(ticket);
                victim.cancelTimeout();
                Objects.requireNonNull(worker).resume(ticket, victim.failed(code, "its context was ended"));
            }
        }
    }

    private void remake() {
        FilterWorker serving = worker;
        if (isRemaking || isClosed || serving == null || version.quarantine().isActive()) {
            return;
        }
        isRemaking = true;
        List<String> wanted = List.copyOf(configs);
        runtime.prepare(() -> {
            LiveContext made = null;
            try {
                made = LiveContext.open(runtime, version, store, clock, this::broken);
                for (String config : wanted) {
                    made.bind(config);
                }
                LiveContext whole = made;
                serving.post(() -> adopt(whole));
            } catch (ScriptRefusedException | RuntimeException failed) {
                LOG.error(
                        "plugin {} could not be started again on worker {}",
                        version.manifest().id(),
                        id.index(),
                        failed);
                if (made != null) {
                    made.dispose();
                }
                version.strike(FaultCode.NOT_STARTED_AGAIN.code());
                serving.post(() -> {
                    isRemaking = false;
                    endRenewal();
                    endWaiting(FaultCode.NOT_STARTED_AGAIN.code());
                });
            }
        });
    }

    private void adopt(LiveContext made) {
        endRenewal();
        isRemaking = false;
        if (isClosed) {
            made.dispose();
            return;
        }
        live = made;
        LiveContext context = live(Objects.requireNonNull(worker));
        for (long ticket : new ArrayList<>(waiting.keySet())) {
            WaitingCall again = waiting.get(ticket);
            if (again != null && context != null) {
                repeat(ticket, again, context);
            }
        }
    }

    private void repeat(long ticket, WaitingCall before, LiveContext context) {
        ScriptCall call = before.again(context);
        call.ticket(ticket);
        int outcome = before.filter().enter(context, before.hook(), call);
        if (outcome == ScriptCall.WAITS && call.settledOutcome() == ScriptCall.WAITS) {
            return;
        }
        resume(ticket, before, outcome == ScriptCall.WAITS ? call.settledOutcome() : outcome);
    }

    /** One binding fewer; the last closes the context. On the worker, or anywhere if no worker has ever entered. */
    void release() {
        if (--openBindings == 0) {
            close();
        }
    }

    private void close() {
        isClosed = true;
        runtime.tenants().remove(this);
        LiveContext context = live;
        if (context != null) {
            drop(context);
        }
        endRenewal();
    }
}
