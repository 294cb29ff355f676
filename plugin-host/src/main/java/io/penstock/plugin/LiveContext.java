package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.bridge.HostRealm;
import io.penstock.plugin.bridge.ScriptCall;
import io.penstock.plugin.bridge.ScriptGrants;
import io.penstock.plugin.bridge.ScriptHost;
import io.penstock.plugin.budget.FaultCode;
import io.penstock.plugin.budget.WorkerGauge;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.js.ScriptContext;
import io.penstock.plugin.js.ScriptRefusedException;
import io.penstock.plugin.kv.KeyValues;
import io.penstock.plugin.kv.WorkerStore;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.FilterWorker.Scheduled;
import io.penstock.spi.Outbound;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * A context with its life around it: prepared on one thread, then entered by one worker, in both under a budget.
 *
 * <p>Entries do not nest, and nothing outside of the script moves while the script runs: what it sets off (a settled
 * promise, a reply that is there at once) waits in {@code after} until it has been left.
 */
@WorkerConfined
final class LiveContext implements ScriptHost {
    private static final long MS = 1_000_000;
    // Shorter entries keep no worker for a time that its other exchanges would notice.
    private static final long STALL_NS = MS;

    private final ScriptRuntime runtime;
    private final PluginVersion version;
    private final Manifest.Limits limits;
    private final ScriptGrants grants;
    private final @Nullable WorkerStore store;
    private final HostRealm realm;
    private final ScriptContext script;
    private final EntryThread thread = new EntryThread();
    private final List<EnumMap<Hook, Value>> bindings = new ArrayList<>();
    private final Deque<Runnable> after = new ArrayDeque<>();
    private final Consumer<LiveContext> onBroken;
    private final ScriptClock clock;
    private final BudgetedEntries entries;
    private boolean isDrainPosted;
    private boolean isBroken;
    private String brokenCode = "";
    private @Nullable Consumer<ScriptCall> onSettled;
    private @Nullable Consumer<ScriptCall> onSpent;

    private LiveContext(
            ScriptRuntime runtime,
            PluginVersion version,
            @Nullable KeyValues shared,
            ScriptClock clock,
            Consumer<LiveContext> onBroken) {
        Manifest manifest = version.manifest();
        this.runtime = runtime;
        this.version = version;
        this.onBroken = onBroken;
        this.clock = clock;
        this.limits = manifest.limits();
        this.grants = manifest.grants();
        this.store = shared == null ? null : new WorkerStore(shared, thread::post, clock.nowNs());
        this.realm = new HostRealm(this, limits.subrequests());
        this.script = ScriptContext.open(runtime.engine(), version.scripts(), realm);
        this.entries = new BudgetedEntries(script, version, runtime.options(), runtime.acquireGauge());
        version.contexts().incrementAndGet();
    }

    /**
     * Opens a context and loads the module. On a thread that may take long.
     *
     * @param store the plugin's store, if it has one here
     * @param clock what its scripts read
     * @param onBroken hears, once and outside of the script, that the context was ended
     */
    static LiveContext open(
            ScriptRuntime runtime,
            PluginVersion version,
            @Nullable KeyValues store,
            ScriptClock clock,
            Consumer<LiveContext> onBroken)
            throws ScriptRefusedException {
        LiveContext context = new LiveContext(runtime, version, store, clock, onBroken);
        try {
            context.prepare(context.script::load);
            return context;
        } catch (ScriptRefusedException | RuntimeException refused) {
            context.dispose();
            throw refused;
        }
    }

    private void prepare(BudgetedEntries.Preparation task) throws ScriptRefusedException {
        entries.prepare(task);
        drain();
    }

    /** Adds a binding and runs its setup. On the preparation thread. */
    void bind(String config) throws ScriptRefusedException {
        int index = bindings.size();
        EnumMap<Hook, Value> functions = new EnumMap<>(Hook.class);
        StringBuilder outcome = new StringBuilder();
        boolean[] isDone = {false};
        prepare(() -> {
            script.bind(config);
            for (Hook hook : script.hooks()) {
                if (hook != Hook.SETUP) {
                    functions.put(hook, script.entry(index, hook));
                }
            }
            script.setup(index, fault -> {
                outcome.append(fault);
                isDone[0] = true;
            });
        });
        bindings.add(functions);
        long deadlineNs = System.nanoTime() + runtime.options().setupMs() * MS;
        if (!thread.runUntil(() -> isDone[0] || isBroken, deadlineNs)) {
            throw new ScriptRefusedException(
                    "setup has not ended after " + runtime.options().setupMs() + " ms");
        }
        if (isBroken) {
            throw new ScriptRefusedException("setup was stopped: " + brokenCode);
        }
        if (!outcome.isEmpty()) {
            throw new ScriptRefusedException("setup failed: " + version.stacks().of(outcome.toString()));
        }
    }

    /** What its entries used. */
    BudgetedEntries entries() {
        return entries;
    }

    ScriptContext script() {
        return script;
    }

    /** Ends the preparation: from now on a worker enters, under its gauge. */
    void finish(WorkerGauge workersGauge) {
        runtime.release(entries.handOver(workersGauge));
    }

    /**
     * Says which worker enters. On that worker, before its first entry.
     *
     * @param settledListener hears of settled promises
     * @param spentListener hears of calls that used up their exchange's budget outside of a hook, and have been given up
     */
    void serve(FilterWorker serving, Consumer<ScriptCall> settledListener, Consumer<ScriptCall> spentListener) {
        onSettled = settledListener;
        onSpent = spentListener;
        thread.handOver(serving);
    }

    boolean isServing() {
        return thread.isWorker();
    }

    boolean isBroken() {
        return isBroken;
    }

    /** Why the context was ended; the stable code of a fault. */
    String brokenCode() {
        return brokenCode;
    }

    /** Calls a hook; gives its outcome, {@link ScriptCall#FAILED} also where the context was ended under it. */
    int call(int binding, Hook hook, ScriptCall call, long cpuBudgetNs) {
        return call(Objects.requireNonNull(bindings.get(binding).get(hook)), call, cpuBudgetNs);
    }

    /** Answers a call in the plugin's place, each time in another way. */
    int drill(ScriptCall call) {
        return call(script.drill(), call, limits.cpuMs() * MS);
    }

    private int call(Value function, ScriptCall call, long cpuBudgetNs) {
        entries.begin(cpuBudgetNs);
        realm.current(call);
        int outcome;
        try {
            outcome = function.execute(call, call.about()).asInt();
        } catch (PolyglotException thrown) {
            outcome = thrown(thrown, call);
        } finally {
            realm.current(null);
            end();
        }
        // The exchange that calls is not to be met again inside its own hook.
        if (!after.isEmpty()) {
            postDrain();
        }
        return outcome;
    }

    private void end() {
        long wallNs = entries.end();
        if (wallNs > STALL_NS && thread.isWorker()) {
            version.stalled(wallNs);
        }
    }

    // What left the context: the end of it, or an exception that no script can catch.
    private int thrown(PolyglotException thrown, @Nullable ScriptCall call) {
        String text = entries.textOf(thrown);
        String code = entries.endedBy(thrown);
        if (code != null) {
            isBroken = true;
            brokenCode = code;
        } else if (thrown.isResourceExhausted()) {
            text = "RangeError: the stack or the heap is exhausted";
        }
        return call == null ? ScriptCall.FAILED : call.failed(text);
    }

    // A piece of script from the loop itself: a timer, a reply. Many short ones would keep the worker as long as one
    // that
    // is long: they take from what their exchange has, those of no exchange from what the context has each second.
    private void enter(@Nullable ScriptCall owner, Runnable piece) {
        if (isBroken) {
            return;
        }
        if (entries.isSpent(owner, thread.isWorker())) {
            spent(owner);
            return;
        }
        entries.begin(limits.cpuMs() * MS);
        realm.current(owner);
        try {
            piece.run();
        } catch (PolyglotException thrown) {
            thrown(thrown, null);
            version.fault(isBroken ? brokenCode : FaultCode.THREW.code(), "", entries.textOf(thrown));
        } finally {
            realm.current(null);
            end();
            entries.charge(owner, thread.isWorker());
        }
        drain();
    }

    private void spent(@Nullable ScriptCall owner) {
        if (owner == null) {
            isBroken = true;
            brokenCode = FaultCode.BACKGROUND_CPU_BUDGET.code();
            version.fault(
                    brokenCode,
                    "",
                    "timers of no request used up " + limits.requestCpuMs() + " ms of CPU time within a second");
            drain();
            return;
        }
        realm.forget(owner);
        Consumer<ScriptCall> listener = onSpent;
        if (listener != null) {
            listener.accept(owner);
        }
    }

    private void enterUnlessAbandoned(@Nullable ScriptCall owner, Runnable piece) {
        if (owner == null || !owner.isAbandoned()) {
            enter(owner, piece);
        }
    }

    private void drain() {
        isDrainPosted = false;
        for (Runnable task = after.poll(); task != null; task = after.poll()) {
            task.run();
        }
        if (isBroken) {
            onBroken.accept(this);
        }
    }

    /** Runs soon, outside of hooks, what is left to do; also tells of the context's end. */
    void postDrain() {
        FilterWorker serving = thread.worker();
        if (serving != null && !isDrainPosted) {
            isDrainPosted = true;
            serving.post(this::drain);
        }
    }

    /** Closes the context, beside the traffic. */
    void dispose() {
        if (!thread.isWorker()) {
            runtime.release(entries.gauge());
        }
        realm.close();
        isBroken = true;
        version.contexts().decrementAndGet();
        runtime.prepare(script::stop);
    }

    @Override
    public void log(String level, String requestId, String text) {
        version.log().add(level, requestId, text);
    }

    @Override
    public void count(String name, double by) {
        version.count(name, by);
    }

    @Override
    public long nowNs() {
        return clock.nowNs().getAsLong();
    }

    @Override
    public double ownEpochMs() {
        return clock.isMoved() ? clock.epochMs().getAsLong() : Double.NaN;
    }

    @Override
    public Scheduled schedule(long delayNs, @Nullable ScriptCall owner, Runnable piece) {
        return thread.schedule(delayNs, () -> {
            if (owner != null && owner.isAbandoned()) {
                realm.forget(owner);
            } else {
                enter(owner, piece);
            }
        });
    }

    @Override
    public void soon(@Nullable ScriptCall owner, Runnable piece) {
        if (entries.isInside()) {
            after.add(() -> enterUnlessAbandoned(owner, piece));
        } else {
            enterUnlessAbandoned(owner, piece);
        }
    }

    @Override
    public void post(@Nullable ScriptCall owner, Runnable piece) {
        thread.post(() -> enterUnlessAbandoned(owner, piece));
    }

    @Override
    public void offload(Runnable work) {
        runtime.offload(work);
    }

    @Override
    @Nullable
    public Outbound outbound() {
        FilterWorker serving = thread.worker();
        return serving == null ? null : serving.outbound();
    }

    @Override
    public ScriptGrants grants() {
        return grants;
    }

    @Override
    @Nullable
    public WorkerStore store() {
        return store;
    }

    @Override
    public void settled(ScriptCall call) {
        Consumer<ScriptCall> listener = onSettled;
        if (listener != null) {
            after.add(() -> listener.accept(call));
        }
    }
}
